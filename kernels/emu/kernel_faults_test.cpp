// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Kernels with one mistake each, and what the emulator says of it. Compiled as kernels are.

#include "kernels/device/language.h"
#include "kernels/emu/kernel_fixture.h"

namespace breakeven::emu {
namespace {

constexpr int kThreads = 128;
constexpr uint64_t kSeeds = 10;

struct Tile {
  int value[kThreads];
};

__device__ int neighbour() { return static_cast<int>((threadIdx.x + 33) % kThreads); }

__global__ void reads_unwritten(int* out) {
  out[threadIdx.x] = device::static_shared<Tile>().value[threadIdx.x];
}

__global__ void forgets_first_barrier(int* out) {
  auto& tile = device::static_shared<Tile>();
  tile.value[threadIdx.x] = 0;
  __syncthreads();
  tile.value[threadIdx.x] = static_cast<int>(threadIdx.x);
  out[threadIdx.x] = tile.value[neighbour()];
}

__global__ void forgets_second_barrier(int* out) {
  auto& tile = device::static_shared<Tile>();
  for (int i = 0; i < 2; ++i) {
    tile.value[threadIdx.x] = i;
    __syncthreads();
    out[threadIdx.x] = tile.value[neighbour()];
  }
}

__global__ void writes_twice() { device::static_shared<Tile>().value[threadIdx.x / 2] = 1; }

__global__ void relies_on_the_warp() {
  auto& tile = device::static_shared<Tile>();
  tile.value[threadIdx.x] = 1;
  tile.value[threadIdx.x] += tile.value[threadIdx.x ^ 1];
}

__global__ void adds_without_atomics(int* out) {
  auto& tile = device::static_shared<Tile>();
  if (threadIdx.x == 0) tile.value[0] = 0;
  __syncthreads();
  if (threadIdx.x % 2 == 0)
    atomicAdd(&tile.value[0], 1);
  else
    tile.value[0] += 1;
  out[threadIdx.x] = 0;
}

TEST(Shared, ReadBeforeAnyWrite) {
  const DeviceArray<int> out(kThreads);
  expect_fault(FaultKind::uninitialised, "nobody has written", one_block(kThreads), kSeeds, reads_unwritten,
               out);
}

TEST(Shared, MissingBarrierAfterTheWrite) {
  const DeviceArray<int> out(kThreads);
  for (uint64_t seed = 0; seed <= kSeeds; ++seed) {
    const auto fault = fault_of(one_block(kThreads), seed, forgets_first_barrier, out);
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->kind, FaultKind::race) << fault->what();
  }
}

TEST(Shared, MissingBarrierBeforeTheNextWrite) {
  const DeviceArray<int> out(kThreads);
  for (uint64_t seed = 0; seed <= kSeeds; ++seed) {
    const auto fault = fault_of(one_block(kThreads), seed, forgets_second_barrier, out);
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->kind, FaultKind::race) << fault->what();
    EXPECT_NE(std::string(fault->what()).find("Tile + "), std::string::npos) << fault->what();
  }
}

TEST(Shared, TwoWritersOfOnePlace) {
  expect_fault(FaultKind::race, "races with a write by thread", one_block(kThreads), kSeeds, writes_twice);
}

TEST(Shared, LanesOfAWarpAreNotInStep) {
  for (uint64_t seed = 0; seed <= kSeeds; ++seed)
    EXPECT_TRUE(fault_of(one_block(kThreads), seed, relies_on_the_warp)) << seed;
}

TEST(Shared, AtomicAgainstPlain) {
  const DeviceArray<int> out(kThreads);
  expect_fault(FaultKind::race, "races", one_block(kThreads), kSeeds, adds_without_atomics, out);
}

__global__ void writes_behind_dynamic() {
  auto* values = reinterpret_cast<int*>(device::dynamic_shared());
  values[threadIdx.x + 1] = 0;
}
__global__ void writes_behind_static() {
  int* values = device::static_shared<Tile>().value;
  values[threadIdx.x * 2] = 0;
}
__global__ void indexes_too_far() {
  auto& tile = device::static_shared<Tile>();
  tile.value[threadIdx.x + 1] = 0;
}
__global__ void writes(int* out, int offset) { out[static_cast<int>(threadIdx.x) + offset] = 1; }
__global__ void reads(int* out, const int* from) { out[threadIdx.x] = from[threadIdx.x]; }

TEST(Bounds, BehindSharedMemory) {
  expect_fault(FaultKind::out_of_bounds, "0 bytes behind dynamic shared memory (512 bytes)",
               one_block(kThreads, kThreads * 4), kSeeds, writes_behind_dynamic);
  for (uint64_t seed = 0; seed <= kSeeds; ++seed) {
    const auto fault = fault_of(one_block(kThreads), seed, writes_behind_static);
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->kind, FaultKind::out_of_bounds) << fault->what();
  }
  expect_fault(FaultKind::out_of_bounds, "kernel_faults_test.cpp:", one_block(kThreads), kSeeds,
               indexes_too_far);
}

TEST(Bounds, AroundDeviceMemory) {
  const DeviceArray<int> out(kThreads);
  expect_fault(FaultKind::out_of_bounds, "0 bytes behind device memory", one_block(kThreads), kSeeds, writes,
               out, 1);
  expect_fault(FaultKind::out_of_bounds, "4 bytes before device memory", one_block(kThreads), kSeeds, writes,
               out, -1);
}

TEST(Bounds, FreedMemory) {
  const DeviceArray<int> out(kThreads);
  std::byte* gone = allocate_device_memory(kThreads * 4);
  free_device_memory(gone);
  expect_fault(FaultKind::use_after_free, "freed", one_block(kThreads), kSeeds, reads, out,
               reinterpret_cast<const int*>(gone));
}

TEST(Bounds, HostMemory) {
  const DeviceArray<int> out(kThreads);
  const std::vector<int> host(kThreads);
  expect_fault(FaultKind::host_memory, "host address", one_block(kThreads), kSeeds, reads, out, host.data());
  allow_host_memory(host.data(), kThreads * 4);  // page-locked
  expect_clean(one_block(kThreads), kSeeds, reads, out, host.data());
  forbid_host_memory(host.data());
}

__device__ float first(float4 four) { return four.x; }
__device__ float first(double one) { return static_cast<float>(one); }
template <class Vector>
__global__ void misaligned(const float* from, float* out) {
  out[threadIdx.x] = first(*reinterpret_cast<const Vector*>(from + threadIdx.x));
}
__global__ void overflows(int64_t* out, int rows, int columns) { out[threadIdx.x] = rows * columns; }
__global__ void shifts(int* out, int by) { out[threadIdx.x] = 1 << by; }

TEST(Arithmetic, FaultsNameFileAndLine) {
  const DeviceArray<float> floats(std::vector<float>(kThreads + 4));
  const DeviceArray<int64_t> out(kThreads);
  expect_fault(FaultKind::misaligned, "kernel_faults_test.cpp:", one_block(kThreads), kSeeds,
               misaligned<double>, floats, floats);
#ifndef __clang__  // which does not look at copies of structures
  expect_fault(FaultKind::misaligned, "kernel_faults_test.cpp:", one_block(kThreads), kSeeds,
               misaligned<float4>, floats, floats);
#endif
  expect_fault(FaultKind::overflow, "kernel_faults_test.cpp:", one_block(kThreads), kSeeds, overflows, out,
               65536, 32768);
  expect_fault(FaultKind::overflow, "shift", one_block(kThreads), kSeeds, shifts,
               reinterpret_cast<int*>(static_cast<int64_t*>(out)), 33);
}

__global__ void half_exits() {
  if (threadIdx.x >= 64) return;
  __syncthreads();
}
__global__ void lane_stays_away() {
  if (threadIdx.x % 32 == 5) {
    __syncthreads();
  } else {
    __syncwarp();
    __syncthreads();
  }
}  /// Legal: the lower lanes wait at the second shuffle while the upper ones are at the first.
__global__ void some_meet_first() {
  if (threadIdx.x >= 16) __shfl_sync(0xFFFF0000, 1, 16);
  __shfl_sync(0xFFFFFFFF, 1, 0);
}
__global__ void disagrees() {
  if (threadIdx.x < 8)
    __shfl_sync(0xFFFFFFFF, 1, 0);
  else
    __ballot_sync(0xFFFFFFFF, 1);
}
__global__ void calls_from_outside_the_mask() { __ballot_sync(0x0000FFFF, 1); }

TEST(Divergence, BarrierThatSomeNeverReach) {
  expect_fault(FaultKind::deadlock, "threads 64-127 of block (0,0,0) have exited", one_block(kThreads),
               kSeeds, half_exits);
  expect_fault(FaultKind::deadlock, "threads 0-63 of block (0,0,0) wait at __syncthreads",
               one_block(kThreads), kSeeds, half_exits);
}

TEST(Divergence, LaneThatNeverComes) {
  expect_fault(FaultKind::deadlock, "wait at __syncwarp for lanes 0xffffffff", one_block(32), kSeeds,
               lane_stays_away);
}

TEST(Divergence, LanesThatDisagree) {
  expect_fault(FaultKind::divergence, "__shfl_sync for lanes", one_block(32), kSeeds, disagrees);
  expect_fault(FaultKind::divergence, "which is not among them", one_block(32), kSeeds,
               calls_from_outside_the_mask);
  expect_clean(one_block(32), kSeeds, some_meet_first);
}

__global__ void waits_for_nobody(const volatile int* flag) {
  while (*flag == 0) {
  }
}

TEST(Divergence, PollingForEver) {
  const DeviceArray<int> flag(std::vector<int>(1));
  set_patience(0.05);
  expect_fault(FaultKind::deadlock, "no progress", one_block(1), 1, waits_for_nobody, flag);
  set_patience(20);
}

}  // namespace
}  // namespace breakeven::emu
