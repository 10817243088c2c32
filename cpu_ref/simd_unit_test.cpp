// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/simd_unit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "cpu_ref/cpu_features.h"
#include "cpu_ref/pages.h"
#include "cpu_ref/simd_gemm.h"

namespace breakeven::cpu {
namespace {

constexpr Extents kExtents{61, 83, 701};

/// Values that make every sum exact in fp32 and int32 alike: -2..2.
template <class T>
std::vector<T> small_integers(int64_t size, uint32_t state) {
  std::vector<T> made;
  for (int64_t i = 0; i < size; ++i) {
    state = state * 1664525u + 1013904223u;
    made.push_back(static_cast<T>(static_cast<int>(state >> 24) % 5 - 2));
  }
  return made;
}

/// Runs the unit, whichever the CPU would choose, and compares every element.
template <class In, class Sum>
void expect_exact(const SimdUnit* unit) {
  if (!unit) return;
  const auto [m, n, k] = kExtents;
  const std::vector<In> a = small_integers<In>(m * k, 1), b = small_integers<In>(k * n, 2);
  std::vector<Sum> got(static_cast<size_t>(m * n));
  const Blocking blocking = choose_blocking(*unit, kExtents, 1);
  const SlottedPages packed_a(1, packed_a_bytes(*unit, kExtents, blocking));
  const SlottedPages packed_b(1, packed_b_bytes(*unit, kExtents, blocking));
  const Worker alone{.packed_a = packed_a.at(0), .packed_b = packed_b.at(0)};
  int64_t finished = 0;
  multiply(*unit, kExtents, blocking, alone, sizeof(In), a.data(), b.data(), got.data(),
           [&](int64_t, int64_t rows, int64_t, int64_t columns) { finished += rows * columns; });
  EXPECT_EQ(finished, m * n) << unit->name;
  for (int64_t i = 0; i < m * n; ++i) {
    Sum sum = 0;
    for (int64_t p = 0; p < k; ++p) sum += Sum(a[size_t(i / n * k + p)]) * Sum(b[size_t(p * n + i % n)]);
    ASSERT_EQ(got[static_cast<size_t>(i)], sum) << unit->name << ", element " << i;
  }
}

void expect_all_exact(const SimdUnits& units) {
  expect_exact<double, double>(units.fp64);
  expect_exact<float, float>(units.fp32);
  expect_exact<int8_t, int32_t>(units.int8);
}

TEST(SimdUnits, PortableIsExactOnSmallIntegers) { expect_all_exact(portable_units()); }

#if defined(__x86_64__)
TEST(SimdUnits, Avx2IsExactOnSmallIntegers) {
  if (!has(Feature::avx2_fma)) GTEST_SKIP() << "this CPU has no AVX2 with FMA";
  expect_all_exact(avx2_units());
}

TEST(SimdUnits, Avx512IsExactOnSmallIntegers) {
  if (!has(Feature::avx512)) GTEST_SKIP() << "this CPU has no AVX-512";
  expect_all_exact(avx512_units());
}

TEST(SimdUnits, Avx512DotProductsAreExactOnSmallIntegers) {
  if (!has(Feature::avx512_vnni)) GTEST_SKIP() << "this CPU has no AVX512_VNNI";
  expect_exact<int8_t, int32_t>(avx512_dot_units().int8);
}
#endif

}  // namespace
}  // namespace breakeven::cpu
