// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/reference_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/train/t_test.h"

namespace breakeven::train {
namespace {

std::vector<double> qualities(std::span<const ReferencePoint> points) {
  std::vector<double> out;
  for (const ReferencePoint& p : points) out.push_back(p.quality);
  return out;
}

/// Empty where one has none.
std::vector<double> crossings(std::span<const ReferencePoint> points) {
  std::vector<double> out;
  for (const ReferencePoint& p : points) {
    if (!p.crossing_step) return {};
    out.push_back(static_cast<double>(*p.crossing_step));
  }
  return out;
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation(std::span<const double> values) {
  const double m = mean(values);
  double squares = 0;
  for (const double v : values) squares += (v - m) * (v - m);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

GateResult untested(std::string gate, std::string why) {
  return {.gate = std::move(gate), .pair = {}, .error = 0, .bound = 0, .verdict = Verdict::none, .where = std::move(why)};
}

/// Both directions of one quantity.
void test_both(const std::string& what, std::span<const double> runs, std::span<const double> reference,
               double margin, double significance, WorstGate& worst) {
  for (const bool above : {true, false}) {
    const TTest test = above ? greater(runs, reference, margin) : greater(reference, runs, margin);
    worst.look(std::max(test.t, 0.0), student_t_critical(significance, test.degrees),
               fmt::format("{} {} the reference's: mean {:.6g} of {}, reference {:.6g} of {}, p = {:.2g}", what,
                           above ? "above" : "below", mean(runs), runs.size(), mean(reference), reference.size(),
                           test.p));
  }
}

}  // namespace

double quality_margin(Metric metric) {
  switch (metric) {
    case Metric::accuracy:
      return 0.001;
    case Metric::loss:
      return 0.005;
    case Metric::auc:
      return 0.001;
  }
  return 0;
}

GateResult quality_gate(const ReferencePoints& reference, Metric metric, std::span<const ReferencePoint> runs) {
  if (runs.empty()) return untested("L4", "no whole run");
  const std::vector<double> known = qualities(reference.seeds), got = qualities(runs);
  const double bound = 3 * deviation(known) + quality_margin(metric);
  return judged("L4", std::abs(mean(got) - mean(known)), bound,
                fmt::format("final {} {:.6g}, reference {:.6g}", name(metric), mean(got), mean(known)));
}

GateResult reference_gate(const ReferencePoints& reference, Metric metric, std::span<const ReferencePoint> runs,
                          double significance) {
  if (runs.size() < 2) return untested("L5", fmt::format("{} whole runs, a t-test needs 2", runs.size()));
  WorstGate worst("L5");
  test_both(fmt::format("final {}", name(metric)), qualities(runs), qualities(reference.seeds),
            quality_margin(metric), significance, worst);
  const std::vector<double> got = crossings(runs), known = crossings(reference.seeds);
  if (!got.empty() && !known.empty())
    test_both("first crossing", got, known, kCrossingMargin * mean(known), significance, worst);
  return worst.result();
}

}  // namespace breakeven::train
