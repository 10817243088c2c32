// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/standings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>

namespace breakeven {
namespace {

/// The codes that answered for one contender; launches of one build share theirs.
std::set<std::string> codes(const RateTable& table, size_t contender) {
  std::set<std::string> found;
  for (const auto& row : table.cells) {
    const Record* record = row[contender].record;
    if (record && record->code && record->status != Status::skipped) found.insert(*record->code);
  }
  return found;
}

/// The kernel's name, which all records of a contender share.
std::string kernel_of(const RateTable& table, size_t contender) {
  for (const auto& row : table.cells) {
    if (row[contender].record) return row[contender].record->kernel;
  }
  return "";
}

}  // namespace

std::string standings(const RateTable& table, std::span<const Attestation> attested, Style style) {
  std::map<std::string, std::vector<std::string>> who;
  for (size_t c = 0; c < table.contenders.size(); ++c) {
    for (const std::string& code : codes(table, c)) {
      who[standing(attested, kernel_of(table, c), code)].push_back(shown(table.contenders[c], style));
    }
  }
  std::string out;
  for (const auto& [words, names] : who) {
    out += fmt::format("{}{}: {}\n", style == Style::markdown ? "\n" : "  ", shown(words, style),
                       fmt::join(names, ", "));
  }
  return out;
}

}  // namespace breakeven
