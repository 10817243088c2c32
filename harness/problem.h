// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <string>
#include <variant>

#include "harness/gemm.h"

namespace breakeven {

/// What every kind of problem offers. One that lacks a member fails here, with its name.
template <class P>
concept Benchmarkable = requires(const P& p, uint64_t seed) {
  { p.name() } -> std::same_as<std::string>;
  { p.work() } -> std::same_as<Work>;
  { p.inputs(seed) } -> std::same_as<Inputs>;
  { p.precision } -> std::convertible_to<Precision>;
};
template <Benchmarkable... P>
using OneOf = std::variant<P...>;

/// Every kind of problem there is. (One so far: a suite that adds another adds its name here.)
using Problem = OneOf<Gemm>;

inline std::string name(const Problem& p) {
  return std::visit([](const auto& x) { return x.name(); }, p);
}
inline Precision precision(const Problem& p) {
  return std::visit([](const auto& x) { return x.precision; }, p);
}
inline Work work(const Problem& p) {
  return std::visit([](const auto& x) { return x.work(); }, p);
}
inline Inputs inputs(const Problem& p, uint64_t seed) {
  return std::visit([&](const auto& x) { return x.inputs(seed); }, p);
}

/// Bytes of the operands and of the result of one execution, without making them.
struct Footprint {
  int64_t inputs = 0, output = 0;
};
Footprint footprint(const Problem&);

}  // namespace breakeven
