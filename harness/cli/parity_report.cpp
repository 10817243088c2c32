// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/parity_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "reports/grid.h"
#include "results/reference_points_file.h"
#include "results/result_file.h"
#include "suites/train/rcp.h"

namespace breakeven::cli {
namespace {

using nlohmann::ordered_json;
using train::GateResult;
using train::ParityRow;

constexpr const char* kGates[] = {"L0", "L1", "L2", "L3", "L4", "L5", "L6"};
constexpr double kErrInAll = 0.05;
constexpr double kTestsOfAGate = 4;  // better, worse, faster, slower

std::string word(Verdict verdict) {
  return verdict == Verdict::ok ? "ok" : verdict == Verdict::wrong ? "wrong" : "none";
}

/// "ok 0.03": the error as a share of its bound; of counts, the count.
std::string cell(const GateResult& g) {
  if (g.gate == "L6") return g.verdict == Verdict::ok ? "same bits" : fmt::format("{:.0f} differ", g.error);
  if (g.verdict == Verdict::none) return "-";
  if (g.bound == 0) return g.error == 0 ? "ok" : "WRONG";
  return fmt::format("{} {:.2g}", g.verdict == Verdict::ok ? "ok" : "WRONG", g.error / g.bound);
}

/// The worst of several findings of one gate.
const GateResult* find(const ParityRow& row, const std::string& gate) {
  const GateResult* worst = nullptr;
  for (const GateResult& g : row.gates) {
    if (g.gate == gate && (!worst || (g.verdict == Verdict::wrong && worst->verdict != Verdict::wrong))) worst = &g;
  }
  return worst;
}

std::optional<train::ReferencePoints> reference_points(const std::string& workload) {
  for (const BuiltinFile& file : reference_point_files()) {
    if (file.path.ends_with("/" + workload + ".json"))
      return parse_reference_points(std::string(file.path), file.text);
  }
  return std::nullopt;
}

}  // namespace

std::vector<WholeRuns> whole_runs(const std::vector<std::string>& files) {
  std::vector<WholeRuns> all;
  for (const std::string& file : files) {
    for (const Record& r : read_result_file(file).records) {
      if (r.suite != "train" || !r.training || r.problem != r.training->workload) continue;
      if (r.training->evaluations.empty() || r.training->evaluations.back().step != r.training->steps) continue;
      const auto precision = parse_precision(r.precision);
      if (!precision) continue;
      const std::string contender = r.device + "." + r.kernel;
      auto found = std::ranges::find_if(all, [&](const WholeRuns& w) {
        return w.workload == r.problem && w.contender == contender && w.precision == *precision;
      });
      if (found == all.end()) found = all.insert(all.end(), {r.problem, contender, *precision, {}});
      train::ReferencePoint point{r.training->seed, r.training->quality, std::nullopt};
      if (r.training->first_crossing) point.crossing_step = r.training->first_crossing->step;
      found->points.push_back(point);
    }
  }
  return all;
}

void add_reference_gates(ParityTable& table, train::Metric metric, const std::vector<WholeRuns>& runs) {
  const std::optional<train::ReferencePoints> reference = reference_points(table.workload);
  if (!reference || runs.empty()) return;
  const double significance = kErrInAll / kTestsOfAGate / static_cast<double>(runs.size());
  for (ParityRow& row : table.rows) {
    const auto own = std::ranges::find_if(runs, [&](const WholeRuns& w) {
      return w.workload == table.workload && w.contender == row.contender && w.precision == row.precision;
    });
    if (own == runs.end()) continue;
    for (GateResult g : {quality_gate(*reference, metric, own->points),
                         reference_gate(*reference, metric, own->points, significance)}) {
      g.pair = fmt::format("{} {} : {} {}", row.contender, name(row.precision), reference->method,
                           reference->precision);
      row.gates.push_back(std::move(g));
    }
  }
}

void print(const ParityTable& table) {
  Grid grid{{"contender", "precision"}, {}, Columns::words};
  grid.head.insert(grid.head.end(), std::begin(kGates), std::end(kGates));
  std::string notes;
  for (const ParityRow& row : table.rows) {
    std::vector<std::string> line{row.contender, std::string(name(row.precision))};
    for (const char* gate : kGates) {
      const GateResult* found = find(row, gate);
      line.push_back(found ? cell(*found) : "-");
    }
    grid.rows.push_back(std::move(line));
    if (!row.reason.empty()) notes += fmt::format("{} {}: {}\n", row.contender, name(row.precision), row.reason);
    for (const GateResult& g : row.gates) {
      if (g.verdict == Verdict::wrong) notes += fmt::format("WRONG {} {}: {}\n", g.gate, g.pair, g.where);
    }
  }
  fmt::print("{}, batch {}, {} steps; errors as shares of their bounds\n{}{}\n", table.workload, table.batch,
             table.steps, render(grid, Style::text), notes);
  std::fflush(stdout);
}

ordered_json to_json(const std::vector<ParityTable>& tables) {
  ordered_json out = ordered_json::array();
  for (const ParityTable& table : tables) {
    ordered_json rows = ordered_json::array();
    for (const ParityRow& row : table.rows) {
      ordered_json gates = ordered_json::array();
      for (const GateResult& g : row.gates)
        gates.push_back({{"gate", g.gate},
                         {"pair", g.pair},
                         {"error", g.error},
                         {"bound", g.bound},
                         {"verdict", word(g.verdict)},
                         {"where", g.where}});
      rows.push_back({{"contender", row.contender}, {"precision", name(row.precision)}, {"reason", row.reason}, {"gates", gates}});
    }
    out.push_back(
        {{"workload", table.workload}, {"batch", table.batch}, {"steps", table.steps}, {"rows", rows}});
  }
  return out;
}

ExitCode outcome(const std::vector<ParityTable>& tables) {
  bool tried = false, wrong = false;
  for (const ParityTable& table : tables) {
    for (const ParityRow& row : table.rows) {
      tried |= !row.gates.empty();
      wrong |= std::ranges::any_of(row.gates, [](const GateResult& g) { return g.verdict == Verdict::wrong; });
    }
  }
  return wrong ? ExitCode::wrong : tried ? ExitCode::done : ExitCode::nothing;
}

}  // namespace breakeven::cli
