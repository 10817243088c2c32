// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/sampling.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>

#include "harness/median.h"

namespace breakeven {
namespace {

constexpr int kFewest = 5;  // the contract's minimum
constexpr int kLargestRound = 4096;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Google Benchmark would print a table of its own; ours comes from the records.
class Silent : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

/// One round: a benchmark registered now, with manual time and exactly `count` iterations (its own choice of
/// a count is by time alone and would give a slow case a single sample). Its statistics are means, so samples
/// are kept here.
void run_round(const std::string& name, int count, const Sample& sample, std::vector<double>& seconds) {
  std::exception_ptr thrown;
  auto* registered = benchmark::RegisterBenchmark(name.c_str(), [&](benchmark::State& state) {
    for (auto _ : state) {
      try {
        seconds.push_back(sample());
      } catch (...) {
        thrown = std::current_exception();
        state.SkipWithError("a sample threw");
        break;
      }
      state.SetIterationTime(seconds.back());
    }
  });
  registered->UseManualTime()->Iterations(count);
  Silent silent;
  benchmark::RunSpecifiedBenchmarks(&silent);
  benchmark::ClearRegisteredBenchmarks();
  if (thrown) std::rethrow_exception(thrown);
}

/// Samples still needed if the interval goes on shrinking with the square root of their number.
int next_round(const Budget& budget, size_t have, double interval, double cost, double left) {
  const double ratio = interval / budget.interval;
  const double wanted = static_cast<double>(have) * std::min(ratio * ratio - 1, 2.0);
  const double affordable = std::max(left, 0.0) / std::max(cost, 1e-9);
  return static_cast<int>(std::clamp(std::ceil(std::min(wanted, affordable)), 1.0, double{kLargestRound}));
}

int first_round(const Budget& budget, double cost) {
  const double affordable = budget.max_seconds / std::max(cost, 1e-9);
  const double wanted = std::max<double>(budget.min_samples, budget.min_seconds / std::max(cost, 1e-9));
  return static_cast<int>(std::clamp(std::min(wanted, affordable), double{kFewest}, double{kLargestRound}));
}

}  // namespace

Sampled sample_until_settled(const std::string& name, const Budget& budget, std::optional<int> fixed,
                             double cost, const Sample& sample, const Watch& watch) {
  Sampled out;
  const auto start = std::chrono::steady_clock::now();
  int count = fixed ? std::max(*fixed, kFewest) : first_round(budget, cost);
  while (true) {
    run_round(name, count, sample, out.seconds);
    const MedianInterval interval = median_interval(out.seconds);
    out.interval = interval.relative();
    watch(out.seconds.size(), interval.median);
    if (fixed) return out.stop = Stop::samples, out;
    const double spent = seconds_since(start);
    const bool enough = out.seconds.size() >= static_cast<size_t>(budget.min_samples);
    if (enough && spent >= budget.min_seconds && out.interval <= budget.interval)
      return out.stop = Stop::interval, out;
    const bool wide = out.interval > budget.tolerable_interval;
    const double allowed =
        wide ? std::max(budget.max_seconds, budget.max_seconds_when_wide) : budget.max_seconds;
    if (spent >= allowed) return out.stop = Stop::time, out;
    count = next_round(budget, out.seconds.size(), out.interval,
                       spent / static_cast<double>(out.seconds.size()), allowed - spent);
  }
}

double warm_up(double max_seconds, const std::function<double()>& window) {
  constexpr double kAgreement = 0.03;
  const auto start = std::chrono::steady_clock::now();
  std::vector<double> last;
  while (true) {
    last.push_back(window());
    if (last.size() > 3) last.erase(last.begin());
    const auto [low, high] = std::ranges::minmax(last);
    if (last.size() == 3 && high <= low * (1 + kAgreement)) break;
    if (seconds_since(start) >= max_seconds) break;
  }
  return median(last);
}

}  // namespace breakeven
