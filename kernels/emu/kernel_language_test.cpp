// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Correct kernels, one per part of the language: right answers and no false alarm under any seed. Compiled as
// kernels are.

#include <numeric>

#include "kernels/device/language.h"
#include "kernels/emu/kernel_fixture.h"

namespace breakeven::emu {
namespace {

constexpr uint64_t kSeeds = 40;

std::vector<int> counting(size_t count, int first = 0) {
  std::vector<int> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

__global__ void places(int* out) {
  const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const unsigned thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  out[block * blockDim.x * blockDim.y * blockDim.z + thread] = static_cast<int>(block * 1000 + thread);
}

TEST(Language, EveryThreadOfEveryBlockRunsOnce) {
  const DeviceArray<int> out(2 * 3 * 4 * 5 * 6 * 7);
  const GridShape shape = {.grid = dim3(2, 3, 4), .block = dim3(5, 6, 7)};
  expect_clean(shape, 3, places, out);
  const std::vector<int> values = out.values();
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], static_cast<int>(i / 210 * 1000 + i % 210));
}

template <class T>
__global__ void reverses(T* out, const T* in) {
  auto& first = device::static_shared<T[256]>();
  auto& second = device::static_shared<T[256], 1>();
  auto* third = reinterpret_cast<T*>(device::dynamic_shared());
  const unsigned i = threadIdx.x, last = blockDim.x - 1;
  for (int round = 0; round < 3; ++round) {
    first[i] = in[i];
    __syncthreads();
    second[last - i] = first[i];
    __syncthreads();
    third[i] = second[last - (last - i)];
    __syncthreads();
  }
  out[i] = third[i];
}

TEST(Language, SharedMemory) {
  const DeviceArray<int> in(counting(256)), out(256);
  expect_clean(one_block(256, 1024), kSeeds, reverses<int>, out, in);
  for (int i = 0; i < 256; ++i) EXPECT_EQ(out[i], 255 - i);
  // Neighbouring threads write bytes of one word.
  const DeviceArray<uint8_t> bytes(std::vector<uint8_t>(256, 7)), bytes_out(256);
  expect_clean(one_block(256, 256), kSeeds, reverses<uint8_t>, bytes_out, bytes);
  EXPECT_EQ(bytes_out[255], 7);
}

__global__ void addresses(uint32_t* out) {
  out[0] = device::shared_address(device::dynamic_shared());
  out[1] = device::shared_address(&device::static_shared<int>());
  out[2] = device::shared_address(&device::static_shared<int, 1>());
}

TEST(Language, SharedAddresses) {
  const DeviceArray<uint32_t> out(3);
  expect_clean(one_block(1, 100 << 10), 0, addresses, out);
  EXPECT_EQ(out[0] % 1024, 0u);
  EXPECT_NE(out[1], out[2]);
  for (int i = 0; i < 3; ++i) EXPECT_LT(out[i], 1u << 18) << "does not fit a wgmma descriptor";
}

__global__ void shuffles(int* out) {
  const int lane = static_cast<int>(threadIdx.x);
  out[lane] = __shfl_sync(0xFFFFFFFF, lane, lane * 7);
  out[32 + lane] = __shfl_up_sync(0xFFFFFFFF, lane, 3);
  out[64 + lane] = __shfl_down_sync(0xFFFFFFFF, lane, 3, 16);
  out[96 + lane] = __shfl_xor_sync(0xFFFFFFFF, lane, 5);
  const unsigned half = lane < 16 ? 0x0000FFFF : 0xFFFF0000;
  out[128 + lane] = static_cast<int>(__ballot_sync(half, lane % 3 == 0));
  out[160 + lane] = __any_sync(half, lane == 20) + 2 * __all_sync(half, lane < 16);
}

TEST(Language, ShufflesAndVotes) {
  const DeviceArray<int> out(192);
  expect_clean(one_block(32), kSeeds, shuffles, out);
  for (int lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(out[lane], lane * 7 % 32);
    EXPECT_EQ(out[32 + lane], lane < 3 ? lane : lane - 3);
    EXPECT_EQ(out[64 + lane], lane % 16 + 3 < 16 ? lane + 3 : lane);
    EXPECT_EQ(out[96 + lane], lane ^ 5);
    EXPECT_EQ(static_cast<unsigned>(out[128 + lane]), 0x49249249u & (lane < 16 ? 0x0000FFFFu : 0xFFFF0000u));
    EXPECT_EQ(out[160 + lane], lane < 16 ? 2 : 1);
  }
}

__global__ void sums_by_warps(const int* in, int* out) {
  auto& partial = device::static_shared<int[8]>();
  int sum = in[threadIdx.x];
  for (int step = 16; step > 0; step /= 2)
    sum += __shfl_down_sync(0xFFFFFFFF, sum, static_cast<unsigned>(step));
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int i = 1; i < 8; ++i) sum += partial[i];
    *out = sum;
  }
}

TEST(Language, Reduction) {
  const DeviceArray<int> in(counting(256)), out(1);
  expect_clean(one_block(256), kSeeds, sums_by_warps, in, out);
  EXPECT_EQ(out[0], 255 * 256 / 2);
}

__global__ void exchanges_in_warp(int* out) {
  auto& values = device::static_shared<int[64]>();
  for (int round = 0; round < 3; ++round) {
    values[threadIdx.x] = static_cast<int>(threadIdx.x) + round;
    __syncwarp();
    out[threadIdx.x] = values[threadIdx.x ^ 1];
    __syncwarp();
  }
}

TEST(Language, SyncwarpOrdersMemory) {
  const DeviceArray<int> out(64);
  expect_clean(one_block(64), kSeeds, exchanges_in_warp, out);
  EXPECT_EQ(out[6], 9);
}

__global__ void counts(int* total, int* shared_total, float* sum, int* votes) {
  auto& local = device::static_shared<int>();
  if (threadIdx.x == 0) local = 0;
  __syncthreads();
  atomicAdd(&local, 1);
  atomicAdd(total, 1);
  atomicAdd(sum, 0.5f);
  atomicMax(total + 1, static_cast<int>(threadIdx.x));
  __syncthreads();
  if (threadIdx.x == 0) atomicAdd(shared_total, local);
  const int ten = __syncthreads_count(threadIdx.x < 10);
  votes[threadIdx.x] = ten + __syncthreads_or(0) * 1000 + __syncthreads_and(1) * 100;
}

TEST(Language, AtomicsAndVotes) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const DeviceArray<int> total(std::vector<int>(2)), shared_total(std::vector<int>(1)), votes(96);
    const DeviceArray<float> sum(std::vector<float>(1));
    const GridShape shape = {.grid = dim3(5), .block = dim3(96)};
    const auto fault = fault_of(shape, seed, counts, total, shared_total, sum, votes);
    ASSERT_FALSE(fault) << fault->what();
    EXPECT_EQ(total[0], 480);
    EXPECT_EQ(total[1], 95);
    EXPECT_EQ(shared_total[0], 480);
    EXPECT_EQ(sum[0], 240);
    EXPECT_EQ(votes[95], 110);
  }
}

__global__ void passes_on(volatile int* flag) {
  if (threadIdx.x != 0) return;
  const int mine = static_cast<int>(blockIdx.x), blocks = static_cast<int>(gridDim.x);
  while (*flag != (mine + 1) % blocks) __nanosleep(100);
  *flag = mine;
}

TEST(Language, BlocksThatFitRunSideBySide) {
  // Each block waits for the next one, the last for the flag's first value.
  const DeviceArray<int> flag(std::vector<int>(1));
  const GridShape shape = {.grid = dim3(kMultiprocessors), .block = dim3(32)};
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const auto fault = fault_of(shape, seed, passes_on, flag);
    ASSERT_FALSE(fault) << fault->what();
    EXPECT_EQ(flag[0], 0);
  }
}

constexpr int kTable[4] = {2, 3, 5, 7};
__global__ void looks_up(int* out, int offset) {
  int local[8] = {};
  for (int i = 0; i < 8; ++i) local[(i + offset) % 8] = kTable[(i + offset) % 4];
  out[threadIdx.x] = local[(threadIdx.x + static_cast<unsigned>(offset)) % 8];
}

TEST(Language, ConstantsAndLocalArrays) {
  const DeviceArray<int> out(32);
  expect_clean(one_block(32), 2, looks_up, out, 3);
  EXPECT_EQ(out[0], 7);
}

__global__ void early_exit(int* out, int count) {
  if (static_cast<int>(threadIdx.x) >= count) return;
  const int sum = __shfl_xor_sync(0xFFFFFFFF, static_cast<int>(threadIdx.x), 1);
  out[threadIdx.x] = sum;
}

TEST(Language, ExitedLanesAreNotWaitedFor) {
  const DeviceArray<int> out(48);
  expect_clean(one_block(48), kSeeds, early_exit, out, 40);
  EXPECT_EQ(out[38], 39);
}

}  // namespace
}  // namespace breakeven::emu
