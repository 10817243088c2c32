// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <cblas.h>

#include <chrono>
#include <stdexcept>
#include <vector>

#include "cpu_ref/first_call.h"

namespace breakeven::cpu {

double first_openblas_seconds() {
  constexpr int kSize = 64;
  std::vector<float> a(kSize * kSize, 1), b(kSize * kSize, 2), c(kSize * kSize, -1);
  const auto begin = std::chrono::steady_clock::now();
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, kSize, kSize, kSize, 1, a.data(), kSize, b.data(),
              kSize, 0, c.data(), kSize);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (const float x : c) {
    if (x != 2 * kSize) throw std::runtime_error("OpenBLAS's first product is wrong");
  }
  return seconds;
}

}  // namespace breakeven::cpu
