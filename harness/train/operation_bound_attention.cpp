// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/train/operation_bound.h"

// Logits are products of `width` terms, summed in fp32; a probability is as far off as its logit and the sum
// below it. Probabilities, and gradients of logits, may be rounded to the activations' precision before they
// are multiplied: softmax itself is in fp32.

namespace breakeven::train {
namespace {

/// One head of one sample: qkv [B,T,3D], y and dy [B,T,D], lse [B,heads,T].
struct Head {
  const Judged& j;
  size_t batch, head, length, heads, width;
  size_t model() const { return heads * width; }
  double scale() const { return 1 / std::sqrt(static_cast<double>(width)); }
  size_t at(size_t token, size_t third) const {  // of qkv and its gradient
    return ((batch * length + token) * 3 + third) * model() + head * width;
  }
  size_t plain(size_t token) const { return (batch * length + token) * model() + head * width; }
  size_t lse(size_t token) const { return (batch * heads + head) * length + token; }
  std::span<const double> part(size_t token, size_t third) const { return j.in(0).subspan(at(token, third), width); }
};

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}
double norm(std::span<const double> a) { return std::sqrt(dot(a, a)); }

/// Probabilities of one query and their relative error.
struct Row {
  std::vector<double> probability;
  double logit_error = 0, error = 0;
};
Row row_of(const Head& h, size_t i, double lse) {
  const Roundoff& r = h.j.roundoff;
  Row row{std::vector<double>(i + 1), 0, 0};
  double largest = 0, steepest = 0;
  for (size_t k = 0; k <= i; ++k) {
    const double logit = dot(h.part(i, 0), h.part(k, 1)) * h.scale();
    row.probability[k] = std::exp(logit - lse);
    largest = std::max(largest, norm(h.part(i, 0)) * norm(h.part(k, 1)) * h.scale());
    steepest = std::max(steepest, std::abs(logit));
  }
  row.logit_error = growth(r, static_cast<int64_t>(h.width)) * largest;
  row.error = 2 * row.logit_error +
              r.sum * (16 + 4 * steepest + std::abs(lse) + 4 * std::sqrt(static_cast<double>(i + 1)));
  return row;
}

template <class Visit>
void each_head(const Judged& j, Visit visit) {
  const auto& shape = j.shape(j.op.in[0]);
  const auto heads = static_cast<size_t>(j.op.heads), length = static_cast<size_t>(shape[1]);
  const size_t width = static_cast<size_t>(shape[2]) / 3 / heads;
  for (size_t b = 0; b < static_cast<size_t>(shape[0]); ++b) {
    for (size_t h = 0; h < heads; ++h) visit(Head{j, b, h, length, heads, width});
  }
}

void bound_head_gradient(const Head& h, std::vector<double>& bound) {
  const Judged& j = h.j;
  const Roundoff& r = j.roundoff;
  const auto y = j.in(1), lse = j.in(2), dy = j.in(3);
  const double sums = growth(r, static_cast<int64_t>(h.length));
  for (size_t i = 0; i < h.length; ++i) {
    const Row row = row_of(h, i, lse[h.lse(i)]);
    const auto dyi = dy.subspan(h.plain(i), h.width), yi = y.subspan(h.plain(i), h.width);
    const double size = norm(dyi) * norm(yi);
    const double error = row.error + growth(r, static_cast<int64_t>(h.width)) + 3 * r.narrow + sums;
    for (size_t k = 0; k <= i; ++k) {
      const double p = row.probability[k];
      const double through_logit = error * h.scale() * p * (norm(dyi) * norm(h.part(k, 2)) + size);
      for (size_t c = 0; c < h.width; ++c) {
        bound[h.at(i, 0) + c] += through_logit * std::abs(h.part(k, 1)[c]);
        bound[h.at(k, 1) + c] += through_logit * std::abs(h.part(i, 0)[c]);
        bound[h.at(k, 2) + c] += (row.error + r.narrow + sums) * p * std::abs(dyi[c]);
      }
    }
  }
}

}  // namespace

void bound_attention(const Judged& j, Bounds& bounds) {
  const Roundoff& r = j.roundoff;
  each_head(j, [&](const Head& h) {
    for (size_t i = 0; i < h.length; ++i) {
      const double lse = j.out(1)[h.lse(i)];
      const Row row = row_of(h, i, lse);
      bounds.values[1][h.lse(i)] = row.error + stored(r, Storage::wide, lse);
      const double error = row.error + r.narrow + growth(r, static_cast<int64_t>(i + 1));
      for (size_t c = 0; c < h.width; ++c) {
        double magnitude = 0;
        for (size_t k = 0; k <= i; ++k) magnitude += row.probability[k] * std::abs(h.part(k, 2)[c]);
        const size_t at = h.plain(i) + c;
        bounds.values[0][at] = error * magnitude + stored(r, Storage::activation, j.out(0)[at]);
      }
    }
  });
}

void bound_attention_gradient(const Judged& j, Bounds& bounds) {
  std::vector<double>& bound = bounds.values[0];
  each_head(j, [&](const Head& h) { bound_head_gradient(h, bound); });
  for (size_t i = 0; i < bound.size(); ++i) bound[i] += stored(j.roundoff, Storage::activation, j.out(0)[i]);
}

}  // namespace breakeven::train
