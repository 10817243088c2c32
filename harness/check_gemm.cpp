// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/check_gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "harness/freivalds.h"
#include "harness/worst_element.h"

namespace breakeven {
namespace {

// Up to this many products every element is compared; above, the judge would cost more than the measurement.
constexpr double kWholeProducts = 1 << 22;
constexpr int64_t kProbeRows = 16;  // rows x columns are probed, first and last among them
// Freivalds' test is linear and cannot see through a ReLU, and infinities say nothing in it: probe more.
constexpr int64_t kProbeRowsAlone = 48;

bool freivalds_applies(const Gemm& g) { return g.epilogue == Epilogue::none && g.fill != Fill::wide; }

std::vector<int64_t> probes(const Gemm& g, Depth depth, bool whole, uint64_t seed) {
  std::vector<int64_t> positions;
  if (whole) {
    positions.resize(static_cast<size_t>(g.outputs()));
    std::iota(positions.begin(), positions.end(), 0);
    return positions;
  }
  const int64_t across = depth == Depth::whole && !freivalds_applies(g) ? kProbeRowsAlone : kProbeRows;
  // Column by column, so that the judge reads each column of B once.
  for (int64_t batch : pick(g.batch, 4, seed, 0x70)) {
    for (int64_t column : pick(g.n, across, seed, 0x71)) {
      for (int64_t row : pick(g.m, across, seed, 0x72))
        positions.push_back((batch * g.m + row) * g.n + column);
    }
  }
  return positions;
}

/// Euclidean norms of the rows of A, or the columns of B, that probes touch; each computed once.
class Norms {
 public:
  /// Vector v of batch b starts at element b * vectors * length + v * step and takes every `stride`-th.
  Norms(const Tensor& operand, int64_t batches, int64_t vectors, int64_t length, int64_t step, int64_t stride)
      : operand_(operand),
        vectors_(vectors),
        length_(length),
        step_(step),
        stride_(stride),
        known_(static_cast<size_t>(batches * vectors), -1.0),
        values_(static_cast<size_t>(length)) {}
  double of(int64_t batch, int64_t vector) {
    double& norm = known_[static_cast<size_t>(batch * vectors_ + vector)];
    if (norm < 0) {
      operand_.decode(batch * vectors_ * length_ + vector * step_, stride_, values_);
      norm = std::sqrt(std::inner_product(values_.begin(), values_.end(), values_.begin(), 0.0));
    }
    return norm;
  }

 private:
  const Tensor& operand_;
  int64_t vectors_, length_, step_, stride_;
  std::vector<double> known_, values_;
};

/// What accumulation may cost per unit of |a| |b|.
double growth_of(const Gemm& g, double accumulate_roundoff) {
  const PrecisionFacts& f = facts(g.precision);
  const double roundings = std::ceil(static_cast<double>(g.k) / f.products_per_rounding);
  return 2 * std::sqrt(roundings) * (accumulate_roundoff > 0 ? accumulate_roundoff : f.accumulate_roundoff);
}

/// What an element may be off by, where `scale` is |a| |b|. Integers must be exact, but for a bias, which is
/// added in fp32 before rounding to an integer.
double element_bound(const Gemm& g, double growth, double expected, double scale) {
  const double roundoff = facts(g.precision).output_roundoff;
  if (roundoff == 0) return g.epilogue == Epilogue::none ? 0 : 0.5 + 0x1p-23 * std::abs(expected);
  // "+ 1" covers the bias, which is within [-1, 1), and results too small for a narrow format.
  return roundoff * std::abs(expected) + growth * (scale + 1);
}

/// From here on a number rounds to infinity, and below it to zero or, where contenders flush subnormals, to
/// nothing nearer than `tiny`.
struct Range {
  double infinite, tiny;
};
Range range_of(Element output) {
  switch (output) {
    case Element::fp16:
      return {65520, 0x1p-25};
    case Element::bf16:
      return {0x1.FFp127, 0x1p-126};
    case Element::fp64:
      return {std::numeric_limits<double>::infinity(), 0x1p-1022};
    default:
      return {0x1.FFFFFFp127, 0x1p-126};
  }
}

enum class Narrow : uint8_t { no, sums };  // whether a contender sums in less than fp32

/// `element_bound` where numbers may be tiny: nothing absolute but the bias and the end of the format. The
/// products of a narrow accumulator are rounded to its own subnormals.
double wide_bound(const Gemm& g, double growth, double expected, double scale, Narrow narrow) {
  const double bias = g.epilogue == Epilogue::none ? 0 : 1;
  const double products = narrow == Narrow::sums ? static_cast<double>(g.k) * 0x1p-25 : 0;
  return facts(g.precision).output_roundoff * std::abs(expected) + growth * (scale + bias) + products +
         range_of(facts(g.precision).output).tiny;
}

/// Holds one element of a `wide` problem against the judge's, where overflow is an answer: certain beyond the
/// format's range, impossible within it, and either near the end. `scale` is |a| |b|.
template <class Describe>
void look_at_wide(const Gemm& g, double growth, Narrow narrow, double got, double expected, double scale,
                  Worst& worst, Describe where) {
  const double nothing = std::numeric_limits<double>::infinity();
  const double bound = wide_bound(g, growth, expected, scale, narrow);
  const double infinite = range_of(facts(g.precision).output).infinite;
  if (!std::isfinite(expected) || std::abs(expected) - bound > infinite) {
    return worst.look(std::isfinite(got) ? nothing : 0, 0, where);
  }
  // Infinite operands: then the judge's 0 is that of a ReLU, which may or may not let a NaN through.
  const bool either = !std::isfinite(scale) || std::abs(expected) + bound >= infinite ||
                      (narrow == Narrow::sums && scale >= infinite);  // on the way
  if (either && !std::isfinite(got)) return;
  worst.look(std::abs(got - expected), std::isfinite(scale) ? bound : 0, where);
}

void compare_probes(const Gemm& g, const Inputs& inputs, const Tensor& output,
                    std::span<const int64_t> positions, std::span<const double> expected, double growth,
                    Narrow narrow, Worst& worst) {
  Norms rows(inputs.operands[0], g.batch, g.m, g.k, g.k, 1),
      columns(inputs.operands[1], g.batch, g.n, g.k, 1, g.n);
  for (size_t i = 0; i < positions.size(); ++i) {
    const int64_t column = positions[i] % g.n, row = positions[i] / g.n % g.m,
                  batch = positions[i] / g.n / g.m;
    const double got = output.at(positions[i]);
    const double scale = rows.of(batch, row) * columns.of(batch, column);
    const auto where = [&] {
      return fmt::format("C[{},{},{}] is {:.9g}, expected {:.9g}", batch, row, column, got, expected[i]);
    };
    if (g.fill == Fill::wide) {
      look_at_wide(g, growth, narrow, got, expected[i], scale, worst, where);
    } else {
      worst.look(std::abs(got - expected[i]), element_bound(g, growth, expected[i], scale), where);
    }
  }
}

void compare_rows(const Gemm& g, const Inputs& inputs, const Tensor& output, uint64_t seed, double growth,
                  Worst& worst) {
  const double roundoff = facts(g.precision).output_roundoff;
  // Errors of n elements add up in a residual like independent draws: brought back to one element by sqrt(n).
  const double per_element = 1 / std::sqrt(static_cast<double>(g.n));
  for (const RowResidual& r : freivalds_residuals(g, inputs, output, seed)) {
    // An output rounded to nearest is off by 0.3 round-offs (rms); the largest of some thousand rows shows 4
    // sigma.
    const double bound = 2.5 * std::hypot(roundoff * r.output_norm, growth * r.operand_norm);
    worst.look(r.residual * per_element, bound * per_element, [&] {
      return fmt::format(
          "row {} of C (batch {}) does not satisfy C x = A (B x): off by {:.3g}, allowed {:.3g}", r.row,
          r.batch, r.residual, bound);
    });
  }
}

double finite_root_mean_square(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  return root_mean_square(values);
}

}  // namespace

Check check_gemm(const Gemm& g, const Inputs& inputs, const Tensor& output, const Judge& judge, Depth depth,
                 uint64_t seed, double accumulate_roundoff) {
  const double growth = growth_of(g, accumulate_roundoff);
  const double products = static_cast<double>(g.outputs()) * static_cast<double>(g.k);
  const bool whole = depth == Depth::whole && products <= kWholeProducts;
  const std::vector<int64_t> positions = probes(g, depth, whole, seed);
  const std::vector<double> expected = judge(g, inputs, positions);
  const bool exact = facts(g.precision).output_roundoff == 0;
  Worst worst;
  const Narrow narrow = accumulate_roundoff > 0 ? Narrow::sums : Narrow::no;
  compare_probes(g, inputs, output, positions, expected, growth, narrow, worst);
  const double unit = exact ? 1 : finite_root_mean_square(expected);
  if (whole) return worst.in_units_of(unit, "elements");
  if (depth == Depth::probes || !freivalds_applies(g)) return worst.in_units_of(unit, "probes");
  compare_rows(g, inputs, output, seed, growth, worst);
  return worst.in_units_of(unit, "probes+freivalds");
}

}  // namespace breakeven
