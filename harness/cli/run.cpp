// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>

#include "harness/cli/run_session.h"
#include "harness/cli/verbs.h"
#include "harness/timestamp.h"
#include "harness/usage_error.h"
#include "suites/train/workloads.h"

namespace breakeven::cli {
namespace {

constexpr int kMostThreads = 4096, kMostSamples = 100000, kFewestSamples = 5;

/// As given, or both for the preset whose question they are.
std::vector<Regime> regimes_of(const RunOptions& options) {
  if (options.regime.empty()) {
    return options.selection.preset == "fills" ? std::vector{Regime::sustained, Regime::isolated}
                                               : std::vector{Regime::sustained};
  }
  std::vector<Regime> regimes;
  for (size_t from = 0; from <= options.regime.size();) {
    const size_t comma = std::min(options.regime.find(',', from), options.regime.size());
    const auto regime = parse_regime(options.regime.substr(from, comma - from));
    if (!regime || std::ranges::find(regimes, *regime) != regimes.end()) {
      throw UsageError(fmt::format("unknown regime '{}': sustained or isolated, or both with a comma between",
                                   shown(options.regime)));
    }
    regimes.push_back(*regime);
    from = comma + 1;
  }
  return regimes;
}

uint64_t seed_of(const std::string& text) {
  uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw UsageError(fmt::format("--seed '{}' is not a whole number from 0 to 2^64-1", shown(text)));
  }
  return seed;
}

void within(const char* option, int value, int low, int high) {
  if (value < low || value > high) {
    throw UsageError(fmt::format("{} {} is not between {} and {}", option, value, low, high));
  }
}

void check(const RunOptions& o) {
  if (o.threads) within("--threads", *o.threads, 1, kMostThreads);
  if (o.samples) within("--samples", *o.samples, kFewestSamples, kMostSamples);
  if (o.launches) within("--launches", *o.launches, 1, kMostLaunches);
  if (o.timeout && !(*o.timeout > 0 && *o.timeout <= 1e6))
    throw UsageError("--timeout needs a number of seconds above 0");
  const auto slug = [](const std::string& s) {
    return !s.empty() && s.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") == std::string::npos;
  };
  const size_t colon = o.instance.find(':');
  if (!o.instance.empty() && (colon == std::string::npos || !slug(o.instance.substr(0, colon)) ||
                              !slug(o.instance.substr(colon + 1)))) {
    throw UsageError(fmt::format("--instance '{}' is not PROVIDER:TYPE, as in aws:p5.48xlarge", o.instance));
  }
  std::error_code unreadable;
  if (!o.data.empty() && !std::filesystem::is_directory(o.data, unreadable))
    throw UsageError(
        fmt::format("--data '{}' is no folder: name the one that your files are in", shown(o.data)));
}

/// What a run of trainings needs besides.
void plan_trainings(const RunOptions& o, PlanFacts& plan) {
  plan.seeds = o.launches.value_or(preset_of(o.selection).seeds);
  plan.train_timeout_seconds = o.timeout.value_or(kTrainTimeout);
  plan.definitions = user_definitions();
  if (!o.data.empty()) plan.data = std::filesystem::absolute(o.data).string();
}

}  // namespace

Session plan_session(const RunOptions& o) {
  check(o);
  Session session;
  const std::vector<Regime> regimes = regimes_of(o);
  session.machine = describe_machine();
  const int threads = o.threads.value_or(session.machine.cores.usable);
  session.lineup = line_up(session.machine, threads, emulator_among(o.selection.devices));
  const std::vector<Case> cases = select(o.selection, session.lineup.backends);
  session.take(cases, regimes, o.selection.devices);
  PlanFacts& plan = session.facts.plan;
  plan.selectors = o.selection.selectors;
  plan.preset = o.selection.preset;
  plan.shapes = o.selection.shapes;
  plan.devices = o.selection.devices;
  plan.kernels = o.selection.kernels;
  plan.precisions = o.selection.precisions;
  plan.seed = seed_of(o.seed);
  plan.threads = threads;
  plan.launches = o.launches.value_or(1);
  plan.samples = o.samples;
  plan.timeout_seconds = o.timeout.value_or(kTimeout);
  plan_trainings(o, plan);
  if (!o.instance.empty()) session.facts.instance = o.instance;
  return session;
}

std::filesystem::path default_file(const Machine& machine) {
  std::string host = machine.host.empty() ? "host" : machine.host;
  for (char& c : host) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '-';
  }
  const std::string stem = fmt::format("{}-{}", host, timestamp_for_file());
  std::filesystem::path file = std::filesystem::path("results") / (stem + ".jsonl");
  for (int more = 2; std::filesystem::exists(file); ++more) {  // two runs within a second
    file = std::filesystem::path("results") / fmt::format("{}-{}.jsonl", stem, more);
  }
  return file;
}

namespace {

/// CLI11 would take an empty word for "not given": an unset variable in a script must not start another run.
const CLI::Validator kNamed([](const std::string& text) { return text.empty() ? "needs a file name" : ""; },
                            "FILE");

ExitCode run(const RunOptions& options, const std::vector<std::string>& argv) {
  if (!options.resume.empty()) return resume_session(options.resume, options.output);
  Session session = plan_session(options);
  session.facts.argv = argv;
  const std::filesystem::path out =
      options.out.empty() ? default_file(session.machine) : std::filesystem::path(options.out);
  return run_session(session, out, options.output);
}

}  // namespace

void refuse_beside_resume(const CLI::App& verb, std::initializer_list<std::string_view> fine) {
  if (verb.get_option("--resume")->count() == 0) return;
  for (const CLI::Option* option : verb.get_options()) {
    const std::string name = option->get_name();
    if (option->count() == 0 || name == "--resume" || std::ranges::find(fine, name) != fine.end()) continue;
    throw UsageError(fmt::format("--resume goes on with the plan in its file: give no {} beside it", name));
  }
}

void add_run(CLI::App& app, Action& action) {
  auto* verb = app.add_subcommand("run", "measure, check and record");
  const auto options = std::make_shared<RunOptions>();
  add_selection(*verb, options->selection);
  verb->add_option(
      "--regime", options->regime,
      "sustained (operands rotate, no gaps), isolated (cold caches) or both with a comma between "
      "(default: sustained; preset fills: both)");
  verb->add_option("--threads", options->threads, "CPU threads (default: all usable cores)");
  verb->add_option(
      "--launches", options->launches,
      "worker processes to repeat everything in, of trainings seeds (default: 1; trainings: quick 3, "
      "standard 5, full 10)");
  verb->add_option("--samples", options->samples,
                   "exactly so many samples a case instead of until the interval is tight");
  verb->add_option("--seed", options->seed, "of the operands; launch L of a training has this seed + L")
      ->capture_default_str();
  verb->add_option("--out", options->out, "result file to write (default: results/<host>-<time>.jsonl)")
      ->check(kNamed);
  verb->add_option("--resume", options->resume, "result file of a run that was cut short, to be finished")
      ->check(kNamed);
  verb->add_option("--timeout", options->timeout, "seconds a case may take (default: 600, a training 7200)");
  verb->add_option("--data", options->data, "folder of files of yours, for the trainings that read them")
      ->check(kNamed);
  verb->add_option("--instance", options->instance, "the cloud instance this is, as PROVIDER:TYPE");
  verb->add_flag_callback(
      "--json", [options] { options->output = Output::json; }, "one JSON document on standard output");
  verb->callback([&action, options, verb] {
    refuse_beside_resume(*verb, {"--json"});
    action = [options](const std::vector<std::string>& argv) { return run(*options, argv); };
  });
}

}  // namespace breakeven::cli
