// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conformance/module.h"
#include "kernels/device/cache.h"
#include "kernels/device/cp_async.h"
#include "kernels/device/launch.h"
#include "kernels/device/mma.h"

// Moves between memories and registers that change no byte.

namespace breakeven::conformance {
namespace {

constexpr int kLanes = 32;

/// One warp's rows of 16 bytes, lane by lane.
struct alignas(16) Rows {
  uint4 of[kLanes];
};

__device__ Rows& rows_from(const std::byte* input) {
  auto& rows = device::static_shared<Rows>();
  rows.of[threadIdx.x] = reinterpret_cast<const uint4*>(input)[threadIdx.x];
  __syncwarp();
  return rows;
}

/// Output: each lane's registers.
enum class Load { x4, x4_trans, x2, x2_trans };
template <Load load>
__global__ void ldmatrix_kernel(const std::byte* input, std::byte* output) {
  const Rows& rows = rows_from(input);
  auto* registers = reinterpret_cast<uint32_t*>(output);
  if constexpr (load == Load::x4 || load == Load::x4_trans) {
    uint32_t r[4];
    if constexpr (load == Load::x4) {
      device::ldmatrix_x4(r, &rows.of[threadIdx.x]);
    } else {
      device::ldmatrix_x4_trans(r, &rows.of[threadIdx.x]);
    }
    for (int i = 0; i < 4; ++i) registers[threadIdx.x * 4 + i] = r[i];
  } else {
    uint32_t r[2];
    if constexpr (load == Load::x2) {
      device::ldmatrix_x2(r, &rows.of[threadIdx.x]);
    } else {
      device::ldmatrix_x2_trans(r, &rows.of[threadIdx.x]);
    }
    for (int i = 0; i < 2; ++i) registers[threadIdx.x * 2 + i] = r[i];
  }
}

/// Input: each lane's four registers. Output: the rows.
enum class Store { x4, x4_trans };
template <Store store>
__global__ void stmatrix_kernel([[maybe_unused]] const std::byte* input, [[maybe_unused]] std::byte* output) {
#if BREAKEVEN_ARCH >= 900
  auto& rows = device::static_shared<Rows>();
  const auto* registers = reinterpret_cast<const uint32_t*>(input) + threadIdx.x * 4;
  const uint32_t r[4] = {registers[0], registers[1], registers[2], registers[3]};
  if constexpr (store == Store::x4) {
    device::stmatrix_x4(&rows.of[threadIdx.x], r);
  } else {
    device::stmatrix_x4_trans(&rows.of[threadIdx.x], r);
  }
  __syncwarp();
  reinterpret_cast<uint4*>(output)[threadIdx.x] = rows.of[threadIdx.x];
#endif
}

/// Input and output: 1024 words.
__global__ void rounding_kernel(const std::byte* input, std::byte* output) {
  const int i = static_cast<int>(threadIdx.x);
  reinterpret_cast<uint32_t*>(output)[i] = device::round_to_tf32(reinterpret_cast<const float*>(input)[i]);
}

/// Thread t copies `bytes` bytes, of which t % (bytes + 1) are valid.
template <int bytes>
__global__ void cp_async_kernel(const std::byte* input, std::byte* output) {
  constexpr int kThreads = 128;
  struct alignas(16) Copies {
    std::byte of[kThreads * bytes];
  };
  auto& copies = device::static_shared<Copies>();
  const int thread = static_cast<int>(threadIdx.x), valid = thread % (bytes + 1);
  std::byte* to = copies.of + thread * bytes;
  const std::byte* from = input + thread * bytes;
  if constexpr (bytes == 16) device::cp_async_16(to, from, valid);
  if constexpr (bytes == 8) device::cp_async_8(to, from, valid);
  if constexpr (bytes == 4) device::cp_async_4(to, from, valid);
  device::cp_async_commit();
  device::cp_async_wait<0>();
  __syncthreads();
  const int neighbour = (thread + 1) % kThreads;
  for (int i = 0; i < bytes; ++i) output[neighbour * bytes + i] = copies.of[neighbour * bytes + i];
}

__global__ void streaming_kernel(const std::byte* input, std::byte* output) {
  const uint4 words = device::load_streaming(reinterpret_cast<const uint4*>(input) + threadIdx.x);
  device::store_streaming(reinterpret_cast<uint4*>(output) + threadIdx.x, words);
}

template <void (*kernel)(const std::byte*, std::byte*), int threads>
void launch(const std::byte* input, std::byte* output, cudaStream_t stream) {
  device::launch("move probe", kernel, {.grid = dim3(1), .block = dim3(threads)}, stream, input, output);
}

constexpr Launcher kProbes[] = {
    {"ldmatrix/x4", Needs::turing, launch<ldmatrix_kernel<Load::x4>, kLanes>},
    {"ldmatrix/x4_trans", Needs::turing, launch<ldmatrix_kernel<Load::x4_trans>, kLanes>},
    {"ldmatrix/x2", Needs::turing, launch<ldmatrix_kernel<Load::x2>, kLanes>},
    {"ldmatrix/x2_trans", Needs::turing, launch<ldmatrix_kernel<Load::x2_trans>, kLanes>},
    {"stmatrix/x4", Needs::hopper, launch<stmatrix_kernel<Store::x4>, kLanes>},
    {"stmatrix/x4_trans", Needs::hopper, launch<stmatrix_kernel<Store::x4_trans>, kLanes>},
    {"round_to_tf32", Needs::ampere, launch<rounding_kernel, 1024>},
    {"streaming", Needs::turing, launch<streaming_kernel, 64>},
    {"cp_async/4", Needs::turing, launch<cp_async_kernel<4>, 128>},
    {"cp_async/8", Needs::turing, launch<cp_async_kernel<8>, 128>},
    {"cp_async/16", Needs::turing, launch<cp_async_kernel<16>, 128>},
};

}  // namespace

std::span<const Launcher> move_probes() { return kProbes; }

}  // namespace breakeven::conformance
