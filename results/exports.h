// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <span>
#include <string_view>

#include "results/result_file.h"

namespace breakeven {

/// A format of another tool that results can be given in.
struct Export {
  std::string_view name, summary;  // "gbench", "JSON of Google Benchmark, for its compare.py"
  void (*write)(const ResultFile&, std::ostream&);
};

/// Every format there is: one file and one line each.
std::span<const Export> exports();
const Export* find_export(std::string_view name);

}  // namespace breakeven
