// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "harness/train/operation_bound.h"

// Batch normalization has a group of elements a channel, layer normalization a row; gamma and beta go by channel
// in both. Bounds of sums follow `growth`; the variance may be had in one pass, which loses
// mean(x^2) / variance of its digits.

namespace breakeven::train {
namespace {

struct Groups {
  bool by_channel;
  size_t size, width;
  size_t count() const { return by_channel ? width : size / width; }
  double each() const { return static_cast<double>(size / count()); }
  double rows() const { return static_cast<double>(size / width); }
  size_t of(size_t i) const { return by_channel ? i % width : i / width; }
  size_t channel(size_t i) const { return i % width; }
};

Groups groups_of(const Judged& j, OpKind by_channel) {
  return {j.op.kind == by_channel, j.in(0).size(), static_cast<size_t>(j.shape(j.op.in[0]).back())};
}

/// (x - mean) / deviation, and how far it may be off: 4 roundings of what is subtracted.
struct Normalized {
  double value, bound;
};
Normalized normalized(const Roundoff& r, double x, double mean, double rstd) {
  return {(x - mean) * rstd, 4 * r.sum * (std::abs(x) + std::abs(mean)) * rstd};
}

}  // namespace

void bound_norm(const Judged& j, Bounds& bounds) {
  const Groups groups = groups_of(j, OpKind::batchnorm);
  const Roundoff& r = j.roundoff;
  const auto x = j.in(0), y = j.out(0), mean = j.out(1), rstd = j.out(2);
  const double noise = growth({.sum = r.sum}, static_cast<int64_t>(groups.each()));
  std::vector<double> sizes(groups.count(), 0), squares(groups.count(), 0);
  for (size_t i = 0; i < x.size(); ++i) {
    sizes[groups.of(i)] += std::abs(x[i]) / groups.each();
    squares[groups.of(i)] += x[i] * x[i] / groups.each();
  }
  for (size_t g = 0; g < groups.count(); ++g) {
    bounds.values[1][g] = noise * sizes[g] + stored(r, Storage::wide, mean[g]);
    bounds.values[2][g] = rstd[g] * (1.5 * noise * squares[g] * rstd[g] * rstd[g] + 4 * r.sum) + r.least;
  }
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t g = groups.of(i), c = groups.channel(i);
    const double shift = bounds.values[1][g] * rstd[g] + std::abs(x[i] - mean[g]) * bounds.values[2][g];
    const double rounding = normalized(r, x[i], mean[g], rstd[g]).bound;
    bounds.values[0][i] = std::abs(j.parameter(0)[c]) * (shift + rounding) +
                          4 * r.sum * std::abs(j.parameter(1)[c]) + stored(r, Storage::activation, y[i]);
  }
}

/// dx = rstd (g - mean(g) - x' mean(g x')) with g = gamma dy, x' normalized; dgamma = sum dy x', dbeta = sum dy.
void bound_norm_gradient(const Judged& j, Bounds& bounds) {
  const Groups groups = groups_of(j, OpKind::batchnorm_bwd);
  const Roundoff& r = j.roundoff;
  const size_t statistics = groups.by_channel ? 2 : 1;
  const auto x = j.in(0), mean = j.in(statistics), rstd = j.in(statistics + 1), dy = j.in(statistics + 2);
  const bool masked = j.op.activation == Activation::relu;
  const auto arrived = [&](size_t i) { return masked && !(j.in(1)[i] > 0) ? 0 : std::abs(dy[i]); };
  const double noise = growth({.sum = r.sum}, static_cast<int64_t>(groups.each()));
  const double column_noise = growth({.sum = r.sum}, static_cast<int64_t>(groups.rows()));
  const auto offset = [&](size_t p) { return static_cast<size_t>(j.program.parameter(j.op.parameters[p]).offset); };
  std::vector<double> sizes(groups.count(), 0), products(groups.count(), 0), slips(groups.count(), 0);
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t g = groups.of(i), c = groups.channel(i);
    const Normalized n = normalized(r, x[i], mean[g], rstd[g]);
    const double size = arrived(i) * std::abs(j.parameter(0)[c]);
    sizes[g] += size / groups.each();
    products[g] += size * std::abs(n.value) / groups.each();
    slips[g] += size * n.bound / groups.each();
    bounds.gradients[offset(0) + c] += arrived(i) * (column_noise * std::abs(n.value) + n.bound);
    bounds.gradients[offset(1) + c] += column_noise * arrived(i);
  }
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t g = groups.of(i);
    const Normalized n = normalized(r, x[i], mean[g], rstd[g]);
    const double own = 8 * r.sum * arrived(i) * std::abs(j.parameter(0)[groups.channel(i)]);
    const double through_mean = noise * sizes[g];
    const double through_variance = std::abs(n.value) * (noise * products[g] + slips[g]) + n.bound * products[g];
    bounds.values[0][i] = rstd[g] * (own + through_mean + through_variance) +
                          stored(r, Storage::activation, j.out(0)[i]);
  }
}

}  // namespace breakeven::train
