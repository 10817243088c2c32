// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/first_call.h"

#include <fmt/format.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "harness/process.h"

namespace breakeven {
namespace {

constexpr double kPatience = 60;  // seconds
constexpr std::string_view kAnswer = R"({"seconds": )";

std::vector<std::string> command(const std::string& what) {
  const char* program = std::getenv("BREAKEVEN_PROGRAM");
  std::vector<std::string> argv{program ? program : "/proc/self/exe", "first-call"};
  std::istringstream words(what);
  for (std::string word; words >> word;) argv.push_back(word);
  return argv;
}

}  // namespace

double first_call_seconds(const std::string& what) {
  Child child(command(what), {}, "");
  std::string line;
  switch (child.read_line(line, kPatience)) {
    case Child::Read::line:
      break;
    case Child::Read::timeout:
      throw std::runtime_error(fmt::format("first call of {}: no answer within {} s", what, kPatience));
    case Child::Read::interrupted:
      throw std::runtime_error(fmt::format("first call of {}: interrupted", what));
    case Child::Read::closed:
      throw std::runtime_error(fmt::format("first call of {}: its process {}", what, child.wait().words()));
  }
  if (!line.starts_with(kAnswer)) throw std::runtime_error(fmt::format("first call of {}: {}", what, line));
  const double seconds = std::strtod(line.c_str() + kAnswer.size(), nullptr);
  if (!(seconds > 0)) throw std::runtime_error(fmt::format("first call of {}: {}", what, line));
  return seconds;
}

}  // namespace breakeven
