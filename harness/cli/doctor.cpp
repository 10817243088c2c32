// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/doctor.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "harness/cli/backends.h"
#include "harness/cli/standing.h"
#include "harness/cli/verbs.h"
#include "reports/units.h"
#include "results/run_line.h"

namespace breakeven::cli {
namespace {

std::string_view mark(Severity severity) {
  switch (severity) {
    case Severity::good:
      return "ok      ";
    case Severity::missing:
      return "missing ";
    case Severity::distorts:
      return "DISTORTS";
  }
  return "";
}

void print_for_people(const Machine& m, const Lineup& lineup, const std::vector<Finding>& findings) {
  fmt::print("{}, {} of {} hardware threads usable, {} memory ({} available), last-level cache {}\n",
             m.cpu_model, m.cores.usable, m.cores.logical_online,
             format_bytes(static_cast<double>(m.memory_bytes)),
             format_bytes(static_cast<double>(m.available_bytes)),
             format_bytes(static_cast<double>(m.caches.last_level_bytes)));
  fmt::print("{}, kernel {}; instruction sets: {}\n", m.os, m.kernel, fmt::join(m.isa, " "));
  for (const DeviceInfo& gpu : lineup.gpus) {
    fmt::print("{}: {}, {} memory\n", gpu.id, gpu.name, format_bytes(static_cast<double>(gpu.memory_bytes)));
    for (const auto& [name, value] : gpu.facts) fmt::print("  {}: {}\n", name, value);
  }
  fmt::print("\n");
  size_t widest = 0;
  for (const Finding& f : findings) widest = std::max(widest, f.subject.size());
  for (Severity severity : {Severity::distorts, Severity::missing, Severity::good}) {
    for (const Finding& f : findings) {
      if (f.severity != severity) continue;
      fmt::print("{}  {:<{}}  {}\n", mark(severity), f.subject, widest, f.state);
      if (!f.remedy.empty()) fmt::print("{:>{}}  -> {}\n", "", widest + 10, f.remedy);
    }
  }
  const auto count = [&](Severity s) { return std::ranges::count(findings, s, &Finding::severity); };
  fmt::print("\n{} would distort numbers, {} missing, {} fine\n", count(Severity::distorts),
             count(Severity::missing), count(Severity::good));
}

void print_json(const Machine& machine, const Lineup& lineup, const std::vector<Finding>& findings) {
  RunFacts facts;
  facts.machine = machine;
  facts.devices = {lineup.backends.front().device->info()};
  facts.devices.insert(facts.devices.end(), lineup.gpus.begin(), lineup.gpus.end());
  nlohmann::ordered_json out{{"machine", run_line(facts).at("machine")}};
  out["findings"] = nlohmann::ordered_json::array();
  for (const Finding& f : findings) {
    out["findings"].push_back(
        {{"severity", name(f.severity)}, {"subject", f.subject}, {"state", f.state}, {"remedy", f.remedy}});
  }
  fmt::print("{}\n", out.dump(2));
}

ExitCode examine_all(Output output) {
  const Machine machine = describe_machine();
  const Lineup lineup = line_up(machine, machine.cores.usable);
  std::vector<Finding> findings = examine(machine, lineup.backends);
  if (const auto finding = own_gpu_kernels(lineup.backends)) findings.push_back(*finding);
  output == Output::json ? print_json(machine, lineup, findings)
                         : print_for_people(machine, lineup, findings);
  return ExitCode::done;
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  const auto output = std::make_shared<Output>(Output::people);
  CLI::App* verb =
      app.add_subcommand("doctor", "what is missing or would distort numbers here, with the remedy");
  verb->add_flag_callback(
      "--json", [output] { *output = Output::json; }, "as JSON");
  verb->callback([&action, output] { action = [output](const auto&) { return examine_all(*output); }; });
}

}  // namespace breakeven::cli
