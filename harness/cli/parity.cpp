// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cpu_ref/train/judge_executable.h"
#include "cpu_ref/train/judge_operations.h"
#include "harness/cli/backends.h"
#include "harness/cli/parity_report.h"
#include "harness/cli/selection.h"
#include "harness/cli/verbs.h"
#include "harness/usage_error.h"

namespace breakeven::cli {
namespace {

constexpr int64_t kMostSteps = 100'000, kMostBatch = 4096;

struct ParityOptions {
  Selection selection;
  int64_t steps = 20, batch = 16;
  std::string data;
  std::vector<std::string> results;
  Output output = Output::people;
};

/// Everything to be compared on one workload at one batch.
struct Group {
  TrainTask task;  // of any precision
  std::vector<Case> cases;
};

/// Devices opened here: what a lineup tells of GPUs only describes them.
class OpenBackends {
 public:
  explicit OpenBackends(const Machine& machine) : machine_(machine) {}
  const Kernel& kernel(const Case& c) {
    if (c.backend->device) return *c.kernel;
    auto known = opened_.find(c.device());
    if (known == opened_.end())
      known = opened_.emplace(c.device(), open_backend(c.device(), machine_, machine_.cores.usable)).first;
    return *std::ranges::find(known->second.kernels, c.kernel->name, &Kernel::name);
  }

 private:
  const Machine& machine_;
  std::map<std::string, Backend> opened_;
};

/// By workload, in order; the judge itself is no contender.
std::vector<Group> groups_of(const std::vector<Case>& cases) {
  std::vector<Group> groups;
  for (const Case& c : cases) {
    const auto* task = std::get_if<TrainTask>(&c.problem);
    if (!task || !c.kernel->compile || c.kernel->name == "judge") continue;
    auto group = std::ranges::find_if(groups, [&](const Group& g) { return g.task.name() == task->name(); });
    if (group == groups.end()) group = groups.insert(groups.end(), {*task, {}});
    group->cases.push_back(c);
  }
  return groups;
}

void check(const ParityOptions& o) {
  const auto within = [](const char* option, int64_t value, int64_t most) {
    if (value < 1 || value > most)
      throw UsageError(fmt::format("{} {} is not between 1 and {}", option, value, most));
  };
  within("--steps", o.steps, kMostSteps);
  within("--batch", o.batch, kMostBatch);
}

train::Datasets load(const train::Workload& workload, const std::string& folder) {
  if (workload.needs_folder && folder.empty())
    throw UsageError(
        fmt::format("{} trains on your own files: give their folder as --data DIR", workload.name));
  try {
    return workload.load(folder.empty() ? std::nullopt : std::optional<std::filesystem::path>(folder));
  } catch (const std::runtime_error& error) {
    throw UsageError(fmt::format("{}: {}", workload.name, error.what()));
  }
}

/// The rows of one workload: why not, or what the gates found.
ParityTable compare(const Group& group, const ParityOptions& o, OpenBackends& backends,
                    const Machine& machine) {
  const train::Workload& workload = *group.task.workload;
  const int64_t batch = group.task.batch > 0 ? group.task.batch : std::min(o.batch, workload.schedule.batch);
  ParityTable table{workload.name, batch, o.steps, {}};
  std::vector<train::ParityContender> contenders;
  for (const Case& c : group.cases) {
    const std::string name = c.device() + "." + c.kernel->name;
    const Precision precision = std::get<TrainTask>(c.problem).precision;
    if (const Reason reason = c.kernel->why_not(c.problem)) {
      table.rows.push_back({name, precision, {}, *reason});
      continue;
    }
    if (!c.backend->device && c.device() == c.backend->name) {
      table.rows.push_back({name, precision, {}, c.backend->absence});
      continue;
    }
    contenders.push_back({name, precision, backends.kernel(c).compile});
  }
  if (contenders.empty()) return table;
  const train::Datasets data = load(workload, o.data);
  const train::ParitySettings settings{
      .batch = batch, .steps = o.steps, .seed = 1, .threads = machine.cores.usable};
  auto rows =
      train::run_parity(workload, data, contenders, {cpu::compile_judge, cpu::judge_operation}, settings);
  std::ranges::move(rows, std::back_inserter(table.rows));
  return table;
}

ExitCode parity(ParityOptions o) {
  check(o);
  if (o.selection.selectors.empty()) o.selection.selectors = {"train"};
  // Every contender, also those that a first look leaves out.
  if (o.selection.kernels.empty()) o.selection.kernels = {"*"};
  const std::vector<WholeRuns> runs = whole_runs(o.results);
  const Machine machine = describe_machine();
  const Lineup lineup = line_up(machine, machine.cores.usable, emulator_among(o.selection.devices));
  const std::vector<Group> groups = groups_of(select(o.selection, lineup.backends));
  if (groups.empty())
    throw NothingToDo("no contender here trains what was selected; see `breakeven list cases train`");
  OpenBackends backends(machine);
  std::vector<ParityTable> tables;
  for (const Group& group : groups) {
    tables.push_back(compare(group, o, backends, machine));
    add_reference_gates(tables.back(), group.task.workload->target.metric, runs);
    if (o.output == Output::people) print(tables.back());
  }
  if (o.output == Output::json) fmt::print("{}\n", to_json(tables).dump(2));
  return outcome(tables);
}

}  // namespace

void add_parity(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ParityOptions>();
  CLI::App* verb =
      app.add_subcommand("parity", "do all contenders compute the same training, step by step? (exit 1: no)");
  add_selection(*verb, options->selection);
  verb->add_option("--steps", options->steps, "to compare")->capture_default_str();
  verb->add_option("--batch", options->batch, "where the problem's name gives none")->capture_default_str();
  verb->add_option("--data", options->data, "folder of your own files, for workloads that read them");
  verb->add_option("--results", options->results,
                   "result files of whole trainings, to be held against reference points (gates L4, L5)")
      ->delimiter(',');
  verb->add_flag_callback(
      "--json", [options] { options->output = Output::json; }, "as JSON");
  verb->callback([&action, options] { action = [options](const auto&) { return parity(*options); }; });
}

}  // namespace breakeven::cli
