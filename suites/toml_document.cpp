// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/toml_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "harness/case.h"
#include "harness/usage_error.h"

namespace breakeven {
namespace {

constexpr size_t kLargestFile = size_t{1} << 20;
// toml++ bounds nested values itself, but before 3.5 not the parts of a dotted key, and a table of 100,000
// levels overflows the stack when it is destroyed. A dotted key stands on one line, so its dots can be
// counted beforehand.
constexpr int64_t kMostDotsInALine = 32;

void refuse_dotted_bombs(const std::string& file, std::string_view text) {
  for (size_t begin = 0, line = 1; begin < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    if (std::count(text.begin() + static_cast<int64_t>(begin), text.begin() + static_cast<int64_t>(end),
                   '.') > kMostDotsInALine) {
      throw UsageError(
          fmt::format("{} line {}: more than {} dots in one line; break the line or nest less deeply", file,
                      line, kMostDotsInALine));
    }
    begin = end + 1;
  }
}

}  // namespace

uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

void TomlDocument::refuse(uint32_t line, std::string_view key, std::string_view what,
                          std::string_view remedy) const {
  throw UsageError(fmt::format("{} line {}: key '{}' {}; {}", file, line, shown(key), what, remedy));
}

void TomlDocument::allow_only(const toml::table& table, std::span<const std::string_view> known) const {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    const auto near = nearest(key.str(), {known.begin(), known.end()});
    refuse(key.source().begin.line, key.str(), "is not known here",
           near ? fmt::format("did you mean '{}'?", *near)
                : fmt::format("the keys are {}", fmt::join(known, ", ")));
  }
}

TomlDocument parse_toml(std::string file, std::string_view text) {
  refuse_dotted_bombs(file, text);
  try {
    return {file, toml::parse(text)};
  } catch (const toml::parse_error& e) {
    std::string what(e.description().substr(0, 200));
    std::ranges::replace_if(
        what, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
    throw UsageError(
        fmt::format("{} line {}: not valid TOML ({}); correct that line", file, e.source().begin.line, what));
  }
}

TomlDocument read_toml(const std::filesystem::path& path) {
  const std::string file = path.string();
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw UsageError(fmt::format("{}: there is no such file; check the path", file));
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw UsageError(fmt::format("{}: not a regular file; give a .toml file of problems", file));
  }
  std::ifstream in(path, std::ios::binary);
  std::string text(kLargestFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(in.gcount()));
  if (!in.eof() && !in.good())
    throw UsageError(fmt::format("{}: cannot be read; check its permissions", file));
  if (text.size() > kLargestFile) {
    throw UsageError(fmt::format("{}: larger than 1 MiB; split it or use grids", file));
  }
  return parse_toml(file, text);
}

}  // namespace breakeven
