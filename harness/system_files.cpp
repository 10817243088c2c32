// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/system_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace breakeven {
namespace {

constexpr int kMaxCpus = 8192;  // Linux's own upper limit (NR_CPUS); anything above is garbage
constexpr size_t kMaxLine = 200;

}  // namespace

SystemFiles::SystemFiles(const std::filesystem::path& root) : root_(root == "/" ? "" : root.string()) {}

bool SystemFiles::exists(const std::string& path) const { return access((root_ + path).c_str(), F_OK) == 0; }

std::string SystemFiles::text(const std::string& path, size_t max_bytes) const {
  // Not blocking, so that a FIFO in place of a file does not stop the program.
  const int file = open((root_ + path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return {};
  std::string read_so_far;
  char chunk[16384];
  while (read_so_far.size() < max_bytes) {
    const ssize_t got = read(file, chunk, std::min(sizeof chunk, max_bytes - read_so_far.size()));
    if (got <= 0) break;
    read_so_far.append(chunk, static_cast<size_t>(got));
  }
  close(file);
  return read_so_far;
}

std::string SystemFiles::line(const std::string& path) const {
  const std::string all = text(path, 4096);
  return printable(std::string_view(all).substr(0, all.find('\n')));
}

std::optional<int64_t> SystemFiles::integer(const std::string& path) const {
  return parse_integer(text(path, 64));
}

std::vector<std::string> SystemFiles::entries(const std::string& directory) const {
  const std::unique_ptr<DIR, int (*)(DIR*)> open_directory(opendir((root_ + directory).c_str()), closedir);
  std::vector<std::string> names;
  if (!open_directory) return names;
  while (const dirent* entry = readdir(open_directory.get()))
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string printable(std::string_view text) {
  std::string clean(trimmed(text).substr(0, kMaxLine));
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return clean;
}

std::string_view take_until(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return piece;
}

std::string_view field(std::string_view text, std::string_view key, char separator) {
  while (!text.empty()) {
    const std::string_view line = take_until(text, '\n');
    if (!line.starts_with(key)) continue;
    const std::string_view rest = line.substr(key.size());
    const size_t at = rest.find(separator);
    if (at != rest.npos && trimmed(rest.substr(0, at)).empty()) return trimmed(rest.substr(at + 1));
  }
  return {};
}

bool has_word(std::string_view list, std::string_view word, char separator) {
  while (!list.empty())
    if (trimmed(take_until(list, separator)) == word) return true;
  return false;
}

std::optional<int64_t> parse_integer(std::string_view text) {
  text = trimmed(text);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> parse_bytes(std::string_view text) {
  text = trimmed(text);
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view unit = trimmed(text.substr(digits));
  const std::optional<int64_t> number = parse_integer(text.substr(0, digits));
  int64_t factor = 0, bytes = 0;
  if (unit.empty()) factor = 1;
  if (unit == "K" || unit == "kB" || unit == "KB") factor = int64_t{1} << 10;
  if (unit == "M" || unit == "MB") factor = int64_t{1} << 20;
  if (unit == "G" || unit == "GB") factor = int64_t{1} << 30;
  if (!number || factor == 0 || __builtin_mul_overflow(*number, factor, &bytes)) return std::nullopt;
  return bytes;
}

std::vector<int> parse_cpu_list(std::string_view text) {
  std::vector<int> cpus;
  text = trimmed(text);
  while (!text.empty()) {
    std::string_view range = take_until(text, ',');
    const std::optional<int64_t> first = parse_integer(take_until(range, '-'));
    const std::optional<int64_t> last = range.empty() ? first : parse_integer(range);
    if (!first || !last || *first < 0 || *last < *first || *last >= kMaxCpus) return {};
    for (int64_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int>(cpu));
    // A hostile list repeats ranges to grow without end.
    if (cpus.size() > 2 * kMaxCpus) return {};
  }
  std::sort(cpus.begin(), cpus.end());
  cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
  return cpus;
}

}  // namespace breakeven
