// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/check_gemm.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "harness/freivalds.h"
#include "harness/operand.h"

namespace breakeven {
namespace {

// Up to this many products every element is compared; above, the judge would cost more than the measurement.
constexpr double kWholeProducts = 1 << 22;
constexpr int64_t kProbeRows = 16;  // rows x columns are probed, first and last among them
constexpr int64_t kProbeRowsEpilogue =
    48;  // Freivalds' test is linear and cannot see through a ReLU: probe more

/// Keeps the element that stands worst against its own bound.
class Worst {
 public:
  /// `where` is called for a new worst beyond its bound only.
  template <class Describe>
  void look(double error, double bound, Describe where) {
    // A NaN on either side fails the first comparison and counts as the worst there is.
    const bool within = error <= bound;
    const double ratio =
        within ? (bound > 0 ? error / bound : 0) : (error / bound > 1 ? error / bound : kBeyondAll);
    if (ratio <= ratio_) return;
    ratio_ = ratio;
    error_ = error;
    bound_ = bound;
    if (!within) where_ = where();
  }
  Check in_units_of(double unit, std::string metric) const {
    const double error = std::isfinite(error_) ? error_ / unit : kBeyondAll;
    return {std::move(metric), error, bound_ / unit, ratio_ <= 1 ? Verdict::ok : Verdict::wrong, where_};
  }

 private:
  static constexpr double kBeyondAll = 1e300;  // stands for NaN and infinity, which result files cannot hold
  double ratio_ = -1, error_ = 0, bound_ = 0;
  std::string where_;
};

/// `count` of 0..size-1, first and last always, the rest drawn.
std::vector<int64_t> pick(int64_t size, int64_t count, uint64_t seed, uint64_t stream) {
  std::set<int64_t> chosen{0, size - 1};
  for (uint64_t i = 0; static_cast<int64_t>(chosen.size()) < std::min(size, count); ++i) {
    chosen.insert(static_cast<int64_t>(uniform_word(seed, stream, i) % static_cast<uint64_t>(size)));
  }
  return {chosen.begin(), chosen.end()};
}

std::vector<int64_t> probes(const Gemm& g, Depth depth, bool whole, uint64_t seed) {
  std::vector<int64_t> positions;
  if (whole) {
    positions.resize(static_cast<size_t>(g.outputs()));
    std::iota(positions.begin(), positions.end(), 0);
    return positions;
  }
  const bool wide = depth == Depth::whole && g.epilogue != Epilogue::none;
  const int64_t across = wide ? kProbeRowsEpilogue : kProbeRows;
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

double root_mean_square(std::span<const double> values) {
  const double sum = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  const double rms = std::sqrt(sum / static_cast<double>(std::max<size_t>(values.size(), 1)));
  return rms > 0 ? rms : 1;
}

void compare_probes(const Gemm& g, const Inputs& inputs, const Tensor& output,
                    std::span<const int64_t> positions, std::span<const double> expected, double growth,
                    Worst& worst) {
  Norms rows(inputs.operands[0], g.batch, g.m, g.k, g.k, 1),
      columns(inputs.operands[1], g.batch, g.n, g.k, 1, g.n);
  for (size_t i = 0; i < positions.size(); ++i) {
    const int64_t column = positions[i] % g.n, row = positions[i] / g.n % g.m,
                  batch = positions[i] / g.n / g.m;
    const double got = output.at(positions[i]);
    const double bound =
        element_bound(g, growth, expected[i], rows.of(batch, row) * columns.of(batch, column));
    worst.look(std::abs(got - expected[i]), bound, [&] {
      return fmt::format("C[{},{},{}] is {:.9g}, expected {:.9g}", batch, row, column, got, expected[i]);
    });
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
  compare_probes(g, inputs, output, positions, expected, growth, worst);
  const double unit = exact ? 1 : root_mean_square(expected);
  if (whole) return worst.in_units_of(unit, "elements");
  if (depth == Depth::probes || g.epilogue != Epilogue::none) return worst.in_units_of(unit, "probes");
  compare_rows(g, inputs, output, seed, growth, worst);
  return worst.in_units_of(unit, "probes+freivalds");
}

}  // namespace breakeven
