// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/program.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace breakeven::cli {
namespace {

std::string quoted(const std::string& word) {
  std::string out = "'";
  for (char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "breakeven-test-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

Outcome start(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
  const char* program = std::getenv("BREAKEVEN");
  if (!program) throw std::runtime_error("BREAKEVEN does not name the program under test");
  const TemporaryFolder here;
  std::string command = "cd ";
  const auto add = [&command](const char* before, const std::string& word) {
    command.append(before).append(quoted(word));
  };
  add("", folder.string());
  add(" && exec ", program);
  for (const std::string& argument : arguments) add(" ", argument);
  add(" >", (here / "out").string());
  add(" 2>", (here / "err").string());
  command.append(" </dev/null");
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read(here / "out"),
          read(here / "err")};
}

}  // namespace breakeven::cli
