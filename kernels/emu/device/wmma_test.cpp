// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/device/wmma.h"

#include "harness/rounding.h"
#include "kernels/emu/device/kernel_test.h"

namespace breakeven::emu {
namespace {

using device::Major;

const GridShape kWarp = {dim3(1), dim3(32), dim3(1), 0};

/// D = A B + 1 for small integers through memory with padded rows, B in either order.
template <Precision P, Major major>
void expect_product() {
  using Shape = device::WmmaShape<P>;
  using In = typename device::WmmaTypes<P>::In;
  using Sum = typename device::WmmaTypes<P>::Sum;
  constexpr int m = Shape::m, n = Shape::n, k = Shape::k, stride = 32;
  const auto value = [](int row, int column) { return (row * 7 + column * 3 + row * column) % 9 - 4; };
  std::vector<In> a(m * stride), b(16 * stride);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < k; ++j)
      a[static_cast<size_t>(i * stride + j)] = static_cast<In>(static_cast<float>(value(i, j)));
  for (int i = 0; i < k; ++i)
    for (int j = 0; j < n; ++j)
      b[static_cast<size_t>(major == Major::k ? j * stride + i : i * stride + j)] =
          static_cast<In>(static_cast<float>(value(j, i)));
  const DeviceArray<In> da(a), db(b);
  const DeviceArray<Sum> dd(m * stride);
  const auto kernel = [a = da.get(), b = db.get(), d = dd.get()] {
    device::WmmaA<P> fa;
    device::WmmaB<P, major> fb;
    device::WmmaSum<P> sum;
    device::wmma_fill(sum, 1);
    device::wmma_load(fa, a, stride);
    device::wmma_load(fb, b, stride);
    if constexpr (P == Precision::tf32) {
      device::wmma_round(fa);
      device::wmma_round(fb);
    }
    device::wmma_multiply(sum, fa, fb);
    device::wmma_store(d, sum, stride);
  };
  expect_right(kWarp, kernel, [&] {
    for (int i = 0; i < m; ++i) {
      for (int j = 0; j < n; ++j) {
        int expected = 1;
        for (int l = 0; l < k; ++l) expected += value(i, l) * value(j, l);
        ASSERT_EQ(dd.host()[static_cast<size_t>(i * stride + j)], static_cast<Sum>(expected))
            << i << ", " << j;
      }
    }
  });
}

TEST(Wmma, EveryTypeAndBothLayoutsOfB) {
  expect_product<Precision::fp16, Major::k>();
  expect_product<Precision::fp16, Major::mn>();
  expect_product<Precision::bf16, Major::mn>();
  expect_product<Precision::int8, Major::k>();
  expect_product<Precision::tf32, Major::mn>();
  expect_product<Precision::tf32, Major::k>();
  expect_product<Precision::fp64, Major::k>();
  expect_product<Precision::fp64, Major::mn>();
}

TEST(Wmma, AddressesAndStridesAreAligned) {
  const DeviceArray<float> memory(1024);
  expect_fault(FaultKind::misaligned, kWarp, [p = memory.get()] {
    device::WmmaA<Precision::tf32> a;
    device::wmma_load(a, p + 4, 32);
  });
  expect_fault(FaultKind::misaligned, kWarp, [p = memory.get()] {
    device::WmmaA<Precision::tf32> a;
    device::wmma_load(a, p, 33);
  });
}

}  // namespace
}  // namespace breakeven::emu
