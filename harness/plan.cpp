// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/plan.h"

namespace breakeven {

std::string_view name(Regime regime) { return regime == Regime::sustained ? "sustained" : "isolated"; }

std::optional<Regime> parse_regime(std::string_view text) {
  for (Regime regime : {Regime::sustained, Regime::isolated}) {
    if (name(regime) == text) return regime;
  }
  return std::nullopt;
}

}  // namespace breakeven
