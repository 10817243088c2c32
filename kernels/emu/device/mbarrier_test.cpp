// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/device/mbarrier.h"

#include "kernels/device/barrier.h"
#include "kernels/device/clock.h"
#include "kernels/device/cluster.h"
#include "kernels/device/fence.h"
#include "kernels/device/registers.h"
#include "kernels/emu/device/kernel_test.h"

// mbarriers, and the other ways in which threads wait for each other.

namespace breakeven::emu {
namespace {

using device::Mbarrier;

const GridShape kTwoWarps = {dim3(1), dim3(64), dim3(1), 1024};

struct Pipe {
  Mbarrier full[2], empty[2];
  int slot[2];
};

/// One warp hands `rounds` numbers to the other through two slots. `first_parity` 1 is right for the
/// producer.
auto pipe_kernel(int* out, int rounds, int first_parity, bool wait_for_empty) {
  return [=] {
    auto& pipe = device::static_shared<Pipe>();
    if (threadIdx.x == 0) {
      for (int i = 0; i < 2; ++i) {
        device::mbarrier_init(&pipe.full[i], 1);
        device::mbarrier_init(&pipe.empty[i], 32);
      }
      device::fence_mbarrier_init();
    }
    __syncthreads();
    for (int round = 0; round < rounds; ++round) {
      const int stage = round % 2, phase = round / 2 % 2;
      if (threadIdx.x == 0) {
        if (wait_for_empty) device::mbarrier_wait(&pipe.empty[stage], phase ^ first_parity);
        pipe.slot[stage] = round * round;
        device::mbarrier_arrive(&pipe.full[stage]);
      } else if (threadIdx.x >= 32) {
        device::mbarrier_wait(&pipe.full[stage], phase);
        if (threadIdx.x == 32) out[round] = pipe.slot[stage];
        device::mbarrier_arrive(&pipe.empty[stage]);
      }
    }
  };
}

TEST(Mbarrier, HandsOverPhaseByPhase) {
  const DeviceArray<int> out(9);
  expect_right(kTwoWarps, pipe_kernel(out.get(), 9, 1, true), [&] {
    for (int i = 0; i < 9; ++i) EXPECT_EQ(out.host()[static_cast<size_t>(i)], i * i);
  });
}

TEST(Mbarrier, WrongParityDeadlocksAndNoWaitIsCaught) {
  const DeviceArray<int> out(9);
  expect_fault(FaultKind::deadlock, kTwoWarps, pipe_kernel(out.get(), 9, 0, true));
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {  // phases run past the consumer, or slots under its eyes
    const Ended ended = run(kTwoWarps, pipe_kernel(out.get(), 9, 1, false), seed);
    ASSERT_TRUE(ended.fault) << seed;
    EXPECT_TRUE(*ended.fault == FaultKind::race || *ended.fault == FaultKind::deadlock) << ended.sentence;
  }
}

TEST(Mbarrier, MisuseIsNamed) {
  const GridShape one = {dim3(1), dim3(1), dim3(1), 1024};
  expect_fault(FaultKind::uninitialised, one,
               [] { device::mbarrier_arrive(&device::static_shared<Mbarrier>()); });
  expect_fault(FaultKind::invalid_use, one, [] {
    auto& barrier = device::static_shared<Mbarrier>();
    device::mbarrier_init(&barrier, 2);
    device::mbarrier_arrive(&barrier);
    device::mbarrier_init(&barrier, 2);
  });
  expect_fault(FaultKind::invalid_use, one, [] {  // the bytes expected never come, and a third arrival does
    auto& barrier = device::static_shared<Mbarrier>();
    device::mbarrier_init(&barrier, 2);
    device::mbarrier_arrive_expect(&barrier, 128);
    device::mbarrier_arrive(&barrier);
    device::mbarrier_arrive(&barrier);
  });
  expect_fault(FaultKind::invalid_use, one, [] {
    auto& barrier = device::static_shared<Mbarrier>();
    device::mbarrier_init(&barrier, 2);
    barrier = 0;
    device::mbarrier_arrive(&barrier);
  });
  expect_fault(FaultKind::race, kTwoWarps, [] {  // no barrier after the initialisation
    auto& barrier = device::static_shared<Mbarrier>();
    if (threadIdx.x == 0) {
      device::mbarrier_init(&barrier, 64);
      device::fence_mbarrier_init();
    }
    while (device::nanoseconds() % 64 != 0) {
    }
    device::mbarrier_arrive(&barrier);
  });
}

/// Rank 1's threads arrive at rank 0's barrier after writing rank 0 a value... by way of device memory.
auto remote_kernel(int* out, bool announced, bool stay) {
  return [=] {
    auto& barrier = device::static_shared<Mbarrier>();
    const int rank = device::cluster_rank();
    if (threadIdx.x == 0 && rank == 0) {
      device::mbarrier_init(&barrier, 32);
      if (announced) device::fence_mbarrier_init();
    }
    device::cluster_sync();
    if (rank == 1) device::mbarrier_arrive_cluster(&barrier, 0);
    if (rank == 0 && stay) device::mbarrier_wait_cluster(&barrier, 0);
    out[rank * 32 + static_cast<int>(threadIdx.x)] = device::cluster_size();
    if (stay) device::cluster_sync();
  };
}

TEST(Cluster, ThreadsArriveInOtherBlocks) {
  const DeviceArray<int> out(64);
  const GridShape pair = {dim3(2), dim3(32), dim3(2), 1024};
  expect_right(pair, remote_kernel(out.get(), true, true), [&] {
    for (const int size : out.host()) EXPECT_EQ(size, 2);
  });
  expect_fault(FaultKind::missing_proxy_fence, pair, remote_kernel(out.get(), false, true));
  int exited = 0;  // the block may live long enough under some seeds
  for (uint64_t seed = 0; seed < 4 * kSeeds; ++seed) {
    const Ended ended = run(pair, remote_kernel(out.get(), true, false), seed);
    if (ended.fault) {
      EXPECT_EQ(*ended.fault, FaultKind::exited_block) << ended.sentence;
      ++exited;
    }
  }
  EXPECT_GT(exited, 0);
}

TEST(Cluster, ArriveAndWaitAlternate) {
  const GridShape pair = {dim3(2), dim3(32), dim3(2), 0};
  expect_fault(FaultKind::invalid_use, pair, [] { device::cluster_wait(); });
  expect_fault(FaultKind::invalid_use, pair, [] {
    device::cluster_arrive();
    device::cluster_arrive();
  });
  expect_right(
      pair,
      [] {  // threads that have exited are not waited for
        if (threadIdx.x < 16) return;
        device::cluster_sync();
        if (threadIdx.x == 20) return device::cluster_arrive();
        device::cluster_sync();
      },
      [] {});
}

TEST(NamedBarrier, OneSideArrivesTheOtherWaits) {
  const DeviceArray<int> out(32);
  const auto kernel = [out = out.get()] {
    auto& value = device::static_shared<int>();
    if (threadIdx.x < 32) {
      if (threadIdx.x == 5) value = 42;
      device::barrier_arrive<3>(64);
    } else {
      device::barrier_sync<3>(64);
      out[threadIdx.x - 32] = value;
    }
  };
  expect_right(kTwoWarps, kernel, [&] {
    for (const int v : out.host()) EXPECT_EQ(v, 42);
  });
  expect_fault(FaultKind::invalid_use, kTwoWarps, [] { device::barrier_sync<1>(40); });
  const GridShape four = {dim3(1), dim3(128), dim3(1), 0};
  expect_fault(FaultKind::divergence, four, [] { device::barrier_sync<1>(threadIdx.x < 64 ? 128 : 96); });
}

TEST(Registers, AnIncreaseWaitsForADecrease) {
  const GridShape three = {dim3(1), dim3(384), dim3(1), 0};
  expect_right(
      three,
      [] {
        if (threadIdx.x >= 256) return device::registers_decrease<40>();
        device::registers_increase<232>();
      },
      [] {});
  expect_fault(FaultKind::deadlock, three, [] {
    if (threadIdx.x >= 256) return device::registers_decrease<40>();
    device::registers_increase<240>();
  });
  expect_fault(FaultKind::divergence, three, [] {
    threadIdx.x % 2 == 0 ? device::registers_decrease<40>() : device::registers_decrease<48>();
  });
}

TEST(Clock, LoopsThatWaitForATimeEnd) {
  const auto kernel = [] {
    const uint64_t begin = device::nanoseconds();
    while (device::nanoseconds() < begin + 100'000) {
    }
  };
  expect_right({dim3(1), dim3(8), dim3(1), 0}, kernel, [] {});
}

}  // namespace
}  // namespace breakeven::emu
