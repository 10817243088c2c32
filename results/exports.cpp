// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/exports.h"

#include <algorithm>
#include <array>

#include "results/export_csv.h"
#include "results/export_gbench.h"

namespace breakeven {
namespace {

constexpr std::array<Export, 2> kExports{{
    {"gbench", "JSON of Google Benchmark, for its compare.py and whatever else reads that", export_gbench},
    {"csv", "a table with one row a result, for spreadsheets and data frames (RFC 4180)", export_csv},
}};

}  // namespace

std::span<const Export> exports() { return kExports; }

const Export* find_export(std::string_view name) {
  const auto* found = std::ranges::find(kExports, name, &Export::name);
  return found == kExports.end() ? nullptr : found;
}

}  // namespace breakeven
