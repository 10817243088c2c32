// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/conv_freivalds.h"

#include <cmath>
#include <vector>

#include "harness/conv_gather.h"
#include "harness/random_signs.h"

namespace breakeven {
namespace {

/// One filter for all channels of the source: [tap][source channel], and the squared norm that each group has
/// of the filters summed in it.
template <class Real>
struct OneFilter {
  OneFilter(const ConvGather& g, const Tensor& w, const std::vector<double>& sign)
      : values(static_cast<size_t>(g.conv.r * g.conv.s * g.source_channels)),
        norm_squared(static_cast<size_t>(g.conv.groups)) {
    const Conv2d& conv = g.conv;
    const int64_t depth = conv.group_channels(), taps = conv.r * conv.s;
    std::vector<double> run(static_cast<size_t>(depth));
    for (int64_t k = 0; k < conv.k; ++k) {
      const int64_t group = k / conv.group_filters();
      for (int64_t tap = 0; tap < taps; ++tap) {
        w.decode((k * taps + tap) * depth, 1, run);
        norm_squared[static_cast<size_t>(group)] += squared_norm(run.data(), depth);
        Real* into = values.data() + tap * g.source_channels;
        for (int64_t l = 0; l < depth; ++l) {
          const int64_t c = group * depth + l;
          const Real value = static_cast<Real>(run[static_cast<size_t>(l)]);
          into[g.forward ? c : k] += value * static_cast<Real>(sign[static_cast<size_t>(g.forward ? k : c)]);
        }
      }
    }
  }
  std::vector<Real> values;
  std::vector<double> norm_squared;
};

/// The residuals of one row of the result after another; each thread has its own.
template <class Real>
class RowChecker {
 public:
  RowChecker(const ConvGather& g, const Inputs& inputs, const Tensor& output,
             const std::vector<double> (&sign)[kSignVectors], const OneFilter<Real> (&filter)[kSignVectors])
      : g_(g),
        source_(inputs.operands[0]),
        output_(output),
        sign_(sign),
        filter_(filter),
        rows_(static_cast<size_t>(g.conv.r * g.source_row_size())),
        norms_(static_cast<size_t>(g.conv.r * g.source_width * g.conv.groups)),
        result_(static_cast<size_t>(g.row_size())) {}

  /// Of row `row` of an image.
  std::span<const ConvResidual> residuals(int64_t image, int64_t row) {
    made_.clear();
    const int64_t first = (image * g_.height + row) * g_.row_size();
    output_.decode(first, 1, result_);
    for (int64_t tap = 0; tap < g_.conv.r; ++tap) load(image, g_.row(row, tap), tap);
    for (int64_t column = 0; column < g_.width; ++column) {
      for (int64_t group = 0; group < g_.conv.groups; ++group) {
        const int64_t at = column * g_.channels + group * g_.group_channels();
        ConvResidual r = residual(row, column, group, result_.data() + at);
        r.first = first + at;
        made_.push_back(r);
      }
    }
    return made_;
  }

 private:
  void load(int64_t image, int64_t row, int64_t tap) {
    if (row < 0) return;
    const int64_t size = g_.source_row_size(), groups = g_.conv.groups;
    double* into = rows_.data() + tap * size;
    source_.decode((image * g_.source_height + row) * size, 1, {into, static_cast<size_t>(size)});
    for (int64_t i = 0; i < g_.source_width * groups; ++i) {
      norms_[static_cast<size_t>(tap * g_.source_width * groups + i)] =
          squared_norm(into + i * g_.source_group(), g_.source_group());
    }
  }

  ConvResidual residual(int64_t row, int64_t column, int64_t group, const double* result) const {
    const Conv2d& conv = g_.conv;
    Real expected[kSignVectors] = {};
    double patch = 0;
    for (int64_t i = 0; i < conv.r; ++i) {
      if (g_.row(row, i) < 0) continue;
      for (int64_t j = 0; j < conv.s; ++j) {
        const int64_t from = g_.column(column, j);
        if (from < 0) continue;
        const int64_t place = i * g_.source_width + from, c = group * g_.source_group();
        patch += norms_[static_cast<size_t>(place * conv.groups + group)];
        for (int v = 0; v < kSignVectors; ++v) {
          expected[v] += signed_dot<Real>(
              rows_.data() + place * g_.source_channels + c,
              filter_[v].values.data() + (i * conv.s + j) * g_.source_channels + c, g_.source_group());
        }
      }
    }
    return held(group, result, expected, patch);
  }

  ConvResidual held(int64_t group, const double* result, const Real (&expected)[kSignVectors],
                    double patch) const {
    const int64_t count = g_.group_channels();
    ConvResidual made{.count = count};
    for (int v = 0; v < kSignVectors; ++v) {
      const Real sum = signed_dot<Real>(result, sign_[v].data() + group * count, count);
      const double off = std::abs(static_cast<double>(sum - expected[v]));
      if (std::isnan(off) || off > made.residual) made.residual = off;  // a NaN, once there, stays
    }
    made.output_norm = std::sqrt(squared_norm(result, count));
    made.operand_norm = std::sqrt(patch * filter_[0].norm_squared[static_cast<size_t>(group)]);
    return made;
  }

  const ConvGather& g_;
  const Tensor &source_, &output_;
  const std::vector<double> (&sign_)[kSignVectors];
  const OneFilter<Real> (&filter_)[kSignVectors];
  std::vector<double> rows_, norms_, result_;  // [tap][column][channel], [tap][column][group], one row
  std::vector<ConvResidual> made_;
};

template <class Real>
void gather_residuals(const Conv2d& conv, const Inputs& inputs, const Tensor& output, uint64_t seed,
                      const ResidualSink& sink) {
  const ConvGather g(conv);
  const std::vector<double> sign[kSignVectors] = {random_signs(g.channels, seed, 0),
                                                  random_signs(g.channels, seed, 1)};
  const OneFilter<Real> filter[kSignVectors] = {{g, inputs.operands[1], sign[0]},
                                                {g, inputs.operands[1], sign[1]}};
#pragma omp parallel
  {
    RowChecker<Real> checker(g, inputs, output, sign, filter);
#pragma omp for schedule(static)
    for (int64_t row = 0; row < conv.n * g.height; ++row) {
      const std::span<const ConvResidual> made = checker.residuals(row / g.height, row % g.height);
#pragma omp critical(conv_residual)
      sink(made);
    }
  }
}

}  // namespace

void conv_residuals(const Conv2d& conv, const Inputs& inputs, const Tensor& output, uint64_t seed,
                    const ResidualSink& sink) {
  if (conv.direction == Direction::backward_weights)
    return weight_residuals(conv, inputs, output, seed, sink);
  conv.precision == Precision::fp64 ? gather_residuals<long double>(conv, inputs, output, seed, sink)
                                    : gather_residuals<double>(conv, inputs, output, seed, sink);
}

double conv_residuals_cost(const Conv2d& conv) {
  const int64_t filters =
      conv.direction == Direction::backward_data ? conv.group_channels() : conv.group_filters();
  return kSignVectors * conv.work().flops / 2 / static_cast<double>(filters);
}

}  // namespace breakeven
