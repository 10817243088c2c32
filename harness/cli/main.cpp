// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <system_error>

#include "harness/case.h"
#include "harness/cli/verbs.h"
#include "harness/cli/version.h"
#include "harness/usage_error.h"

namespace breakeven::cli {
namespace {

ExitCode complain(const std::string& sentence, ExitCode code) {
  fmt::print(stderr, "breakeven: {}\n", sentence);
  return code;
}

/// CLI11's own message, or a better one for a verb that does not exist.
std::string explain(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (argc > 1 && argv[1][0] != '-') {
    std::vector<std::string> verbs;
    for (const CLI::App* verb :
         app.get_subcommands([](const CLI::App* a) { return !a->get_group().empty(); })) {
      verbs.push_back(verb->get_name());
    }
    if (std::ranges::find(verbs, argv[1]) == verbs.end() && std::string(argv[1]) != "worker" &&
        std::string(argv[1]) != "first-call") {
      const auto close = nearest(argv[1], verbs);
      return fmt::format("unknown command '{}'{}; `breakeven --help` lists them", argv[1],
                         close ? fmt::format(", did you mean '{}'?", *close) : "");
    }
  }
  std::string what = error.what();
  while (!what.empty() && (what.back() == '\n' || what.back() == '.')) what.pop_back();
  std::ranges::replace(what, '\n', ' ');
  return what + "; see `breakeven --help`";
}

ExitCode run(int argc, char** argv) {
  CLI::App app{
      "Does a CPU or an NVIDIA GPU do this deep-learning work sooner, which does it cheaper, and where does "
      "that flip?",
      "breakeven"};
  app.set_version_flag("--version", fmt::format("breakeven {} ({})", kVersion, git_version()));
  app.require_subcommand(0, 1);
  app.footer(
      "A first look:   breakeven doctor\n"
      "                breakeven run --preset quick\n"
      "                breakeven run gemm --shape m4096n4096k4096 --precision fp32,bf16\n"
      "Exit codes: 0 done, 1 a case was wrong or failed, 2 usage or input/output error, 3 not comparable,\n"
      "            4 nothing measured or cut short, 5 internal error.");
  Action action;
  for (auto* add : {add_list, add_doctor, add_run, add_show, add_verify, add_export, add_parity, add_tune,
                    add_first_call, add_worker})
    add(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked_for_help_or_version) {
    return static_cast<ExitCode>(app.exit(asked_for_help_or_version));
  } catch (const CLI::ParseError& error) {
    return complain(explain(app, error, argc, argv), ExitCode::usage);
  }
  if (!action) return complain("what should be done? `breakeven --help` lists the commands", ExitCode::usage);
  return action({argv, argv + argc});
}

}  // namespace
}  // namespace breakeven::cli

namespace {

/// A descriptor that the caller closed would be given to the next file opened, and messages would end up in
/// results.
void open_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd) _exit(5);
  }
}

breakeven::cli::ExitCode guarded(int argc, char** argv) {
  using namespace breakeven;
  using cli::ExitCode;
  try {
    return cli::run(argc, argv);
  } catch (const UsageError& error) {
    return cli::complain(error.what(), ExitCode::usage);
  } catch (const cli::NothingToDo& error) {
    return cli::complain(error.what(), ExitCode::nothing);
  } catch (const std::system_error& error) {
    return cli::complain(error.what(), ExitCode::usage);  // a full disk, a closed pipe
  } catch (const std::exception& error) {
    return cli::complain(fmt::format("internal error: {}", error.what()), ExitCode::internal);
  }
}

}  // namespace

int main(int argc, char** argv) {
  using breakeven::cli::ExitCode;
  open_standard_descriptors();
  ExitCode code = guarded(argc, argv);
  // Output that went nowhere is a failure too, and comes before all but an internal error.
  const bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (lost && code != ExitCode::internal && code != ExitCode::usage) {
    code = breakeven::cli::complain("standard output cannot be written", ExitCode::usage);
  }
  // Without the destructors of libraries: OpenBLAS waits for ever for a thread that lacks memory to end.
  _exit(static_cast<int>(code));
}
