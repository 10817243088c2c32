// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/check_conv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "harness/conv_freivalds.h"
#include "harness/conv_norms.h"
#include "harness/worst_element.h"

namespace breakeven {
namespace {

// Up to this many products every element is compared; above, the judge would cost more than the measurement.
constexpr double kWholeProducts = 1 << 22;
// The test of the whole result is run where it costs little in itself, or little beside the problem.
constexpr double kCheapProducts = 1 << 28, kMostProducts = 8e9, kLeastSaving = 8;

constexpr int64_t kProbes = 256, kProbesAlone = 1024;  // no linear test can see through a ReLU: probe more

/// How many positions to probe along each extent, so that there are at least `least` in all (or all there
/// are): of the extent that has most left to choose from twice as many, until it is enough.
std::vector<int64_t> counts(const std::vector<int64_t>& extents, int64_t least) {
  std::vector<int64_t> made;
  for (const int64_t extent : extents) made.push_back(std::min<int64_t>(extent, 3));
  const auto product = [&] {
    return std::accumulate(made.begin(), made.end(), int64_t{1}, std::multiplies<>());
  };
  while (product() < least) {
    size_t widest = 0;
    for (size_t i = 1; i < made.size(); ++i) {
      if (extents[i] * made[widest] > extents[widest] * made[i]) widest = i;
    }
    if (made[widest] == extents[widest]) break;
    made[widest] = std::min(extents[widest], 2 * made[widest]);
  }
  return made;
}

/// Corners and borders are always among them.
std::vector<int64_t> probes(const std::vector<int64_t>& extents, int64_t least, uint64_t seed) {
  std::vector<int64_t> positions{0};
  const std::vector<int64_t> along = counts(extents, least);
  for (size_t i = 0; i < extents.size(); ++i) {
    std::vector<int64_t> finer;
    for (const int64_t position : positions) {
      for (const int64_t at : pick(extents[i], along[i], seed, 0x73 + i))
        finer.push_back(position * extents[i] + at);
    }
    positions = std::move(finer);
  }
  return positions;
}

std::vector<int64_t> every(int64_t size) {
  std::vector<int64_t> positions(static_cast<size_t>(size));
  std::iota(positions.begin(), positions.end(), 0);
  return positions;
}

/// What accumulation may cost per unit of |a| |b|.
double growth_of(const Conv2d& conv, double accumulate_roundoff) {
  const PrecisionFacts& f = facts(conv.precision);
  const double roundings = std::ceil(static_cast<double>(conv.longest_sum()) / f.products_per_rounding);
  return 2 * std::sqrt(roundings) * (accumulate_roundoff > 0 ? accumulate_roundoff : f.accumulate_roundoff);
}

/// As for a product (check_gemm.cpp): "+ 1" covers the bias and results too small for a narrow format; an
/// integer with a bias is rounded from a sum in fp32.
double element_bound(const Conv2d& conv, double growth, double expected, double scale) {
  const double roundoff = facts(conv.precision).output_roundoff;
  if (roundoff == 0) return conv.epilogue == Epilogue::none ? 0 : 0.5 + 0x1p-23 * std::abs(expected);
  return roundoff * std::abs(expected) + growth * (scale + 1);
}

std::string place(const std::vector<int64_t>& extents, int64_t at) {
  const int64_t d = at % extents[3], c = at / extents[3] % extents[2],
                b = at / extents[3] / extents[2] % extents[1], a = at / extents[3] / extents[2] / extents[1];
  return fmt::format("[{},{},{},{}]", a, b, c, d);
}

std::string_view result_name(const Conv2d& conv) {
  return conv.direction == Direction::forward         ? "y"
         : conv.direction == Direction::backward_data ? "dx"
                                                      : "dw";
}

void compare_probes(const Conv2d& conv, const Inputs& inputs, const Tensor& output,
                    std::span<const int64_t> positions, std::span<const double> expected, double growth,
                    Worst& worst) {
  ConvNorms norms(conv, inputs);
  const std::vector<int64_t> extents = conv.results()[0].extents;
  for (size_t i = 0; i < positions.size(); ++i) {
    const double got = output.at(positions[i]);
    const double bound = element_bound(conv, growth, expected[i], norms.of(positions[i]));
    worst.look(std::abs(got - expected[i]), bound, [&] {
      return fmt::format("{}{} is {:.9g}, expected {:.9g}", result_name(conv), place(extents, positions[i]),
                         got, expected[i]);
    });
  }
}

void compare_whole(const Conv2d& conv, const Inputs& inputs, const Tensor& output, uint64_t seed,
                   double growth, Worst& worst) {
  const double roundoff = facts(conv.precision).output_roundoff;
  const std::vector<int64_t> extents = conv.results()[0].extents;
  conv_residuals(conv, inputs, output, seed, [&](std::span<const ConvResidual> residuals) {
    for (const ConvResidual& r : residuals) {
      // As for the rows of a product (check_gemm.cpp). One element alone may be off by half a unit in the
      // last place, which 2.5 times its rms covers too.
      const double bound = 2.5 * std::hypot(roundoff * r.output_norm, growth * r.operand_norm);
      const double per_element = 1 / std::sqrt(static_cast<double>(r.count));
      worst.look(r.residual * per_element, bound * per_element, [&] {
        return fmt::format(
            "{} elements of {} from {} on, summed with random signs, are off by {:.3g}, allowed {:.3g}",
            r.count, result_name(conv), place(extents, r.first), r.residual, bound);
      });
    }
  });
}

/// Whether to look at every element by way of random sums.
bool affordable(const Conv2d& conv) {
  if (conv.epilogue != Epilogue::none) return false;
  const double cost = conv_residuals_cost(conv), products = conv.work().flops / 2;
  return cost <= kCheapProducts || (cost <= kMostProducts && cost * kLeastSaving <= products);
}

}  // namespace

Check check_conv(const Conv2d& conv, const Inputs& inputs, const Tensor& output, const Judge& judge,
                 Depth depth, uint64_t seed, double accumulate_roundoff) {
  const double growth = growth_of(conv, accumulate_roundoff);
  const ArrayShape result = conv.results()[0];
  const bool every_one = depth == Depth::whole && conv.work().flops / 2 <= kWholeProducts &&
                         static_cast<double>(result.size()) <= kWholeProducts;
  const bool sums = depth == Depth::whole && !every_one && affordable(conv);
  const bool wide = depth == Depth::whole && !sums;
  const std::vector<int64_t> positions =
      every_one ? every(result.size()) : probes(result.extents, wide ? kProbesAlone : kProbes, seed);
  const std::vector<double> expected = judge(conv, inputs, positions);
  Worst worst;
  compare_probes(conv, inputs, output, positions, expected, growth, worst);
  if (sums) compare_whole(conv, inputs, output, seed, growth, worst);
  const double unit = facts(conv.precision).output_roundoff == 0 ? 1 : root_mean_square(expected);
  return worst.in_units_of(unit, every_one ? "elements" : sums ? "probes+freivalds" : "probes");
}

}  // namespace breakeven
