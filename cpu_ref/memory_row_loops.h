// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/memory_staged_rows.h"

// Row by row: a row comes from memory once and is read again from the caches. F: the format of the problem's
// elements.

namespace breakeven::cpu {
namespace {

template <class F>
float largest_in(const typename F::Element* x, int64_t n) {
  Floats most[4];
  for (Floats& m : most) m = all(-__builtin_inff());
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    for (int64_t k = 0; k < 4; ++k) most[k] = larger(most[k], get<F>(x + i + k * kLanes, Full{}));
  }
  float rest = largest_of(larger(larger(most[0], most[1]), larger(most[2], most[3])));
  for (; i < n; ++i) {
    const float value = get<F>(x + i, Part{1})[0];
    rest = value > rest ? value : rest;
  }
  return rest;
}

struct SoftmaxRow {
  float largest, sum;  // of exp(x - largest)
};

/// y = exp(x - largest) factor / sum, for one row. The exponentials are kept between two passes, or computed
/// twice where a row does not stay in the caches.
template <class F>
SoftmaxRow softmax_row(const MemoryShare& s, const typename F::Element* x, typename F::Element* y,
                       float factor) {
  const int64_t n = s.columns;
  const float largest = largest_in<F>(x, n);
  const auto power = [=](int64_t i, auto lanes) { return exponential(get<F>(x + i, lanes) - largest); };
  if (!s.staged) {
    const float sum = sum_over(n, [=](int64_t i, auto lanes) { return only(power(i, lanes), lanes); });
    const float scale = factor / sum;
    write<F>(y, n, s.stores, [=](int64_t i, auto lanes) { return power(i, lanes) * scale; });
    return {largest, sum};
  }
  float* kept = s.room;
  const float sum = sum_over(n, [=](int64_t i, auto lanes) {
    const Floats e = only(power(i, lanes), lanes);
    put<Fp32Format>(e, kept + i, lanes);
    return e;
  });
  const float scale = factor / sum;
  write<F>(y, n, s.stores, [=](int64_t i, auto lanes) { return get<Fp32Format>(kept + i, lanes) * scale; });
  return {largest, sum};
}

template <class F>
void softmax(const MemoryShare& s) {
  if (can_stage<F>(s, s.out[0])) {
    using Power = std::conditional_t<std::is_same_v<F, Bf16Format>, Powers, Exponentials>;
    return stage_softmax<F, Power>(s, output<F>(s, 0), nullptr);
  }
  for (int64_t row = s.first; row < s.last; ++row) {
    softmax_row<F>(s, input<F>(s, 0) + row * s.columns, output<F>(s, 0) + row * s.columns, 1.0f);
  }
  end_streaming();
}

template <class F>
void cross_entropy(const MemoryShare& s) {
  const int32_t* labels = static_cast<const int32_t*>(s.in[1]);
  if (can_stage<F>(s, s.out[1])) return stage_softmax<F, Exponentials>(s, output<F>(s, 1), labels);
  float* loss = static_cast<float*>(s.out[0]);
  const float over_rows = 1.0f / static_cast<float>(s.rows);
  for (int64_t row = s.first; row < s.last; ++row) {
    const auto* x = input<F>(s, 0) + row * s.columns;
    auto* dx = output<F>(s, 1) + row * s.columns;
    const auto [largest, sum] = softmax_row<F>(s, x, dx, over_rows);
    // Streamed and ordinary stores to one line of one thread stay in order.
    const Floats at_label = get<F>(x + labels[row], Part{1});
    put<F>(exponential(at_label - largest) * (over_rows / sum) - over_rows, dx + labels[row], Part{1});
    loss[row] = __builtin_logf(sum) + (largest - at_label[0]);
  }
  end_streaming();
}

/// Two passes: the squares of what differs from the mean, so that a large mean costs no digits.
template <class F>
void layernorm(const MemoryShare& s) {
  if (can_stage<F>(s, s.out[0])) return stage_layernorm<F>(s);
  const float *gamma = static_cast<const float*>(s.in[1]), *beta = static_cast<const float*>(s.in[2]);
  float *means = static_cast<float*>(s.out[1]), *rstds = static_cast<float*>(s.out[2]);
  const float over_columns = 1.0f / static_cast<float>(s.columns);
  for (int64_t row = s.first; row < s.last; ++row) {
    const auto* x = input<F>(s, 0) + row * s.columns;
    const float mean =
        over_columns * sum_over(s.columns, [=](int64_t i, auto lanes) { return get<F>(x + i, lanes); });
    const float squares = sum_over(s.columns, [=](int64_t i, auto lanes) {
      const Floats off = only(get<F>(x + i, lanes) - mean, lanes);
      return off * off;
    });
    const float rstd = 1.0f / __builtin_sqrtf(squares * over_columns + s.norm_epsilon);
    write<F>(output<F>(s, 0) + row * s.columns, s.columns, s.stores, [=](int64_t i, auto lanes) {
      return (get<F>(x + i, lanes) - mean) * rstd * get<Fp32Format>(gamma + i, lanes) +
             get<Fp32Format>(beta + i, lanes);
    });
    means[row] = mean;
    rstds[row] = rstd;
  }
  end_streaming();
}

/// dx, and into `sums` what these rows add to dgamma and dbeta. With g = dy gamma:
/// dx = rstd (g - mean(g) - x^ mean(g x^)).
template <class F>
void layernorm_bwd(const MemoryShare& s) {
  if (can_stage<F>(s, s.out[0])) return stage_layernorm_bwd<F>(s);
  const float *gamma = static_cast<const float*>(s.in[1]), *means = static_cast<const float*>(s.in[2]),
              *rstds = static_cast<const float*>(s.in[3]);
  const int64_t n = s.columns;
  float *dgamma = s.sums, *dbeta = s.sums + n;
  for (int64_t i = 0; i < 2 * n; ++i) s.sums[i] = 0;
  for (int64_t row = s.first; row < s.last; ++row) {
    const auto *x = input<F>(s, 0) + row * n, *dy = input<F>(s, 4) + row * n;
    const float mean = means[row], rstd = rstds[row];
    Floats sum_g{}, sum_gx{};
    for_vectors(n, [&](int64_t i, auto lanes) {
      ask_for(x + i);
      ask_for(dy + i);
      const Floats xhat = (get<F>(x + i, lanes) - mean) * rstd, d = get<F>(dy + i, lanes);
      const Floats g = d * get<Fp32Format>(gamma + i, lanes);  // 0 behind a part, as d is
      sum_g += g;
      sum_gx += g * xhat;
      put<Fp32Format>(get<Fp32Format>(dgamma + i, lanes) + d * xhat, dgamma + i, lanes);
      put<Fp32Format>(get<Fp32Format>(dbeta + i, lanes) + d, dbeta + i, lanes);
    });
    const float mean_g = sum_of(sum_g) / static_cast<float>(n),
                mean_gx = sum_of(sum_gx) / static_cast<float>(n);
    write<F>(output<F>(s, 0) + row * n, n, s.stores, [=](int64_t i, auto lanes) {
      const Floats xhat = (get<F>(x + i, lanes) - mean) * rstd;
      const Floats g = get<F>(dy + i, lanes) * get<Fp32Format>(gamma + i, lanes);
      return rstd * ((g - mean_g) - xhat * mean_gx);
    });
  }
  end_streaming();
}

template <class F>
constexpr MemoryLoops loops() {
  return {copy<F>, triad<F>,         softmax<F>, layernorm<F>, layernorm_bwd<F>,
          gelu<F>, cross_entropy<F>, adamw<F>,   gather<F>,    scatter_add<F>};
}

inline void exponentials(const float* x, float* y, int64_t n) {
  write<Fp32Format>(y, n, Stores::ordinary,
                    [=](int64_t i, auto lanes) { return exponential(get<Fp32Format>(x + i, lanes)); });
}

inline void powers_of_two(const float* x, float* y, int64_t n) {
  map<Fp32Format>(x, y, n, Stores::ordinary, power_of_two);
}

constexpr MemoryUnit memory_unit(const char* name) {
  return {name,         loops<Fp32Format>(), loops<Bf16Format>(), loops<Fp16Format>(), copy<ByteFormat>,
          exponentials, powers_of_two};
}

}  // namespace
}  // namespace breakeven::cpu
