// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace breakeven {

/// Input that cannot be used: one sentence that says what, which value, what to do. Ends the command with
/// exit code 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A user's text as it may stand in a one-line message: cut after 60 bytes, control characters as '?'.
inline std::string shown(std::string_view text) {
  constexpr size_t kMost = 60;
  std::string line(text.substr(0, kMost));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return text.size() > kMost ? line + "..." : line;
}

}  // namespace breakeven
