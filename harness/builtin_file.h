// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace breakeven {

/// A data file of this repository as it was when the program was built. (scripts/embed.py writes them as
/// C++.)
struct BuiltinFile {
  std::string_view path;  // from the root: "suites/gemm/squares.toml"
  std::string_view text;
};

}  // namespace breakeven
