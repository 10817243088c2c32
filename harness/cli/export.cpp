// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "harness/case.h"
#include "harness/cli/verbs.h"
#include "harness/usage_error.h"
#include "results/exports.h"

namespace breakeven::cli {
namespace {

std::vector<std::string> formats() {
  std::vector<std::string> names;
  for (const Export& format : exports()) names.emplace_back(format.name);
  return names;
}

ExitCode write(const std::string& file, const std::string& format) {
  const Export* chosen = find_export(format);
  if (!chosen) {
    const auto close = nearest(format, formats());
    throw UsageError(fmt::format("unknown format '{}', {}", format,
                                 close ? fmt::format("did you mean '{}'?", *close)
                                       : fmt::format("known are {}", fmt::join(formats(), ", "))));
  }
  chosen->write(read_result_file(file), std::cout);
  if (!std::cout.flush()) throw UsageError("standard output cannot be written");
  return ExitCode::done;
}

}  // namespace

void add_export(CLI::App& app, Action& action) {
  struct Options {
    std::string file, format;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("export", "write a result file in another tool's format, to standard output");
  verb->add_option("file", options->file, "result file")->required();
  std::string known = "one of:";
  for (const Export& format : exports()) known += fmt::format(" {} ({})", format.name, format.summary);
  verb->add_option("--format", options->format, known)->required();
  verb->callback([&action, options] {
    action = [options](const auto&) { return write(options->file, options->format); };
  });
}

}  // namespace breakeven::cli
