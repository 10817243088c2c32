// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <set>

#include "harness/cli/verbs.h"
#include "harness/usage_error.h"
#include "reports/grid.h"
#include "results/result_file.h"

namespace breakeven::cli {
namespace {

/// One file's word, printed. Whole means readable too: a hash can be right over a line that breaks the
/// contract.
ExitCode verify_one(const std::string& file) {
  std::string why;
  const Integrity integrity = verify(file, &why);
  if (integrity == Integrity::whole) read_result_file(file);
  const char* word = integrity == Integrity::whole     ? "whole and unaltered"
                     : integrity == Integrity::altered ? "ALTERED"
                                                       : "cut short";
  fmt::print("{}: {}{}{}\n", shown(file, Style::text), word, why.empty() ? "" : ": ", why);
  if (integrity == Integrity::whole) return ExitCode::done;
  return integrity == Integrity::altered ? ExitCode::wrong : ExitCode::nothing;
}

/// All of them, even after one that is no result file; the gravest outcome counts.
ExitCode verify_all(const std::vector<std::string>& files) {
  std::set<ExitCode> seen;
  for (const std::string& file : files) {
    try {
      seen.insert(verify_one(file));
    } catch (const UsageError& error) {
      seen.insert(ExitCode::usage);
      fmt::print(stderr, "breakeven: {}\n", error.what());
    }
  }
  for (const ExitCode code : {ExitCode::usage, ExitCode::wrong, ExitCode::nothing}) {
    if (seen.contains(code)) return code;
  }
  return ExitCode::done;
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  const auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* verb = app.add_subcommand(
      "verify", "are result files whole and unaltered (exit 0), altered (1), cut short (4)?");
  verb->add_option("file", *files, "result files")->required();
  verb->callback([&action, files] { action = [files](const auto&) { return verify_all(*files); }; });
}

}  // namespace breakeven::cli
