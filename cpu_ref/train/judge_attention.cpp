// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "cpu_ref/train/judge_operands.h"
#include "cpu_ref/train/judge_product.h"

namespace breakeven::cpu {
namespace {

/// qkv[batch, tokens, 3 x width], causal, heads side by side in each third.
struct AttentionShape {
  explicit AttentionShape(const JudgeOperands& o)
      : batch(o.in_shape(0).at(0)),
        tokens(o.in_shape(0).at(1)),
        width(o.in_shape(0).at(2) / 3),
        heads(o.op().heads),
        head_width(width / heads),
        scale(1 / std::sqrt(static_cast<double>(head_width))) {}
  int64_t batch, tokens, width, heads, head_width;
  double scale;

  // Offsets of one head's first token; tokens are 3 width (qkv) or width (y) apart.
  int64_t in_qkv(int64_t pair) const { return pair / heads * tokens * 3 * width + pair % heads * head_width; }
  int64_t in_y(int64_t pair) const { return pair / heads * tokens * width + pair % heads * head_width; }
};

double dot(const double* a, const double* b, int64_t n) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

void judge_attention(const JudgeOperands& o) {
  const AttentionShape s(o);
  const double* qkv = o.in(0);
  double *out = o.out(0), *lse = o.out(1);
  const int64_t step = 3 * s.width, d = s.head_width;
#pragma omp parallel for schedule(static)
  for (int64_t pair = 0; pair < s.batch * s.heads; ++pair) {
    const double *q = qkv + s.in_qkv(pair), *k = q + s.width, *v = k + s.width;
    std::vector<double> p(static_cast<size_t>(s.tokens));
    for (int64_t t = 0; t < s.tokens; ++t) {
      for (int64_t j = 0; j <= t; ++j)
        p[static_cast<size_t>(j)] = s.scale * dot(q + t * step, k + j * step, d);
      const double most = *std::max_element(p.begin(), p.begin() + t + 1);
      double sum = 0;
      for (int64_t j = 0; j <= t; ++j) sum += std::exp(p[static_cast<size_t>(j)] - most);
      const double log_sum = lse[pair * s.tokens + t] = most + std::log(sum);
      for (int64_t j = 0; j <= t; ++j)
        p[static_cast<size_t>(j)] = std::exp(p[static_cast<size_t>(j)] - log_sum);
      double* y = out + s.in_y(pair) + t * s.width;
      std::fill_n(y, d, 0.0);
      add_product(y, d, p.data(), t + 1, v, step);
    }
  }
}

/// With p = exp(logits - lse): dv_j = sum p_tj dy_t; dlogit_tj = p_tj (dy_t . v_j - dy_t . y_t), as Dao et
/// al.
/// ("FlashAttention", 2022) have it.
void judge_attention_bwd(const JudgeOperands& o) {
  const AttentionShape s(o);
  const double *qkv = o.in(0), *out = o.in(1), *lse = o.in(2), *dout = o.in(3);
  double* dqkv = o.out(0);
  std::fill_n(dqkv, o.out_size(0), 0.0);
  const int64_t step = 3 * s.width, d = s.head_width;
#pragma omp parallel for schedule(static)
  for (int64_t pair = 0; pair < s.batch * s.heads; ++pair) {
    const double *q = qkv + s.in_qkv(pair), *k = q + s.width, *v = k + s.width;
    double *dq = dqkv + s.in_qkv(pair), *dk = dq + s.width, *dv = dk + s.width;
    for (int64_t t = 0; t < s.tokens; ++t) {
      const double* dy = dout + s.in_y(pair) + t * s.width;
      const double mean = dot(dy, out + s.in_y(pair) + t * s.width, d);
      for (int64_t j = 0; j <= t; ++j) {
        const double p = std::exp(s.scale * dot(q + t * step, k + j * step, d) - lse[pair * s.tokens + t]);
        const double dlogit = s.scale * p * (dot(dy, v + j * step, d) - mean);
        for (int64_t c = 0; c < d; ++c) {
          dv[j * step + c] += p * dy[c];
          dq[t * step + c] += dlogit * k[j * step + c];
          dk[j * step + c] += dlogit * q[t * step + c];
        }
      }
    }
  }
}

}  // namespace breakeven::cpu
