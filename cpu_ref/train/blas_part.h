// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cblas.h>
#include <omp.h>

#include <algorithm>
#include <cstdint>

// Products that OpenMP's threads share out among themselves, each calling OpenBLAS for its part.

namespace breakeven::cpu {

inline blasint narrow(int64_t extent) { return static_cast<blasint>(extent); }

/// OpenBLAS has one thread for as long as this lives.
class BlasAlone {
 public:
  BlasAlone() { openblas_set_num_threads(1); }
  BlasAlone(const BlasAlone&) = delete;
  BlasAlone& operator=(const BlasAlone&) = delete;
  ~BlasAlone() { openblas_set_num_threads(omp_get_max_threads()); }
};

/// c[m, n] = alpha a b + beta c, row-major, a and b as they lie or transposed.
struct Multiplication {
  CBLAS_TRANSPOSE ta = CblasNoTrans, tb = CblasNoTrans;
  int64_t m = 0, n = 0, k = 0;
  float alpha = 1;
  const float* a = nullptr;
  int64_t a_stride = 0;
  const float* b = nullptr;
  int64_t b_stride = 0;
  float beta = 0;
  float* c = nullptr;
  int64_t c_stride = 0;

  void run() const {
    if (m == 0 || n == 0) return;
    cblas_sgemm(CblasRowMajor, ta, tb, narrow(m), narrow(n), narrow(k), alpha, a, narrow(a_stride), b,
                narrow(b_stride), beta, c, narrow(c_stride));
  }
  /// The rows, or the columns, [begin, end) of it.
  Multiplication of_rows(int64_t begin, int64_t end) const {
    Multiplication part = *this;
    part.m = end - begin;
    part.a += begin * (ta == CblasNoTrans ? a_stride : 1);
    part.c += begin * c_stride;
    return part;
  }
  Multiplication of_columns(int64_t begin, int64_t end) const {
    Multiplication part = *this;
    part.n = end - begin;
    part.b += begin * (tb == CblasNoTrans ? 1 : b_stride);
    part.c += begin;
    return part;
  }
};

/// The share of thread `me` of a team in n things that come in blocks.
struct Share {
  Share(int64_t n, int64_t block, int64_t me, int64_t team)
      : begin(std::min(n, (n + block - 1) / block * me / team * block)),
        end(std::min(n, (n + block - 1) / block * (me + 1) / team * block)) {}
  int64_t begin, end;
};

}  // namespace breakeven::cpu
