// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/problem_name.h"
#include "harness/usage_error.h"

namespace breakeven {
namespace {

struct RouteFacts {
  std::string_view name;
  double touched;  // bytes read and written per byte that arrives; 0: the route has a latency alone
};
constexpr std::array<RouteFacts, 13> kFacts{{{"h2d_pageable", 1},
                                             {"h2d_pinned", 1},
                                             {"d2h_pageable", 1},
                                             {"d2h_pinned", 1},
                                             {"p2p", 1},
                                             {"memcpy", 2},
                                             {"first_touch", 1},
                                             {"launch", 0},
                                             {"launch_queued", 0},
                                             {"fork_join", 0},
                                             {"first_context", 0},
                                             {"first_library", 0},
                                             {"first_autotune", 0}}};
constexpr std::array<Route, 13> kAll{
    Route::h2d_pageable,  Route::h2d_pinned,    Route::d2h_pageable,  Route::d2h_pinned,    Route::p2p,
    Route::memcpy,        Route::first_touch,   Route::launch,        Route::launch_queued, Route::fork_join,
    Route::first_context, Route::first_library, Route::first_autotune};

const RouteFacts& facts_of(Route route) { return kFacts[static_cast<size_t>(route)]; }

}  // namespace

std::string_view name(Route route) { return facts_of(route).name; }
std::span<const Route> all_routes() { return kAll; }
bool has_bytes(Route route) { return facts_of(route).touched > 0; }

std::string Transfer::name() const {
  const std::string_view word = breakeven::name(route);
  return has_bytes(route) ? fmt::format("{}-b{}", word, bytes) : std::string(word);
}

Work Transfer::work() const { return {0, facts_of(route).touched * static_cast<double>(bytes)}; }

std::vector<ArrayShape> Transfer::operands() const {
  if (!has_bytes(route) || route == Route::first_touch) return {};
  return {{Element::u8, {bytes}}};
}

std::vector<ArrayShape> Transfer::results() const { return {{Element::u8, {has_bytes(route) ? bytes : 1}}}; }

Inputs Transfer::inputs(uint64_t seed) const {
  Inputs made;
  for (const ArrayShape& shape : operands()) {
    made.operands.push_back(shape.make());
    fill_uniform(made.operands.back(), Precision::u8, seed, 0);
  }
  return made;
}

std::optional<Transfer> parse_transfer(std::string_view text, Precision precision, std::string* why) {
  const std::string_view word = text.substr(0, text.find('-'));
  const auto* found = std::ranges::find(kFacts, word, &RouteFacts::name);
  if (found == kFacts.end()) {
    std::vector<std::string_view> known;
    for (const RouteFacts& facts : kFacts) known.push_back(facts.name);
    *why = fmt::format("'{}' does not begin with a route ({})", shown(text), fmt::join(known, ", "));
    return std::nullopt;
  }
  if (precision != Precision::u8) {
    *why = fmt::format("plain bytes are u8, not {}", breakeven::name(precision));
    return std::nullopt;
  }
  Transfer transfer{.route = kAll[static_cast<size_t>(found - kFacts.begin())]};
  text.remove_prefix(word.size());
  if (has_bytes(transfer.route)) {
    if (!take_word(text, "-")) {
      *why = fmt::format("'-b<number>' expected after '{}'", word);
      return std::nullopt;
    }
    if (!take_number(text, 'b', transfer.bytes, why, int64_t{1} << 40)) return std::nullopt;
  }
  if (!text.empty()) {
    *why = fmt::format("'{}' left over at the end", shown(text));
    return std::nullopt;
  }
  return transfer;
}

}  // namespace breakeven
