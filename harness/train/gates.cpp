// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace breakeven::train {
namespace {

struct Tolerance {
  double loss, gradient;  // step 0
  double curve;           // first steps
};
Tolerance tolerance(Precision precision) {
  if (precision == Precision::fp32 || precision == Precision::fp64) return {1e-6, 1e-4, 2e-3};
  if (precision == Precision::tf32) return {1e-3, 2e-2, 2e-2};
  return {3e-3, 0.1, 2e-2};
}
constexpr double kAverageTolerance = 0.1;

double relative(double got, double expected) {
  return got == expected ? 0 : std::abs(got - expected) / std::abs(expected);
}

struct Sums {
  double dot = 0, got = 0, expected = 0, distance = 0;
};
Sums sums(std::span<const float> got, std::span<const float> expected) {
  Sums s;
  for (size_t i = 0; i < got.size(); ++i) {
    const double a = got[i], b = expected[i];
    s.dot += a * b;
    s.got += a * a;
    s.expected += b * b;
    s.distance += (a - b) * (a - b);
  }
  return s;
}

/// Of two arrays of zeros nothing differs; one of zeros against another has nothing of it.
double distance(const Sums& s) { return s.distance == 0 ? 0 : std::sqrt(s.distance / s.expected); }
double misalignment(const Sums& s) {
  if (s.distance == 0) return 0;
  return s.got == 0 || s.expected == 0 ? 1 : 1 - s.dot / std::sqrt(s.got * s.expected);
}

std::vector<double> moving_average(std::span<const float> losses, size_t length) {
  std::vector<double> out;
  double sum = 0;
  for (size_t i = 0; i < losses.size(); ++i) {
    sum += losses[i];
    if (i >= length) sum -= losses[i - length];
    if (i + 1 >= length) out.push_back(sum / static_cast<double>(length));
  }
  return out;
}

size_t differing(std::span<const float> a, std::span<const float> b) {
  size_t count = std::max(a.size(), b.size()) - std::min(a.size(), b.size());
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    count += std::bit_cast<uint32_t>(a[i]) != std::bit_cast<uint32_t>(b[i]) ? 1 : 0;
  return count;
}

template <class T>
uint64_t fnv(std::span<const T> values) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (const T value : values) {
    const auto bits = std::bit_cast<uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) hash = (hash ^ (bits >> shift & 0xFFu)) * 0x100000001B3u;
  }
  return hash;
}

}  // namespace

void compare_batches(const Program& program, Executable& executable, Executable& judge, const std::string& batch,
                     WorstGate& worst) {
  const BatchValues& in = program.inputs;
  for (const ValueId id : {in.pixels, in.tokens, in.dense, in.rows, in.labels}) {
    if (id == kNoValue) continue;
    const std::vector<double> got = executable.value(id), expected = judge.value(id);
    size_t differ = got.size() == expected.size() ? 0 : 1, at = 0;
    for (size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
      if (got[i] == expected[i]) continue;
      if (differ++ == 0) at = i;
    }
    if (differ == 0) continue;
    const std::string& name = program.value(id).name;
    worst.look(static_cast<double>(differ), 0,
               got.size() != expected.size()
                   ? fmt::format("{} of {} has {} elements, expected {}", name, batch, got.size(), expected.size())
                   : fmt::format("{} of {}: element {} is {:.9g}, expected {:.9g}", name, batch, at, got[at],
                                 expected[at]));
  }
}

GateResult step_gate(const Program& program, Precision precision, float loss, std::span<const float> gradients,
                     float judge_loss, std::span<const float> judge_gradients) {
  const Tolerance allowed = tolerance(precision);
  const bool narrow = bytes(facts(precision).output) < 4;
  WorstGate worst("L2");
  worst.look(relative(loss, judge_loss), allowed.loss,
             fmt::format("loss of step 0 is {:.9g}, expected {:.9g}", loss, judge_loss));
  for (const Parameter& p : program.parameters) {
    const auto part = [&](std::span<const float> arena) {
      return arena.subspan(static_cast<size_t>(p.offset), static_cast<size_t>(p.size));
    };
    const Sums s = sums(part(gradients), part(judge_gradients));
    worst.look(narrow ? misalignment(s) : distance(s), allowed.gradient, "gradient of " + p.name);
  }
  return worst.result();
}

GateResult curve_gate(Precision precision, const Curve& curve, const Curve& judge) {
  if (curve.losses.size() != judge.losses.size())
    return judged("L3", 1, 0, fmt::format("{} losses, expected {}", curve.losses.size(), judge.losses.size()));
  const double allowed = tolerance(precision).curve;
  WorstGate worst("L3");
  const auto steps = static_cast<int64_t>(judge.losses.size());
  for (int64_t i = 0; i < std::min(steps, kAverageSteps); ++i) {
    const float got = curve.losses[static_cast<size_t>(i)], expected = judge.losses[static_cast<size_t>(i)];
    worst.look(relative(got, expected), allowed,
               fmt::format("loss of step {} is {:.9g}, expected {:.9g}", i, got, expected));
  }
  if (steps <= kAverageSteps)
    worst.look(relative(curve.evaluation.loss, judge.evaluation.loss), allowed,
               fmt::format("loss of the evaluation is {:.9g}, expected {:.9g}", curve.evaluation.loss,
                           judge.evaluation.loss));
  GateResult result = worst.result();
  if (curve.skipped > 0) result.where += fmt::format("; {} steps skipped", curve.skipped);
  return result;
}

GateResult average_gate(std::span<const float> losses, std::span<const float> judge_losses) {
  const size_t length = std::min<size_t>(kAverageSteps, judge_losses.size());
  const std::vector<double> got = moving_average(losses, length), expected = moving_average(judge_losses, length);
  if (got.size() != expected.size())
    return judged("L4", 1, 0, fmt::format("{} losses, expected {}", losses.size(), judge_losses.size()));
  WorstGate worst("L4");
  for (size_t i = 0; i < expected.size(); ++i)
    worst.look(relative(got[i], expected[i]), kAverageTolerance,
               fmt::format("average over steps {} to {} is {:.6g}, expected {:.6g}", i, i + length - 1, got[i],
                           expected[i]));
  return worst.result();
}

GateResult repeat_gate(const Curve& curve, const Curve& again) {
  const size_t losses = differing(curve.losses, again.losses),
               parameters = differing(curve.parameters, again.parameters),
               evaluation = curve.evaluation.loss == again.evaluation.loss ? 0 : 1;
  const size_t all = losses + parameters + evaluation;
  return {.gate = "L6",
          .pair = {},
          .error = static_cast<double>(all),
          .bound = 0,
          .verdict = all == 0 ? Verdict::ok : Verdict::none,
          .where = all == 0 ? "every bit the same"
                            : fmt::format("{} of {} losses and {} of {} parameters differ", losses,
                                          curve.losses.size(), parameters, curve.parameters.size())};
}

uint64_t fingerprint(std::span<const float> values) { return fnv(values); }
uint64_t fingerprint(std::span<const uint32_t> values) { return fnv(values); }

}  // namespace breakeven::train
