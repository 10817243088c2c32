// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include "harness/conv_freivalds.h"
#include "harness/conv_gather.h"
#include "harness/random_signs.h"

namespace breakeven {
namespace {

/// What one thread has summed over its lines (image, row of y).
template <class Real>
struct Sums {
  explicit Sums(const Conv2d& conv)
      : x_norm(static_cast<size_t>(conv.r * conv.c)), dy_norm(static_cast<size_t>(conv.groups)) {
    for (auto& v : dw) v.resize(static_cast<size_t>(conv.r * conv.s * conv.c));
  }
  void add(const Sums& other) {
    const auto add_all = [](auto& into, const auto& from) {
      for (size_t i = 0; i < into.size(); ++i) into[i] += from[i];
    };
    for (int v = 0; v < kSignVectors; ++v) add_all(dw[v], other.dw[v]);
    add_all(x_norm, other.x_norm);
    add_all(dy_norm, other.dy_norm);
  }
  std::vector<Real> dw[kSignVectors];  // [tap][input channel]: dy summed over the filters of a group
  std::vector<double> x_norm;          // [row of taps][input channel], squared, of all x those taps may meet
  std::vector<double> dy_norm;         // [group], squared
};

template <class Real>
class LineAdder {
 public:
  LineAdder(const ConvGather& g, const Inputs& inputs, const std::vector<double> (&sign)[kSignVectors])
      : g_(g),
        inputs_(inputs),
        sign_(sign),
        x_(static_cast<size_t>(g.source_row_size())),
        dy_(static_cast<size_t>(g.row_size())) {
    for (auto& v : one_) v.resize(static_cast<size_t>(g.width * g.conv.groups));
  }

  void add(int64_t line, Sums<Real>& into) {
    inputs_.operands[1].decode(line * g_.row_size(), 1, dy_);
    sum_filters(into.dy_norm);
    for (int64_t i = 0; i < g_.conv.r; ++i) {
      const int64_t row = g_.row(line % g_.height, i);
      if (row < 0) continue;
      inputs_.operands[0].decode((line / g_.height * g_.conv.h + row) * g_.source_row_size(), 1, x_);
      for (size_t at = 0; at < x_.size(); ++at) {
        into.x_norm[static_cast<size_t>(i * g_.conv.c) + at % static_cast<size_t>(g_.conv.c)] +=
            x_[at] * x_[at];
      }
      add_row(i, into);
    }
  }

 private:
  void sum_filters(std::vector<double>& norm) {
    const int64_t filters = g_.conv.group_filters();
    for (int64_t at = 0; at < g_.width * g_.conv.groups; ++at) {
      const int64_t group = at % g_.conv.groups;
      const double* from = dy_.data() + at * filters;
      norm[static_cast<size_t>(group)] += squared_norm(from, filters);
      for (int v = 0; v < kSignVectors; ++v) {
        one_[v][static_cast<size_t>(at)] = signed_dot<Real>(from, sign_[v].data() + group * filters, filters);
      }
    }
  }

  void add_row(int64_t i, Sums<Real>& into) {
    const int64_t groups = g_.conv.groups, depth = g_.conv.group_channels();
    for (int64_t q = 0; q < g_.width; ++q) {
      for (int64_t j = 0; j < g_.conv.s; ++j) {
        const int64_t column = g_.column(q, j);
        if (column < 0) continue;
        const double* x = x_.data() + column * g_.conv.c;
        for (int v = 0; v < kSignVectors; ++v) {
          Real* sums = into.dw[v].data() + (i * g_.conv.s + j) * g_.conv.c;
          for (int64_t group = 0; group < groups; ++group) {
            const Real factor = one_[v][static_cast<size_t>(q * groups + group)];
            for (int64_t c = group * depth; c < (group + 1) * depth; ++c)
              sums[c] += factor * static_cast<Real>(x[c]);
          }
        }
      }
    }
  }

  const ConvGather& g_;
  const Inputs& inputs_;
  const std::vector<double> (&sign_)[kSignVectors];
  std::vector<double> x_, dy_;
  std::vector<Real> one_[kSignVectors];  // [column][group]
};

template <class Real>
Sums<Real> expected_sums(const ConvGather& g, const Inputs& inputs,
                         const std::vector<double> (&sign)[kSignVectors]) {
  Sums<Real> all(g.conv);
#pragma omp parallel
  {
    Sums<Real> mine(g.conv);
    LineAdder<Real> adder(g, inputs, sign);
#pragma omp for schedule(static)
    for (int64_t line = 0; line < g.conv.n * g.height; ++line) adder.add(line, mine);
#pragma omp critical(conv_residual)
    all.add(mine);
  }
  return all;
}

template <class Real>
void residuals(const Conv2d& conv, const Inputs& inputs, const Tensor& output, uint64_t seed,
               const ResidualSink& sink) {
  const ConvGather g(conv);
  const std::vector<double> sign[kSignVectors] = {random_signs(conv.k, seed, 0),
                                                  random_signs(conv.k, seed, 1)};
  const Sums<Real> expected = expected_sums<Real>(g, inputs, sign);
  const int64_t taps = conv.r * conv.s, depth = conv.group_channels(), filters = conv.group_filters();
#pragma omp parallel for schedule(static)
  for (int64_t at = 0; at < taps * conv.c; ++at) {
    const int64_t tap = at / conv.c, c = at % conv.c, group = c / depth;
    ConvResidual r{
        .first = (group * filters * taps + tap) * depth + c % depth, .step = taps * depth, .count = filters};
    std::vector<double> dw(static_cast<size_t>(filters));
    output.decode(r.first, r.step, dw);
    for (int v = 0; v < kSignVectors; ++v) {
      const Real sum = signed_dot<Real>(dw.data(), sign[v].data() + group * filters, filters);
      const double off = std::abs(static_cast<double>(sum - expected.dw[v][static_cast<size_t>(at)]));
      if (std::isnan(off) || off > r.residual) r.residual = off;
    }
    r.output_norm = std::sqrt(squared_norm(dw.data(), filters));
    r.operand_norm = std::sqrt(expected.x_norm[static_cast<size_t>(tap / conv.s * conv.c + c)] *
                               expected.dy_norm[static_cast<size_t>(group)]);
#pragma omp critical(conv_residual)
    sink({&r, 1});
  }
}

}  // namespace

void weight_residuals(const Conv2d& conv, const Inputs& inputs, const Tensor& output, uint64_t seed,
                      const ResidualSink& sink) {
  conv.precision == Precision::fp64 ? residuals<long double>(conv, inputs, output, seed, sink)
                                    : residuals<double>(conv, inputs, output, seed, sink);
}

}  // namespace breakeven
