// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cpu_ref/train/judge_operands.h"

namespace breakeven::cpu {
namespace {

/// x[batch, width], e[batch, fields, width], z[batch, out].
struct InteractionShape {
  explicit InteractionShape(const JudgeOperands& o)
      : batch(o.in_shape(1).at(0)),
        fields(o.in_shape(1).at(1)),
        width(o.in_shape(1).at(2)),
        out(width + fields * (fields + 1) / 2) {}
  int64_t batch, fields, width, out;

  /// Vector i of a sample: x, then the rows of e.
  template <class T>
  T* vector(T* x, T* e, int64_t sample, int64_t i) const {
    return i == 0 ? x + sample * width : e + (sample * fields + i - 1) * width;
  }
};

}  // namespace

void judge_interaction(const JudgeOperands& o) {
  const InteractionShape s(o);
  const double *x = o.in(0), *e = o.in(1);
  double* z = o.out(0);
#pragma omp parallel for schedule(static)
  for (int64_t b = 0; b < s.batch; ++b) {
    double* to = std::copy_n(x + b * s.width, s.width, z + b * s.out);
    for (int64_t i = 0; i <= s.fields; ++i) {
      for (int64_t j = i + 1; j <= s.fields; ++j) {
        const double *u = s.vector(x, e, b, i), *v = s.vector(x, e, b, j);
        double sum = 0;
        for (int64_t c = 0; c < s.width; ++c) sum += u[c] * v[c];
        *to++ = sum;
      }
    }
  }
}

void judge_interaction_bwd(const JudgeOperands& o) {
  const InteractionShape s(o);
  const double *x = o.in(0), *e = o.in(1), *dz = o.in(2);
  double *dx = o.out(0), *de = o.out(1);
  std::fill_n(de, o.out_size(1), 0.0);
#pragma omp parallel for schedule(static)
  for (int64_t b = 0; b < s.batch; ++b) {
    std::copy_n(dz + b * s.out, s.width, dx + b * s.width);
    const double* from = dz + b * s.out + s.width;
    for (int64_t i = 0; i <= s.fields; ++i) {
      for (int64_t j = i + 1; j <= s.fields; ++j, ++from) {
        const double *u = s.vector(x, e, b, i), *v = s.vector(x, e, b, j);
        double *du = s.vector(dx, de, b, i), *dv = s.vector(dx, de, b, j);
        for (int64_t c = 0; c < s.width; ++c) {
          du[c] += *from * v[c];
          dv[c] += *from * u[c];
        }
      }
    }
  }
}

}  // namespace breakeven::cpu
