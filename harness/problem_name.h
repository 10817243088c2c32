// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// What the parsers of problem names share. A name is read from the left; what has been read is taken off.

namespace breakeven {

/// Keeps every product of extents and every byte count far from overflow, with the check on elements below.
inline constexpr int64_t kLargestExtent = int64_t{1} << 24;
/// No operand or result has more elements.
inline constexpr double kMostElements = 0x1p40;

/// Takes `<letter><whole number from least to most>` off the front of `text`; false, with the reason, when it
/// does not stand there.
bool take_number(std::string_view& text, char letter, int64_t& value, std::string* why,
                 int64_t most = kLargestExtent, int64_t least = 1);

/// Takes `<letter><number>` likewise when `text` begins with `letter`; leaves `value` as it is otherwise.
bool take_optional(std::string_view& text, char letter, int64_t& value, std::string* why,
                   int64_t most = kLargestExtent, int64_t least = 1);

/// Takes `word` off the front; false when something else stands there.
bool take_word(std::string_view& text, std::string_view word);

}  // namespace breakeven
