// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "harness/cli/verbs.h"
#include "results/result_file.h"

namespace breakeven::cli {
namespace {

ExitCode verify_all(const std::vector<std::string>& files) {
  bool altered = false, cut_short = false;
  for (const std::string& file : files) {
    std::string why;
    const Integrity integrity = verify(file, &why);
    altered |= integrity == Integrity::altered;
    cut_short |= integrity == Integrity::cut_short;
    const char* word = integrity == Integrity::whole     ? "whole and unaltered"
                       : integrity == Integrity::altered ? "ALTERED"
                                                         : "cut short";
    fmt::print("{}: {}{}{}\n", file, word, why.empty() ? "" : ": ", why);
  }
  return altered ? ExitCode::wrong : cut_short ? ExitCode::nothing : ExitCode::done;
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
