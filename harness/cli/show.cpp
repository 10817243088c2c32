// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/cli/verbs.h"
#include "reports/page.h"
#include "results/result_file.h"

namespace breakeven::cli {

void add_show(CLI::App& app, Action& action) {
  struct Options {
    std::vector<std::string> files;
    Style style = Style::text;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("show", "print the tables of result files");
  verb->add_option("file", options->files, "result files")->required();
  verb->add_flag_callback(
      "--markdown", [options] { options->style = Style::markdown; }, "as Markdown");
  verb->callback([&action, options] {
    action = [options](const auto&) {
      for (const std::string& file : options->files) {
        const ResultFile results = read_result_file(file);
        const std::string title =
            options->style == Style::markdown ? "## " + shown(file, options->style) + "\n" : file;
        if (options->files.size() > 1) fmt::print("{}\n", title);
        fmt::print("{}", page(results, options->style));
      }
      return ExitCode::done;
    };
  });
}

}  // namespace breakeven::cli
