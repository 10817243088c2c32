// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/cli/run_session.h"
#include "harness/usage_error.h"
#include "suites/suites.h"
#include "suites/train/workloads.h"

namespace breakeven::cli {
namespace {

using nlohmann::json;

/// A plan from a file is input like any other: every case must be one, on a device that is here.
void check_plan(const Session& session, const std::filesystem::path& path) {
  const PlanFacts& plan = session.facts.plan;
  for (const int launches : {plan.launches, plan.seeds}) {
    if (launches >= 1 && launches <= kMostLaunches) continue;
    throw UsageError(
        fmt::format("{}: a plan of {} launches, not 1 to {}", path.string(), launches, kMostLaunches));
  }
  for (const PlannedCase& planned : plan.cases) {
    const auto id = split_id(planned.id);
    const auto precision = id ? parse_precision(id->precision) : std::nullopt;
    std::string why = "not a case id";
    if (!precision || !parse_problem(id->suite, id->problem, *precision, &why)) {
      throw UsageError(fmt::format("{}: planned case '{}': {}", path.string(), shown(planned.id), why));
    }
    const auto found = std::ranges::find(session.lineup.backends, planned.device, &Backend::device_id);
    if (found == session.lineup.backends.end()) {
      throw NothingToDo(
          fmt::format("{} needs the device '{}', which is not here", path.string(), shown(planned.device)));
    }
  }
}

/// What a run's records may not mix, in words; empty when all is as it was.
std::string differs(const json& before, const json& now) {
  static constexpr std::pair<const char*, const char*> kSame[] = {
      {"/method", "method"},         {"/tool", "build of breakeven"},
      {"/machine/cpu/model", "CPU"}, {"/machine/cpu/cores", "number of cores"},
      {"/machine/host", "host"},     {"/libraries", "libraries"}};
  for (const auto& [pointer, words] : kSame) {
    const json::json_pointer at(pointer);
    const json was = before.contains(at) ? before.at(at) : json(),
               is = now.contains(at) ? now.at(at) : json();
    if (was != is)
      return fmt::format("another {} ({} then, {} now)", words, shown(was.dump()), shown(is.dump()));
  }
  return "";
}

}  // namespace

Session session_of(const ResultFile& file, std::string* difference) {
  Session session;
  session.facts.plan = planned(file.run);
  for (const std::string& definition : session.facts.plan.definitions) define_workloads(definition);
  session.machine = describe_machine();
  session.lineup =
      line_up(session.machine, session.facts.plan.threads, emulator_among(session.facts.plan.devices));
  session.describe();
  check_plan(session, file.path);
  *difference = differs(file.run, run_line(session.facts));
  for (const Record& r : file.records) session.done.emplace(r.id, r.device, r.regime, r.launch);
  return session;
}

ExitCode refuse_to_go_on(const ResultFile& file, const std::string& difference) {
  fmt::print(stderr, "breakeven: {} cannot be gone on with here: {}; measure anew into another file\n",
             file.path.string(), difference);
  return ExitCode::not_comparable;
}

}  // namespace breakeven::cli
