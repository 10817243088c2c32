// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/case.h"

namespace breakeven {

/// How a value stands in a name: `k4096`; `+bias_relu`; `+scale8`, and nothing for 0; a first word and, when
/// anything follows, a dash: `fwd-`; a first word as it is: `gpt-synth-quick`.
enum class AxisKind : uint8_t { number, word, worded_number, leading, first };
enum class AxisNeed : uint8_t { required, optional };

/// One key of a suite's grids. The values of its keys, spelt one after the other, are a problem's name.
struct Axis {
  std::string_view key;
  AxisKind kind = AxisKind::number;
  AxisNeed need = AxisNeed::optional;
  std::string_view unspelt = {};  // the word that a name leaves out
};

/// What a suite asks, and how its problems are called.
struct Grammar {
  std::string_view suite;
  std::string_view question;
  std::string_view example;    // a problem's name, for messages
  std::span<const Axis> axes;  // in the order in which a name spells them
  std::optional<Problem> (*parse)(std::string_view problem, Precision, std::string* why);
  Asks asks = Asks::speed;
};

/// Every suite there is, in report order. A new suite is a new line in grammar.cpp.
std::span<const Grammar> grammars();
/// Null when there is none; then `*why` says so and names the nearest.
const Grammar* find_grammar(std::string_view suite, std::string* why);

}  // namespace breakeven
