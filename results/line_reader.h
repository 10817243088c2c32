// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace breakeven {

struct TextLine {
  std::string_view text;  // without its newline; valid until the next call
  bool whole = false;     // ended by a newline
};

/// The lines of a regular file, one at a time, within the limits of a result file; never more than a line in
/// memory. Every complaint is a UsageError that names the file.
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path&);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  std::optional<TextLine> next();
  /// The first bytes not taken yet; empty at the end of the file.
  std::string_view peek();

 private:
  bool refill();

  std::filesystem::path path_;
  int fd_ = -1;
  std::array<char, 65536> buffer_;
  size_t at_ = 0, filled_ = 0;
  int64_t total_ = 0, number_ = 0;  // bytes read; lines taken
  std::string line_;
};

}  // namespace breakeven
