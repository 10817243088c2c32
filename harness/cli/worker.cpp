// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "cpu_ref/cpu.h"
#include "harness/cli/backends.h"
#include "harness/cli/verbs.h"
#include "harness/cli/work_order.h"
#include "harness/measure.h"
#include "harness/supervisor.h"
#include "harness/usage_error.h"
#include "results/record.h"
#include "suites/suites.h"
#include "suites/train/workloads.h"

namespace breakeven::cli {
namespace {

/// The devices this worker has opened so far, and its cases resolved on them.
class Bench {
 public:
  explicit Bench(const WorkOrder& order) : order_(order), machine_(describe_machine()) {}

  Case resolve(const PlannedCase& planned) {
    const CaseId id = split_id(planned.id).value();
    std::string why;
    const auto problem =
        parse_problem(id.suite, id.problem, parse_precision(id.precision).value(), &why).value();
    const Backend& backend = open(planned.device);
    for (const Kernel& kernel : backend.kernels) {
      if (kernel.name == id.kernel) return {id.suite, problem, &backend, &kernel, asks_of(id.suite)};
    }
    throw std::runtime_error("no kernel of this name on " + planned.device);
  }

 private:
  const Backend& open(const std::string& device) {
    auto known = backends_.find(device);
    if (known == backends_.end()) {
      known = backends_.emplace(device, open_backend(device, machine_, order_.threads)).first;
    }
    return known->second;
  }
  const WorkOrder& order_;
  Machine machine_;
  std::map<std::string, Backend> backends_;
};

/// Passes progress on, but seldom: every line wakes the supervisor, on a core that may be measuring.
class QuietProgress {
 public:
  explicit QuietProgress(size_t index) : index_(index) {}
  void operator()(std::string_view phase, double median_seconds) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(250)) return;
    last_ = now;
    tell_progress(index_, phase, median_seconds);
  }

 private:
  size_t index_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

void measure_all(const WorkOrder& order) {
  for (const std::string& definition : order.definitions) define_workloads(definition);
  Bench bench(order);
  Measurer measurer(plan_of(order, Regime::sustained), cpu::judge);
  for (size_t i = order.first; i < order.cases.size(); ++i) {
    tell_started(i);
    try {
      const Case spec = bench.resolve(order.cases[i]);
      const Plan plan = plan_of(order, order.cases[i].regime);
      measurer.set_regime(plan.regime);
      const Result result = measurer.measure(spec, QuietProgress(i));
      tell_result(
          i, to_record(spec, plan, Slot{order.launch, {}, {}}, result, repro(order, order.cases[i])).dump());
    } catch (const DeviceLost& error) {
      tell_device_lost(i, error.what());
      _exit(0);  // a lost device's destructors may hang; the next worker starts afresh
    }
  }
}

ExitCode work() {
  if (fcntl(3, F_GETFD) < 0) throw UsageError("`worker` is started by `run`, not by hand");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  if (text == R"({"probe":true})") {
    tell(probe_gpus().dump() + "\n");
    return ExitCode::done;
  }
  measure_all(work_order(text));
  return ExitCode::done;
}

}  // namespace

void add_worker(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("worker", "measures for `run`, in a process of its own");
  verb->group("");  // hidden
  verb->callback([&action] { action = [](const auto&) { return work(); }; });
}

}  // namespace breakeven::cli
