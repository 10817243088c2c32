// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/device/wgmma.h"

#include <cmath>

#include "harness/rounding.h"
#include "kernels/device/fence.h"
#include "kernels/emu/device/kernel_test.h"

// Tiles are laid into shared memory by ordinary stores, at places computed here by the formulas of the PTX
// ISA's pictures; expected sums are plain loops over small integers, so every order of addition gives the
// same bits.

namespace breakeven::emu {
namespace {

using device::Major;

constexpr GridShape kWarpgroup = {dim3(1), dim3(128), dim3(1), 64 << 10};
constexpr int kRowBytes = 128, kAtomBytes = 1024;

/// Element types, 128 bytes of k in a row.
template <Precision P>
struct Type;
template <>
struct Type<Precision::bf16> {
  using Bits = uint16_t;
  using Sum = float;
  static Bits bits(int v) { return to_bf16(std::bit_cast<uint32_t>(static_cast<float>(v))); }
};
template <>
struct Type<Precision::fp16> {
  using Bits = uint16_t;
  using Sum = float;
  static Bits bits(int v) { return to_fp16(std::bit_cast<uint32_t>(static_cast<float>(v))); }
};
template <>
struct Type<Precision::tf32> {  // with low bits set that must not count
  using Bits = uint32_t;
  using Sum = float;
  static Bits bits(int v) { return std::bit_cast<uint32_t>(static_cast<float>(v)) | 0x1FFF; }
};
template <>
struct Type<Precision::fp8e4m3> {
  using Bits = uint8_t;
  using Sum = float;
  static Bits bits(int v) { return to_fp8e4m3(std::bit_cast<uint32_t>(static_cast<float>(v))); }
};
template <>
struct Type<Precision::int8> {
  using Bits = uint8_t;
  using Sum = int32_t;
  static Bits bits(int v) { return static_cast<uint8_t>(static_cast<int8_t>(v)); }
};

int small(int row, int k, int salt) { return (row * 7 + k * 5 + salt * 3 + row * k) % 15 - 7; }
int nonzero(int v) { return v == 0 ? 8 : v; }  // 0 with low bits set would be no small integer in tf32

/// Byte offset of element (row, k) in a K-major tile, and of (k, column) in an MN-major one of 16-bit types
/// whose 64-column halves lie `half` bytes apart.
int k_major(int row, int k, int bytes) {
  const int at = k * bytes;
  return row / 8 * kAtomBytes + row % 8 * kRowBytes + ((at / 16) ^ (row % 8)) * 16 + at % 16;
}
int mn_major(int k, int column, int half) {
  const int at = column % 64 * 2;
  return column / 64 * half + k / 8 * kAtomBytes + k % 8 * kRowBytes + ((at / 16) ^ (k % 8)) * 16 + at % 16;
}

/// D = A B twice over: 64 x N from 128 bytes of k (fewer for MN-major B: 64 elements), four instructions.
template <Precision P, int N, Major major, Major a_major>
auto product_kernel(typename Type<P>::Sum* out) {
  return [out] {
    using T = Type<P>;
    constexpr int bytes = sizeof(typename T::Bits), depth = kRowBytes / bytes, half = 64 * kRowBytes;
    std::byte *a = device::dynamic_shared(), *b = a + 64 * kRowBytes;
    for (int i = static_cast<int>(threadIdx.x); i < (64 + N) * depth; i += 128) {
      const int row = i / depth, k = i % depth;
      if (row < 64) {
        const int place = a_major == Major::k ? k_major(row, k, bytes) : mn_major(k, row, half);
        *reinterpret_cast<typename T::Bits*>(a + place) = T::bits(nonzero(small(row, k, 1)));
      } else {
        const int place = major == Major::k ? k_major(row - 64, k, bytes) : mn_major(k, row - 64, half);
        *reinterpret_cast<typename T::Bits*>(b + place) = T::bits(nonzero(small(row - 64, k, 2)));
      }
    }
    device::fence_proxy_async();
    __syncthreads();
    typename T::Sum d[N / 2];
    const uint64_t da = device::wgmma_descriptor(a, 0, kAtomBytes);
    const uint64_t db = device::wgmma_descriptor(b, major == Major::k ? 0 : half, kAtomBytes);
    device::wgmma_fence();
    for (int step = 0; step < 8; ++step) {
      const auto k = static_cast<uint64_t>(step % 4);
      device::wgmma<P, N, major, a_major>(d, da + (a_major == Major::k ? 2 : 128) * k,
                                          db + (major == Major::k ? 2 : 128) * k, step > 0);
      if (step % 2 == 1) device::wgmma_commit();
    }
    device::wgmma_wait<1>();
    device::wgmma_wait<0>();
    const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
    for (int j = 0; j < N / 8; ++j) {
      for (int i = 0; i < 4; ++i)
        out[(warp * 16 + lane / 4 + i / 2 * 8) * N + j * 8 + lane % 4 * 2 + i % 2] = d[4 * j + i];
    }
  };
}

template <Precision P, int N, Major major = Major::k, Major a_major = Major::k>
void expect_product() {
  const DeviceArray<typename Type<P>::Sum> out(64 * N);
  expect_right(kWarpgroup, product_kernel<P, N, major, a_major>(out.get()), [&] {
    constexpr int depth = kRowBytes / static_cast<int>(sizeof(typename Type<P>::Bits));
    const auto got = out.host();
    for (int i = 0; i < 64 * N; ++i) {
      int sum = 0;
      for (int k = 0; k < depth; ++k) sum += 2 * nonzero(small(i / N, k, 1)) * nonzero(small(i % N, k, 2));
      ASSERT_EQ(got[static_cast<size_t>(i)], static_cast<typename Type<P>::Sum>(sum))
          << i / N << ", " << i % N;
    }
  });
}

TEST(Wgmma, Bf16) {
  expect_product<Precision::bf16, 8>();
  expect_product<Precision::bf16, 64>();
  expect_product<Precision::bf16, 256>();
}
TEST(Wgmma, BMayLieMnMajorIfItIsOf16Bits) {
  expect_product<Precision::bf16, 64, Major::mn>();
  expect_product<Precision::fp16, 128, Major::mn>();
  expect_product<Precision::bf16, 256, Major::mn>();
  expect_product<Precision::bf16, 32, Major::mn>();
}
TEST(Wgmma, AMayLieMnMajorToo) {
  expect_product<Precision::bf16, 64, Major::mn, Major::mn>();
  expect_product<Precision::fp16, 256, Major::mn, Major::mn>();
  expect_product<Precision::bf16, 32, Major::k, Major::mn>();
}
TEST(Wgmma, OtherTypes) {
  expect_product<Precision::fp16, 32>();
  expect_product<Precision::tf32, 128>();
  expect_product<Precision::fp8e4m3, 48>();
  expect_product<Precision::int8, 24>();
  expect_product<Precision::int8, 192>();
}

/// A tile of ones for both operands, fenced and seen by all, unless a test leaves something out.
uint64_t ones(bool fenced = true) {
  auto* words = reinterpret_cast<uint32_t*>(device::dynamic_shared());
  for (int i = static_cast<int>(threadIdx.x); i < 64 * kRowBytes / 4; i += 128) words[i] = 0x3F803F80;
  if (fenced) device::fence_proxy_async();
  __syncthreads();
  return device::wgmma_descriptor(words, 0, kAtomBytes);
}

void issue(float (&d)[32], uint64_t a) {
  device::wgmma_fence();
  device::wgmma<Precision::bf16, 64>(d, a, a, true);
  device::wgmma_commit();
}

TEST(WgmmaMisuse, AccumulatorsAreOutOfReachUntilTheWait) {
  const DeviceArray<float> out(128);
  const auto kernel = [out = out.get()] {
    const uint64_t a = ones();
    float d[32] = {};
    issue(d, a);
    out[threadIdx.x] = d[5];  // too early: whatever it is, it is not the sum
    device::wgmma_wait<0>();
  };
  expect_right(kWarpgroup, kernel, [&] {
    for (const float v : out.host()) EXPECT_TRUE(std::isnan(v)) << v;
  });
  expect_fault(FaultKind::invalid_use, kWarpgroup, [] {
    const uint64_t a = ones();
    float d[32] = {};
    issue(d, a);
    d[3] = 1;
    device::wgmma_wait<0>();
  });
  expect_fault(FaultKind::invalid_use, kWarpgroup, [] {  // written after the fence
    const uint64_t a = ones();
    float d[32] = {};
    issue(d, a);
    device::wgmma_wait<0>();
    d[3] = 100;
    device::wgmma<Precision::bf16, 64>(d, a, a, true);
  });
  expect_fault(FaultKind::invalid_use, kWarpgroup, [] {
    const uint64_t a = ones();
    float d[32] = {};
    device::wgmma<Precision::bf16, 64>(d, a, a, true);
  });
  expect_fault(FaultKind::invalid_use, kWarpgroup, [] {  // nobody waits
    const uint64_t a = ones();
    float d[32] = {};
    issue(d, a);
  });
}

TEST(WgmmaMisuse, OperandsAreWatched) {
  expect_fault(FaultKind::missing_proxy_fence, kWarpgroup, [] {
    const uint64_t a = ones(false);
    float d[32] = {};
    issue(d, a);
    device::wgmma_wait<0>();
  });
  expect_fault(FaultKind::uninitialised, kWarpgroup, [] {
    const uint64_t a = ones();
    float d[32] = {};
    issue(d, a + (8192 >> 4));
    device::wgmma_wait<0>();
  });
  expect_fault(FaultKind::race, kWarpgroup, [] {  // refilled before the wait
    const uint64_t a = ones();
    float d[32] = {};
    issue(d, a);
    reinterpret_cast<uint32_t*>(device::dynamic_shared())[threadIdx.x] = 0;
    device::wgmma_wait<0>();
  });
  expect_fault(FaultKind::misaligned, kWarpgroup, [] {
    const uint64_t a = ones();
    float d[32] = {};
    issue(d, a + (256 >> 4));
    device::wgmma_wait<0>();
  });
}

TEST(WgmmaMisuse, TheWarpgroupActsAsOne) {
  expect_fault(FaultKind::divergence, kWarpgroup, [] {
    const uint64_t a = ones();
    float d[32] = {};
    issue(d, threadIdx.x == 77 ? a + 2 : a);
    device::wgmma_wait<0>();
  });
  expect_fault(FaultKind::deadlock, kWarpgroup, [] {
    const uint64_t a = ones();
    float d[32] = {};
    if (threadIdx.x >= 32) issue(d, a);
    device::wgmma_wait<0>();
  });
  expect_fault(FaultKind::invalid_use, {dim3(1), dim3(96), dim3(1), 32 << 10}, [] {
    const uint64_t a = ones();
    float d[32] = {};
    issue(d, a);
  });
}

TEST(Wgmma, WhatTheWaitCoversMayBeOverwritten) {
  const DeviceArray<float> out(128);
  const auto kernel = [out = out.get()] {
    float d[32] = {};
    for (int round = 0; round < 3; ++round) {
      const uint64_t a = ones();
      issue(d, a);
      device::wgmma_wait<0>();
      __syncthreads();
    }
    out[threadIdx.x] = d[31];
  };
  expect_right(kWarpgroup, kernel, [&] {
    for (const float v : out.host()) EXPECT_EQ(v, 48.0f);
  });
}

}  // namespace
}  // namespace breakeven::emu
