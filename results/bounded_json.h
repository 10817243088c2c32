// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace breakeven {

/// Not JSON: torn, or damaged. The message is a phrase.
struct NotJson : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// JSON beyond what any result holds: too deep, too many values, a number that is not finite. No writer
/// leaves this.
struct BeyondLimits : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads the lines of one file as JSON. Limits are enforced while reading: what is too deep is never built,
/// because destroying a document of 100,000 levels overflows the stack.
class BoundedJson {
 public:
  /// Throws NotJson or BeyondLimits.
  nlohmann::json parse(std::string_view line);

 private:
  size_t file_values_ = 0;
};

/// At most `most` bytes of `text` in double quotes, everything that could move a cursor escaped.
std::string excerpt(std::string_view text, size_t most = 40);

}  // namespace breakeven
