// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/device/cp_async.h"

#include "kernels/emu/device/kernel_test.h"

namespace breakeven::emu {
namespace {

const GridShape kBlock = {dim3(1), dim3(64), dim3(1), 4096};

/// Thread t copies 16 bytes, t % 17 of them valid, and reads what its neighbour copied.
auto copy_kernel(const uint8_t* from, uint8_t* to, bool wait, bool barrier) {
  return [=] {
    auto* shared = reinterpret_cast<uint8_t*>(device::dynamic_shared());
    const int t = static_cast<int>(threadIdx.x), neighbour = (t + 1) % 64;
    device::cp_async_16(shared + 16 * t, from + 16 * t, t % 17);
    device::cp_async_commit();
    device::cp_async_8(shared + 1024 + 8 * t, from + 8 * t, 8);
    device::cp_async_4(shared + 2048 + 4 * t, from + 4 * t, 3);
    device::cp_async_commit();
    if (wait) device::cp_async_wait<1>();
    if (barrier) __syncthreads();
    for (int i = 0; i < 16; ++i) to[16 * t + i] = shared[16 * neighbour + i];
    device::cp_async_wait<0>();
    for (int i = 0; i < 8; ++i) to[1024 + 8 * t + i] = shared[1024 + 8 * t + i];
    for (int i = 0; i < 4; ++i) to[2048 + 4 * t + i] = shared[2048 + 4 * t + i];
  };
}

TEST(CpAsync, CopiesWhatIsValidAndZerosTheRest) {
  const auto bytes = random_bits<uint8_t>(1024, 1);
  const DeviceArray<uint8_t> from(bytes), to(4096);
  expect_right(kBlock, copy_kernel(from.get(), to.get(), true, true), [&] {
    const std::vector<uint8_t> got = to.host();
    for (size_t i = 0; i < 1024; ++i) {
      const size_t source = (i / 16 + 1) % 64 * 16 + i % 16;
      ASSERT_EQ(got[i], i % 16 < source / 16 % 17 ? bytes[source] : 0) << i;
    }
    for (size_t i = 0; i < 512; ++i) ASSERT_EQ(got[1024 + i], bytes[i]);
    for (size_t i = 0; i < 256; ++i) ASSERT_EQ(got[2048 + i], i % 4 < 3 ? bytes[i] : 0);
  });
}

TEST(CpAsync, ReadingTooEarlyIsCaught) {
  const DeviceArray<uint8_t> from(random_bits<uint8_t>(1024, 2)), to(4096);
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (const bool wait : {false, true}) {  // no wait; no barrier
      const Ended ended = run(kBlock, copy_kernel(from.get(), to.get(), wait, !wait), seed);
      ASSERT_TRUE(ended.fault) << "seed " << seed << (wait ? ", no barrier" : ", no wait");
      EXPECT_TRUE(*ended.fault == FaultKind::race || *ended.fault == FaultKind::uninitialised)
          << ended.sentence;
    }
  }
}

TEST(CpAsync, MisuseIsNamed) {
  const DeviceArray<uint8_t> from(random_bits<uint8_t>(64, 3));
  const GridShape one = {dim3(1), dim3(1), dim3(1), 256};
  expect_fault(FaultKind::misaligned, one,
               [p = from.get()] { device::cp_async_16(device::dynamic_shared(), p + 8, 16); });
  expect_fault(FaultKind::misaligned, one,
               [p = from.get()] { device::cp_async_8(device::dynamic_shared() + 4, p, 8); });
  expect_fault(FaultKind::invalid_use, one,
               [p = from.get()] { device::cp_async_4(device::dynamic_shared(), p, 5); });
  expect_fault(FaultKind::out_of_bounds, one, [p = from.get()] {
    device::cp_async_16(device::dynamic_shared(), p + 64, 16);
    device::cp_async_commit();
    device::cp_async_wait<0>();
  });
  expect_right(
      one,
      [p = from.get()] {  // nothing valid: nothing is read
        device::cp_async_16(device::dynamic_shared(), p + 64, 0);
        device::cp_async_commit();
        device::cp_async_wait<0>();
      },
      [] {});
}

TEST(CpAsync, WhatNobodyCommitsIsNotWaitedFor) {
  const DeviceArray<uint8_t> from(random_bits<uint8_t>(64, 4)), to(16);
  expect_fault(FaultKind::uninitialised, {dim3(1), dim3(1), dim3(1), 256}, [p = from.get(), q = to.get()] {
    device::cp_async_16(device::dynamic_shared(), p, 16);
    device::cp_async_wait<0>();
    q[0] = static_cast<uint8_t>(device::dynamic_shared()[0]);
  });
}

}  // namespace
}  // namespace breakeven::emu
