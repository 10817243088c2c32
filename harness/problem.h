// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <string>
#include <variant>

#include "harness/conv2d.h"
#include "harness/gemm.h"
#include "harness/memory_op.h"
#include "harness/train_task.h"
#include "harness/transfer.h"

namespace breakeven {

/// What every kind of problem offers. One that lacks a member fails here, with its name.
template <class P>
concept Benchmarkable = requires(const P& p, uint64_t seed) {
  { p.name() } -> std::same_as<std::string>;
  { p.work() } -> std::same_as<Work>;
  { p.operands() } -> std::same_as<std::vector<ArrayShape>>;
  { p.results() } -> std::same_as<std::vector<ArrayShape>>;
  { p.inputs(seed) } -> std::same_as<Inputs>;
  { p.precision } -> std::convertible_to<Precision>;
};
template <Benchmarkable... P>
using OneOf = std::variant<P...>;

/// Every kind of problem there is. A suite that asks for another adds its name here; then the compiler lists
/// what it lacks: how it is checked (check.cpp), judged (cpu_ref/judge.cpp) and recorded
/// (results/problem_json.cpp).
using Problem = OneOf<Gemm, Conv2d, MemoryOp, Transfer, TrainTask>;

inline std::string name(const Problem& p) {
  return std::visit([](const auto& x) { return x.name(); }, p);
}
inline Precision precision(const Problem& p) {
  return std::visit([](const auto& x) { return x.precision; }, p);
}
inline Work work(const Problem& p) {
  return std::visit([](const auto& x) { return x.work(); }, p);
}
inline std::vector<ArrayShape> operands(const Problem& p) {
  return std::visit([](const auto& x) { return x.operands(); }, p);
}
inline std::vector<ArrayShape> results(const Problem& p) {
  return std::visit([](const auto& x) { return x.results(); }, p);
}
inline Inputs inputs(const Problem& p, uint64_t seed) {
  return std::visit([&](const auto& x) { return x.inputs(seed); }, p);
}

/// Bytes of the operands and of the results of one execution, without making them.
struct Footprint {
  int64_t inputs = 0, output = 0;
};
inline Footprint footprint(const Problem& p) { return {bytes(operands(p)), bytes(results(p))}; }

}  // namespace breakeven
