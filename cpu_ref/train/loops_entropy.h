// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_share.h"

// Losses with their gradients, and what an evaluation counts.

namespace breakeven::cpu {
namespace {

template <class F>
float largest_in(const typename F::Element* x, int64_t n) {
  Floats most = all(-__builtin_inff());
  float rest = -__builtin_inff();
  for_vectors(n, [&](int64_t i, auto lanes) {
    if constexpr (std::is_same_v<decltype(lanes), Full>) {
      most = larger(most, get<F>(x + i, lanes));
    } else {
      for (int64_t k = i; k < n; ++k) rest = one<F>(x + k) > rest ? one<F>(x + k) : rest;
    }
  });
  const float whole = largest_of(most);
  return whole > rest ? whole : rest;
}

struct RowEntropy {
  float loss, largest, sum;  // sum: of exp(x - largest)
};

/// Keeps the exponentials where `kept` is given.
template <class F>
RowEntropy row_entropy(const CrossEntropy& c, int64_t row, float* kept) {
  const auto* x = elements<F>(c.logits) + row * c.columns;
  const float largest = largest_in<F>(x, c.columns);
  const float sum = sum_over(c.columns, [=](int64_t i, auto lanes) {
    const Floats e = only(exponential(get<F>(x + i, lanes) - largest), lanes);
    if (kept) put<Fp32Format>(e, kept + i, lanes);
    return e;
  });
  return {__builtin_logf(sum) + (largest - one<F>(x + c.labels[row])), largest, sum};
}

template <class F>
float entropy_and_gradient(const CrossEntropy& c, int64_t row, float* kept) {
  const RowEntropy entropy = row_entropy<F>(c, row, kept);
  const float scale = c.loss_scale / static_cast<float>(c.rows), factor = scale / entropy.sum;
  auto* dx = elements<F>(c.dlogits) + row * c.columns;
  kept[c.labels[row]] -= entropy.sum;  // (e - sum) / sum is the softmax less 1
  for_vectors(c.columns, [=](int64_t i, auto lanes) {
    put<F>(get<Fp32Format>(kept + i, lanes) * factor, dx + i, lanes);
  });
  return entropy.loss;
}

/// Sums of rows in their order, in double.
inline double in_order(const float* x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]);
  return sum;
}

template <class F>
void cross_entropy(const CrossEntropy& c) {
  const int64_t each = (c.columns + 15) / 16 * 16;
  float* losses = c.room->floats(c.rows + 16 + omp_get_max_threads() * each);
  float* kept = losses + (c.rows + 15) / 16 * 16;
  in_parallel(c.rows, c.rows * c.columns, [&](int64_t row) {
    losses[row] = entropy_and_gradient<F>(c, row, kept + omp_get_thread_num() * each);
  });
  *c.loss = static_cast<float>(in_order(losses, c.rows) / static_cast<double>(c.rows));
}

/// Whether no logit before the label's is as large, and none after it larger.
template <class F>
bool first_largest_is(const typename F::Element* x, int64_t n, int64_t label) {
  const float at = one<F>(x + label);
  int64_t i = 0;
  for (; i < label; ++i) {
    if (!(one<F>(x + i) < at)) return false;
  }
  for (; i < n; ++i) {
    if (!(one<F>(x + i) <= at)) return false;
  }
  return true;
}

inline LossSum counted(const float* losses, const float* correct, int64_t rows) {
  return {in_order(losses, rows), static_cast<int64_t>(in_order(correct, rows))};
}

template <class F>
LossSum cross_entropy_evaluation(const CrossEntropy& c) {
  float *losses = c.room->floats(2 * c.rows), *correct = losses + c.rows;
  in_parallel(c.rows, c.rows * c.columns, [&](int64_t row) {
    const auto* x = elements<F>(c.logits) + row * c.columns;
    losses[row] = row_entropy<F>(c, row, nullptr).loss;
    correct[row] = first_largest_is<F>(x, c.columns, c.labels[row]) ? 1.0f : 0.0f;
  });
  return counted(losses, correct, c.rows);
}

/// log(1 + e^-|z|) + max(z, 0) - label z, for which no z is too large.
struct Click {
  float loss, slope;
};
inline Click click(float z, int32_t label) {
  const float power = exponential(all(z > 0 ? -z : z))[0], over = 1.0f / (1.0f + power);
  const float sigmoid = z > 0 ? over : power * over, of = static_cast<float>(label);
  return {__builtin_log1pf(power) + (z > 0 ? z : z < 0 ? 0.0f : z) - of * z, sigmoid - of};
}

template <class F>
void binary_cross_entropy(const CrossEntropy& c) {
  float* losses = c.room->floats(c.rows);
  const float scale = c.loss_scale / static_cast<float>(c.rows);
  in_pieces(c.rows, 64, c.rows * 64, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const Click at = click(one<F>(elements<F>(c.logits) + i), c.labels[i]);
      losses[i] = at.loss;
      put_one<F>(at.slope * scale, elements<F>(c.dlogits) + i);
    }
  });
  *c.loss = static_cast<float>(in_order(losses, c.rows) / static_cast<double>(c.rows));
}

template <class F>
LossSum binary_cross_entropy_evaluation(const CrossEntropy& c) {
  float *losses = c.room->floats(2 * c.rows), *correct = losses + c.rows;
  in_pieces(c.rows, 64, c.rows * 64, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const float z = one<F>(elements<F>(c.logits) + i);
      losses[i] = click(z, c.labels[i]).loss;
      correct[i] = (z > 0) == (c.labels[i] != 0) ? 1.0f : 0.0f;
    }
  });
  return counted(losses, correct, c.rows);
}

}  // namespace
}  // namespace breakeven::cpu
