// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace breakeven {

/// A data file of this folder as it was when the program was built.
struct BuiltinFile {
  std::string_view path;  // "suites/gemm/squares.toml"
  std::string_view text;
};

/// In the order of suites/meson.build. (Written by embed.py.)
std::span<const BuiltinFile> builtin_files();

}  // namespace breakeven
