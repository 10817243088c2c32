// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/run_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "cpu_ref/cpu.h"
#include "harness/cli/progress.h"
#include "harness/cli/version.h"
#include "harness/cli/work_order.h"
#include "harness/doctor.h"
#include "harness/plugin.h"
#include "harness/supervisor.h"
#include "harness/usage_error.h"
#include "reports/page.h"
#include "reports/train_seeds.h"
#include "results/journal.h"
#include "results/record.h"
#include "results/result_file.h"
#include "suites/suites.h"
#include "suites/train/workloads.h"

namespace breakeven::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// Cases of one launch, in worker processes.
class LaunchRunner {
 public:
  LaunchRunner(const Session& session, int launch, std::vector<PlannedCase> cases, Journal& journal,
               ProgressLine& progress)
      : session_(session), journal_(journal), progress_(progress) {
    const PlanFacts& plan = session.facts.plan;
    order_ = {.preset = plan.preset.value_or(""),
              .seed = plan.seed,
              .threads = plan.threads,
              .samples = plan.samples,
              .launch = launch,
              .cases = std::move(cases),
              .data = plan.data,
              .definitions = plan.definitions};
  }

  RunEnd run() {
    const PlanFacts& plan = session_.facts.plan;
    const WorkerCommand command{{"/proc/self/exe", "worker"},
                                cpu::worker_environment(session_.machine, plan.threads),
                                [this](size_t first) {
                                  order_.first = first;
                                  return to_text(order_);
                                }};
    const RunEvents events{
        [this](size_t i) { progress_.started(order_.cases[i].id); },
        [this](size_t, std::string_view phase, double seconds) { progress_.phase(phase, seconds); },
        [this](size_t, const std::string& record) { keep(ordered_json::parse(record)); },
        [this](size_t i, Status status, const std::string& reason) {
          lose(order_.cases[i], status, reason);
        }};
    const Timeouts timeouts = [this, &plan](size_t i) { return timeout_of(plan, order_.cases.at(i)); };
    return supervise(command, order_.cases.size(), timeouts, events);
  }

 private:
  void keep(const ordered_json& record) {
    journal_.append(record);
    progress_.finished();
  }

  /// A record for a case whose worker never answered.
  void lose(const PlannedCase& planned, Status status, const std::string& reason) {
    const CaseId id = split_id(planned.id).value();
    std::string why;
    const Problem problem =
        parse_problem(id.suite, id.problem, parse_precision(id.precision).value(), &why).value();
    Backend backend;
    backend.name = id.backend;
    backend.device_id = planned.device;
    Kernel kernel;
    kernel.name = id.kernel;
    keep(to_record({id.suite, problem, &backend, &kernel}, plan_of(order_, planned.regime),
                   Slot{order_.launch, {}, {}}, not_measured(status, reason), repro(order_, planned)));
  }

  const Session& session_;
  Journal& journal_;
  ProgressLine& progress_;
  WorkOrder order_;
};

/// Every case of the plan that has no result in this launch yet.
std::vector<PlannedCase> lacking(const Session& session, int launch) {
  const PlanFacts& plan = session.facts.plan;
  std::vector<PlannedCase> cases;
  for (const PlannedCase& c : plan.cases) {
    if (launch < repeats(plan, c) && !session.done.contains({c.id, c.device, c.regime, launch}))
      cases.push_back(c);
  }
  return cases;
}

RunEnd run_launches(const Session& session, Journal& journal) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away must not end a run
  const StopSignals stop_signals;
  const PlanFacts& plan = session.facts.plan;
  size_t all = 0;
  for (const PlannedCase& c : plan.cases) all += static_cast<size_t>(repeats(plan, c));
  ProgressLine progress(all - std::min(all, session.done.size()));
  for (int launch = 0; launch < session.launches(); ++launch) {
    if (LaunchRunner(session, launch, lacking(session, launch), journal, progress).run() ==
        RunEnd::interrupted)
      return RunEnd::interrupted;
  }
  return RunEnd::complete;
}

ExitCode judge_run(const ResultFile& file) {
  const auto has = [&](auto predicate) { return std::ranges::any_of(file.records, predicate); };
  const auto good = [](const Record& r) { return r.status == Status::ok || r.status == Status::skipped; };
  const std::vector<TrainedCase> trained = trained_cases(file.records);
  if (has([&](const Record& r) { return !good(r) && r.suite != "train"; }) ||
      !std::ranges::all_of(trained, [](const TrainedCase& c) { return evaluate(c).good; }))
    return ExitCode::wrong;
  if (!file.ended || !has([](const Record& r) { return r.status == Status::ok; })) return ExitCode::nothing;
  return ExitCode::done;
}

void print(const ResultFile& file, ExitCode code, Output output) {
  if (output == Output::json) {
    json results = json::array();
    for (const Record& r : file.records) results.push_back(r.raw);
    const json document{{"file", file.path.string()},
                        {"ended", file.ended},
                        {"exit_code", static_cast<int>(code)},
                        {"run", file.run},
                        {"results", std::move(results)}};
    fmt::print("{}\n", document.dump());
    return;
  }
  fmt::print("{}\nresults: {}\n", page(file, Style::text), file.path.string());
}

ExitCode measure_into(Session& session, Journal journal, const std::filesystem::path& path, Output output) {
  const RunEnd end = run_launches(session, journal);
  if (end == RunEnd::complete) journal.finish();
  const ResultFile file = read_result_file(path);
  const ExitCode code = judge_run(file);
  print(file, code, output);
  if (end == RunEnd::interrupted) {
    fmt::print(stderr,
               "breakeven: stopped; what was finished is kept, and `breakeven run --resume {}` goes on\n",
               path.string());
  }
  return code;
}

DeviceInfo cpu_info(const Session& session) { return session.lineup.backends.front().device->info(); }

/// Installed and of no use: not what a machine without a GPU is expected to have.
bool unusable(const Backend& backend) {
  std::string why;
  return backend.name == "cuda" && plugin_file(PluginKind::cuda, &why).has_value();
}

}  // namespace

void Session::take(const std::vector<Case>& cases, const std::vector<Regime>& regimes,
                   const std::vector<std::string>& devices) {
  const auto absent = [](const Backend& b) { return !b.device && b.device_id == b.name; };
  // Absent beside others that are here: its cases are recorded as skipped, with the reason.
  const bool nothing = std::ranges::all_of(cases, [&](const Case& c) { return absent(*c.backend); });
  if (nothing) {
    for (const Backend& b : lineup.backends) {
      if (absent(b) && std::ranges::find(devices, b.name) != devices.end()) {
        throw NothingToDo(fmt::format("no device '{}' on this machine: {}", b.name, b.absence));
      }
    }
    throw NothingToDo(fmt::format(
        "no case is left to measure on {}: see `breakeven list cases` and `breakeven list devices`",
        fmt::join(devices, ", ")));
  }
  facts.plan.regime = regimes.front();
  for (const Case& c : cases) {
    for (const Regime regime : regimes) facts.plan.cases.push_back({c.id(), c.device(), regime});
  }
  for (const Backend& b : lineup.backends) {
    // A backend that cannot even be listed has no cases to carry its reason.
    const bool asked = std::ranges::find(devices, b.name) != devices.end();
    if (absent(b) && b.kernels.empty() && (asked || unusable(b)))
      fmt::print(stderr, "breakeven: no device '{}' on this machine: {}\n", b.name, b.absence);
  }
  describe();
}

int Session::launches() const {
  int most = 0;
  for (const PlannedCase& c : facts.plan.cases) most = std::max(most, repeats(facts.plan, c));
  return most;
}

void Session::describe() {
  facts.version = kVersion;
  facts.git = git_version();
  facts.machine = machine;
  facts.devices = {cpu_info(*this)};
  facts.devices.insert(facts.devices.end(), lineup.gpus.begin(), lineup.gpus.end());
  for (const Backend& b : lineup.backends) {
    for (const auto& library : b.libraries) facts.libraries.push_back(library);
  }
}

ExitCode run_session(Session& session, const std::filesystem::path& out, Output output) {
  Journal journal = Journal::create(out, run_line(session.facts));
  if (output == Output::people) {
    const size_t count = session.facts.plan.cases.size();
    fmt::print("{} case{} into {}\n{}\n", count, count == 1 ? "" : "s", out.string(), warning(session));
    std::fflush(stdout);
  }
  return measure_into(session, std::move(journal), out, output);
}

std::string warning(const Session& session) {
  std::vector<std::string> subjects;
  if (session.facts.plan.threads > session.machine.cores.usable)
    subjects.emplace_back("more threads than cores");
  for (const Finding& f : examine(session.machine, session.lineup.backends)) {
    if (f.severity == Severity::distorts) subjects.push_back(f.subject);
  }
  if (subjects.empty()) return "";
  return fmt::format("would distort numbers here: {} (`breakeven doctor` says what to do)\n",
                     fmt::join(subjects, ", "));
}

RunEnd run_case(const Session& session, const PlannedCase& planned, int launch, Journal& journal,
                ProgressLine& progress) {
  return LaunchRunner(session, launch, {planned}, journal, progress).run();
}

ExitCode resume_session(const std::filesystem::path& path, Output output) {
  const ResultFile file = read_result_file(path);
  std::string difference;
  Session session = session_of(file, &difference);
  if (session.facts.plan.selectors == std::vector<std::string>{kTuneSelector})
    throw UsageError(fmt::format("{} is a search: `breakeven tune --resume {}` goes on with it",
                                 path.string(), path.string()));
  if (!difference.empty()) return refuse_to_go_on(file, difference);
  return measure_into(session, Journal::reopen(path), path, output);
}

}  // namespace breakeven::cli
