// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace breakeven {

/// The small text files in which Linux describes itself (/proc, /sys, /etc), below a directory that stands
/// for `/`. Everything read is untrusted: what is missing, unreadable or malformed reads as empty, never as
/// an error.
class SystemFiles {
 public:
  /// Empty or "/": the real machine.
  explicit SystemFiles(const std::filesystem::path& root);
  bool is_real() const { return root_.empty(); }

  bool exists(const std::string& path) const;
  /// At most `max_bytes` of the file. Reading on is not free: the kernel makes these texts as they are read.
  std::string text(const std::string& path, size_t max_bytes = 4 << 20) const;
  /// The first line, fit to be printed and put into JSON.
  std::string line(const std::string& path) const;
  std::optional<int64_t> integer(const std::string& path) const;
  /// Names in a directory, sorted.
  std::vector<std::string> entries(const std::string& directory) const;

 private:
  std::string root_;
};

std::string_view trimmed(std::string_view);
/// Trimmed, cut to 200 bytes, everything that is not printable ASCII replaced by '?'.
std::string printable(std::string_view);
/// Cuts the text before the next separator off its front. Empty text gives empty pieces.
std::string_view take_until(std::string_view& text, char separator);
/// The value in the first line that reads `key`, blanks, `separator`, value. "" when there is none.
std::string_view field(std::string_view text, std::string_view key, char separator = ':');
/// Whether `word` stands in a list.
bool has_word(std::string_view list, std::string_view word, char separator);
std::optional<int64_t> parse_integer(std::string_view);
/// "32K", "16384 kB", "1M", "512": bytes.
std::optional<int64_t> parse_bytes(std::string_view);
/// "0-3,8": hardware threads, ascending. Empty when any part of it makes no sense.
std::vector<int> parse_cpu_list(std::string_view);

}  // namespace breakeven
