// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>

#include "harness/cli/progress.h"
#include "harness/cli/run_session.h"
#include "harness/cli/tune_report.h"
#include "harness/cli/verbs.h"
#include "harness/train/workload.h"
#include "harness/usage_error.h"
#include "reports/page.h"
#include "suites/suites.h"
#include "suites/train/workloads.h"

namespace breakeven::cli {
namespace {

constexpr int64_t kFewestSteps = 20;
constexpr int kDoublings = 4;  // of the batch, either way

struct TuneOptions {
  std::string workload, budget = "10m", kernel, resume;
  RunOptions run;
};

/// "90", "90s", "10m", "2h" in seconds.
double seconds_of(const std::string& text) {
  size_t read = 0;
  double value = -1;
  try {
    value = std::stod(text, &read);
  } catch (const std::exception&) {
    read = 0;
  }
  const std::string unit = text.substr(read);
  const double factor = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (read == 0 || factor == 0 || !(value > 0) || value * factor > 1e7)
    throw UsageError(fmt::format("--budget '{}' is no time, as 90s, 10m or 2h", shown(text)));
  return value * factor;
}

TrainTask task_of(const std::string& problem, Precision precision) {
  std::string why;
  const std::optional<Problem> found = parse_problem("train", problem, precision, &why);
  if (!found) throw UsageError(why);
  return std::get<TrainTask>(*found);
}

/// The workload's name at every batch size that leaves enough steps, its own among them.
std::vector<std::string> shapes_of(const TrainTask& own) {
  const train::Workload& w = *own.workload;
  std::vector<std::string> shapes;
  for (int doubling = -kDoublings; doubling <= kDoublings; ++doubling) {
    const int64_t batch = doubling < 0 ? w.schedule.batch >> -doubling : w.schedule.batch << doubling;
    if (batch < 1) continue;
    const train::Schedule s = train::with_batch(w.schedule, w.optimizer.kind, batch);
    if (batch != w.schedule.batch && train::step_count(s, w.train_samples) < kFewestSteps) continue;
    TrainTask task = own;
    task.batch = batch == w.schedule.batch ? 0 : batch;
    shapes.push_back(task.name());
  }
  return shapes;
}

/// The contender of a device to search with: the one named, else the one that a first look takes.
const Kernel* contender(const Backend& backend, const std::string& named, const TrainTask& own) {
  for (const Kernel& kernel : backend.kernels) {
    if (!kernel.compile || (!named.empty() && kernel.name != named)) continue;
    const bool any = std::ranges::any_of(all_precisions(), [&](Precision p) {
      TrainTask task = own;
      task.precision = p;
      const bool reserved = named.empty() && kernel.reserved && kernel.reserved(task);
      return !kernel.why_not(task) && !reserved;
    });
    if (any) return &kernel;
  }
  return nullptr;
}

/// The workload's name, of a file of one's own too, which must define one.
std::string workload_name(const TuneOptions& o) {
  if (!o.workload.ends_with(".toml")) {
    suites_of(o.run.selection);  // overlays may define it
    return o.workload;
  }
  std::vector<std::string> names;
  for (const Suite& suite : load_suite_file(o.workload)) {
    for (const ProblemSet& set : suite.sets) {
      for (const Problem& problem : set.problems) {
        const auto* task = std::get_if<TrainTask>(&problem);
        if (!task) throw UsageError(fmt::format("{} asks for more than trainings", o.workload));
        if (std::ranges::find(names, task->workload->name) == names.end())
          names.push_back(task->workload->name);
      }
    }
  }
  if (names.size() != 1)
    throw UsageError(fmt::format("{} defines {} workloads: a search is over one", o.workload, names.size()));
  return names.front();
}

/// A session whose plan is everything that may be tried, by one contender on one device.
Session plan_search(TuneOptions& o) {
  const TrainTask own = task_of(workload_name(o), Precision::fp32);
  if (own.batch > 0)
    throw UsageError(fmt::format("'{}' names a batch size, which is what is searched: give '{}'", o.workload,
                                 own.workload->name));
  if (own.workload->needs_folder && o.run.data.empty())
    throw UsageError(fmt::format("{} trains on files of yours: give --data DIR", own.workload->name));
  o.run.selection.selectors = {"train"};
  o.run.selection.preset = "full";  // nothing reserved
  o.run.selection.shapes = shapes_of(own);
  if (o.run.selection.precisions.empty()) o.run.selection.precisions = {"fp32", "tf32", "bf16", "fp16"};
  Session session = plan_session(o.run);
  std::vector<PlannedCase>& cases = session.facts.plan.cases;
  // A GPU where there is one: backends come with the CPU first.
  for (size_t i = session.lineup.backends.size(); i-- > 0;) {
    const Backend& backend = session.lineup.backends[i];
    const Kernel* kernel = contender(backend, o.kernel, own);
    const auto usable = [&](const PlannedCase& c) {
      const CaseId id = split_id(c.id).value();
      return kernel && c.device == backend.device_id && id.backend == backend.name &&
             id.kernel == kernel->name &&
             !kernel->why_not(task_of(id.problem, parse_precision(id.precision).value()));
    };
    if (std::ranges::none_of(cases, usable)) continue;
    std::erase_if(cases, [&](const PlannedCase& c) { return !usable(c); });
    session.facts.plan.selectors = {kTuneSelector};
    return session;
  }
  throw NothingToDo(o.kernel.empty()
                        ? fmt::format("no contender here trains {}", own.workload->name)
                        : fmt::format("no contender '{}' here trains {}", o.kernel, own.workload->name));
}

/// A search in progress: what may be tried, and how its cases are called.
class Search {
 public:
  explicit Search(const PlanFacts& plan) : cases_(plan.cases) {
    if (cases_.empty()) throw UsageError("the plan of the search is empty");
    const CaseId first = split_id(cases_.front().id).value();
    contender_ = first.backend + "." + first.kernel;
    space_.seeds = plan.seeds;
    space_.least_batch = INT64_MAX;
    for (const PlannedCase& c : cases_) {
      const CaseId id = split_id(c.id).value();
      const TrainTask task = task_of(id.problem, parse_precision(id.precision).value());
      workload_ = task.workload->name;
      space_.own_batch = task.workload->schedule.batch;
      const int64_t batch = task.schedule().batch;
      space_.least_batch = std::min(space_.least_batch, batch);
      space_.most_batch = std::max(space_.most_batch, batch);
      settings_.push_back({batch, task.precision});
    }
    for (const Precision p : {Precision::fp32, Precision::tf32, Precision::bf16, Precision::fp16}) {
      if (std::ranges::find(settings_, p, &train::Setting::precision) != settings_.end())
        space_.precisions.push_back(p);
    }
  }

  const train::SearchSpace& space() const { return space_; }
  const PlannedCase& planned(const train::Setting& setting) const {
    return cases_.at(static_cast<size_t>(std::ranges::find(settings_, setting) - settings_.begin()));
  }
  std::vector<train::TrialOutcome> outcomes(const ResultFile& file) const {
    std::vector<train::TrialOutcome> done;
    for (const Record& r : file.records) {
      const auto found = std::ranges::find(cases_, r.id, &PlannedCase::id);
      if (found == cases_.end()) continue;
      const bool reached = r.status == Status::ok && !r.seconds.empty();
      const auto at = static_cast<size_t>(found - cases_.begin());
      done.push_back({{settings_[at], r.launch}, reached ? r.seconds.front() : 0});
    }
    return done;
  }
  TuneSubject subject(size_t trials, bool complete) const {
    return {workload_, contender_, trials, complete};
  }

 private:
  std::vector<PlannedCase> cases_;
  std::vector<train::Setting> settings_;  // of each case
  train::SearchSpace space_;
  std::string workload_, contender_;
};

/// Trains until the search has its answer, the time is up or a signal comes. True: to its end.
bool search(const Session& session, const Search& what, Journal& journal, const std::filesystem::path& path,
            double budget_seconds) {
  std::signal(SIGPIPE, SIG_IGN);
  const StopSignals stop_signals;
  const auto start = std::chrono::steady_clock::now();
  ProgressLine progress(session.facts.plan.cases.size());
  while (true) {
    const auto trial = next_trial(what.space(), what.outcomes(read_result_file(path)));
    if (!trial) return true;
    const double spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (spent >= budget_seconds) return false;
    if (run_case(session, what.planned(trial->setting), trial->launch, journal, progress) ==
        RunEnd::interrupted)
      return false;
  }
}

ExitCode report(const ResultFile& file, const Search& what, bool complete, Output output) {
  const auto done = what.outcomes(file);
  const train::TuneAnswer found = answer(what.space(), done);
  const TuneSubject subject = what.subject(done.size(), complete);
  const ExitCode code = !found.best ? (complete ? ExitCode::wrong : ExitCode::nothing) : ExitCode::done;
  if (output == Output::json) {
    nlohmann::json document = tune_json(subject, what.space(), found);
    document["file"] = file.path.string();
    document["exit_code"] = static_cast<int>(code);
    fmt::print("{}\n", document.dump());
    return code;
  }
  fmt::print("{}\n{}results: {}\n", page(file, Style::text), tune_text(subject, what.space(), found),
             file.path.string());
  if (!complete) fmt::print("stopped; `breakeven tune --resume {}` goes on\n", file.path.string());
  return code;
}

ExitCode go(const Session& session, Journal journal, const std::filesystem::path& path, double budget,
            Output output) {
  const Search what(session.facts.plan);
  const bool complete = search(session, what, journal, path, budget);
  if (complete) journal.finish();
  return report(read_result_file(path), what, complete, output);
}

ExitCode tune(TuneOptions o, const std::vector<std::string>& argv) {
  const double budget = seconds_of(o.budget);
  if (!o.resume.empty()) {
    const ResultFile file = read_result_file(o.resume);
    std::string difference;
    const Session session = session_of(file, &difference);
    if (session.facts.plan.selectors != std::vector<std::string>{kTuneSelector})
      throw UsageError(fmt::format("{} is no search; `breakeven run --resume` goes on with runs", o.resume));
    if (!difference.empty()) return refuse_to_go_on(file, difference);
    return go(session, Journal::reopen(o.resume), o.resume, budget, o.run.output);
  }
  if (o.workload.empty())
    throw UsageError(
        "tune needs a workload, as in `breakeven tune gpt-synth-quick` (`breakeven list cases train`)");
  Session session = plan_search(o);
  session.facts.argv = argv;
  const std::filesystem::path out =
      o.run.out.empty() ? default_file(session.machine) : std::filesystem::path(o.run.out);
  Journal journal = Journal::create(out, run_line(session.facts));
  if (o.run.output == Output::people) {
    fmt::print("up to {} settings into {}\n{}\n", session.facts.plan.cases.size(), out.string(),
               warning(session));
    std::fflush(stdout);
  }
  return go(session, std::move(journal), out, budget, o.run.output);
}

}  // namespace

void add_tune(CLI::App& app, Action& action) {
  auto* verb = app.add_subcommand("tune", "the batch size and precision that train soonest");
  const auto o = std::make_shared<TuneOptions>();
  verb->add_option(
      "workload", o->workload,
      "a workload of the suite train, such as gpt-synth-quick, or a .toml file that defines one");
  verb->add_option("--budget", o->budget, "time after which no further training is started: 90s, 10m, 2h")
      ->capture_default_str();
  verb->add_option("--device", o->run.selection.devices, "cpu, cuda, cuda:N, all (a GPU where there is one)")
      ->delimiter(',')
      ->capture_default_str();
  verb->add_option("--kernel", o->kernel, "the contender (default: the one that preset quick takes)");
  verb->add_option("--precision", o->run.selection.precisions,
                   "which to try, the first to be held against (default: fp32, tf32, bf16, fp16)")
      ->delimiter(',');
  verb->add_option("--launches", o->run.launches, "seeds of the last two settings (default: 3)");
  verb->add_option("--threads", o->run.threads, "CPU threads (default: all usable cores)");
  verb->add_option("--seed", o->run.seed, "launch L has this seed + L")->capture_default_str();
  verb->add_option("--out", o->run.out, "result file to write (default: results/<host>-<time>.jsonl)");
  verb->add_option("--resume", o->resume, "result file of a search that was stopped");
  verb->add_option("--data", o->run.data, "folder of files of yours, for the workloads that read them");
  verb->add_flag_callback(
      "--json", [o] { o->run.output = Output::json; }, "one JSON document on standard output");
  verb->callback([&action, o, verb] {
    refuse_beside_resume(*verb, {"--json", "--budget"});
    if (!o->run.launches) o->run.launches = 3;
    action = [o](const std::vector<std::string>& argv) { return tune(*o, argv); };
  });
}

}  // namespace breakeven::cli
