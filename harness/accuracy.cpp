// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/accuracy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "harness/operand.h"

namespace breakeven {
namespace {

// As many products as check.h compares whole; above, so many elements, a draw from each of as many equal
// stretches.
constexpr double kWholeProducts = 1 << 22;
constexpr int64_t kProbes = 1024;
constexpr uint64_t kProbeStream = 0x73;

std::vector<int64_t> positions(int64_t elements, int64_t longest_sum, uint64_t seed) {
  const bool whole = elements <= kProbes ||
                     static_cast<double>(elements) * static_cast<double>(longest_sum) <= kWholeProducts;
  std::vector<int64_t> chosen(static_cast<size_t>(whole ? elements : kProbes));
  std::iota(chosen.begin(), chosen.end(), 0);
  if (whole) return chosen;
  for (int64_t& at : chosen) {
    const int64_t from = at * elements / kProbes, to = (at + 1) * elements / kProbes;
    const uint32_t draw = uniform_word(seed, kProbeStream, static_cast<uint64_t>(at));
    at = from + static_cast<int64_t>(draw % static_cast<uint64_t>(to - from));
  }
  return chosen;
}

Gemm unrounded(Gemm g) {
  g.scale_log2 = 0;
  if (g.precision != Precision::fp64) g.precision = Precision::fp32;
  return g;
}
Conv2d unrounded(Conv2d c) {
  if (c.precision != Precision::fp64) c.precision = Precision::fp32;
  return c;
}

bool whole_numbers(const Gemm& g) { return g.fill == Fill::integers; }
bool whole_numbers(const Conv2d&) { return false; }
int scale_of(const Gemm& g) { return g.scale_log2; }
int scale_of(const Conv2d&) { return 0; }
int64_t sum_of(const Gemm& g) { return g.k; }
int64_t sum_of(const Conv2d& c) { return c.longest_sum(); }

/// What 1 in a contender's result stands for.
template <class P>
double meaning_of_one(const P& p) {
  const double integers = p.precision == Precision::int8 && !whole_numbers(p) ? kInt8Scale * kInt8Scale : 1;
  return std::ldexp(1 / integers, -scale_of(p));
}

/// The bias is added to sums in the contender's units, so in the reference's units it counts `one` times.
void scale_bias(Inputs& inputs, double one) {
  if (inputs.operands.size() < 3 || one == 1) return;
  Tensor& bias = inputs.operands[2];
  for (int64_t i = 0; i < bias.size(); ++i) {
    const double scaled = bias.at(i) * one;
    if (bias.element() == Element::fp64) bias.as<double>()[i] = scaled;
    if (bias.element() == Element::fp32) bias.as<float>()[i] = static_cast<float>(scaled);
  }
}

void compare(std::span<const int64_t> probes, std::span<const double> reference, const Tensor& output,
             double one, Accuracy& accuracy) {
  double off = 0, size = 0, worst = 0, finite = 0;
  for (size_t i = 0; i < probes.size(); ++i) {
    const double got = output.at(probes[i]) * one;
    if (!std::isfinite(got)) continue;
    const double error = std::abs(got - reference[i]);
    off += error * error;
    size += reference[i] * reference[i];
    worst = std::max(worst, error);
    ++finite;
  }
  const double none = std::numeric_limits<double>::quiet_NaN();
  accuracy.elements = static_cast<int64_t>(probes.size());
  // Against a reference of zeros alone, errors are absolute.
  accuracy.normwise = finite == 0 ? none : std::sqrt(size > 0 ? off / size : off);
  accuracy.worst = finite == 0 ? none : worst / (size > 0 ? std::sqrt(size / finite) : 1);
}

double share_not_finite(const Tensor& output) {
  int64_t count = 0;
  const int64_t size = output.size();
#pragma omp parallel for schedule(static) reduction(+ : count) if (size > 1 << 14)
  for (int64_t i = 0; i < size; ++i) count += std::isfinite(output.at(i)) ? 0 : 1;
  return static_cast<double>(count) / static_cast<double>(std::max<int64_t>(size, 1));
}

/// What rounding has done to the gradients, of which `values` are the unrounded and unscaled.
void count_rounded(const Gemm& g, const Tensor& values, const Tensor& rounded, Accuracy& accuracy) {
  // From there on an fp8 number does not round to 448 but is held there.
  const double saturates = g.precision == Precision::fp8e4m3 ? 464 : std::numeric_limits<double>::infinity();
  int64_t zero = 0, beyond = 0;
  const int64_t size = values.size();
#pragma omp parallel for schedule(static) reduction(+ : zero, beyond) if (size > 1 << 14)
  for (int64_t i = 0; i < size; ++i) {
    const double before = std::ldexp(values.at(i), g.scale_log2), after = rounded.at(i);
    zero += after == 0 && before != 0 ? 1 : 0;
    beyond += !std::isfinite(after) || std::abs(before) > saturates ? 1 : 0;
  }
  const double all = static_cast<double>(std::max<int64_t>(size, 1));
  accuracy.underflowed = static_cast<double>(zero) / all;
  accuracy.overflowed = static_cast<double>(beyond) / all;
}

void look_at_wide(const Gemm& g, uint64_t seed, const Inputs& reference, Accuracy& accuracy) {
  if (g.fill != Fill::wide) return;
  const ArrayShape shape = g.operands()[1];
  Tensor rounded = shape.make();
  fill(rounded, g.precision, g.fill, seed, 1, g.scale_log2);  // as Gemm::inputs makes B
  count_rounded(g, reference.operands[1], rounded, accuracy);
}
void look_at_wide(const Conv2d&, uint64_t, const Inputs&, Accuracy&) {}

template <class P>
Accuracy against_unrounded(const P& problem, uint64_t seed, const Tensor& output, const Judge& judge) {
  const P reference = unrounded(problem);
  const double one = meaning_of_one(problem);
  Inputs inputs = reference.inputs(seed);
  scale_bias(inputs, one);
  const std::vector<int64_t> probes = positions(output.size(), sum_of(problem), seed);
  Accuracy accuracy;
  compare(probes, judge(reference, inputs, probes), output, one, accuracy);
  accuracy.nonfinite = share_not_finite(output);
  look_at_wide(problem, seed, inputs, accuracy);
  return accuracy;
}

}  // namespace

std::optional<Accuracy> accuracy_of(const Problem& problem, uint64_t seed, const Tensor& output,
                                    const Judge& judge) {
  if (const auto* gemm = std::get_if<Gemm>(&problem)) return against_unrounded(*gemm, seed, output, judge);
  if (const auto* conv = std::get_if<Conv2d>(&problem)) return against_unrounded(*conv, seed, output, judge);
  return std::nullopt;
}

}  // namespace breakeven
