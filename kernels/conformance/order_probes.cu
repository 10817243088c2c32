// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conformance/module.h"
#include "kernels/device/barrier.h"
#include "kernels/device/cluster.h"
#include "kernels/device/fence.h"
#include "kernels/device/launch.h"
#include "kernels/device/mbarrier.h"
#include "kernels/device/registers.h"

// Who waits for whom. Each probe hands numbers from thread to thread through shared memory; the output says
// that each arrived, and in its turn: output word i = 3 * input word i + the handing's own constant.

namespace breakeven::conformance {
namespace {

constexpr int kWords = 256, kWarp = 32;

struct Slots {
  uint32_t of[kWarp];
};

__device__ const uint32_t* words(const std::byte* input) { return reinterpret_cast<const uint32_t*>(input); }
__device__ uint32_t* words(std::byte* output) { return reinterpret_cast<uint32_t*>(output); }

/// Warp 0 gives to warp 1 eight times, one of two named barriers for each direction.
__global__ void named_barrier_kernel(const std::byte* input, std::byte* output) {
  auto& slots = device::static_shared<Slots>();
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  for (int round = 0; round < kWords / kWarp; ++round) {
    if (threadIdx.x < kWarp) {
      slots.of[lane] = 3 * words(input)[round * kWarp + lane];
      __threadfence_block();
      device::barrier_arrive<1>(2 * kWarp);
      device::barrier_sync<2>(2 * kWarp);
    } else {
      device::barrier_sync<1>(2 * kWarp);
      words(output)[round * kWarp + lane] = slots.of[kWarp - 1 - lane] + 1;
      device::barrier_arrive<2>(2 * kWarp);
    }
  }
}

struct Pipe {
  device::Mbarrier full[2], empty[2];
  Slots slots[2];
};

/// The same through two slots and mbarriers, whose phases alternate.
__global__ void mbarrier_kernel([[maybe_unused]] const std::byte* input, [[maybe_unused]] std::byte* output) {
#if BREAKEVEN_ARCH >= 900
  auto& pipe = device::static_shared<Pipe>();
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  if (threadIdx.x == 0) {
    for (int i = 0; i < 2; ++i) {
      device::mbarrier_init(&pipe.full[i], kWarp);
      device::mbarrier_init(&pipe.empty[i], kWarp);
    }
    device::fence_mbarrier_init();
  }
  __syncthreads();
  for (int round = 0; round < kWords / kWarp; ++round) {
    const int stage = round % 2, parity = round / 2 % 2;
    if (threadIdx.x < kWarp) {
      device::mbarrier_wait(&pipe.empty[stage], parity ^ 1);
      pipe.slots[stage].of[lane] = 3 * words(input)[round * kWarp + lane];
      device::mbarrier_arrive(&pipe.full[stage]);
    } else {
      device::mbarrier_wait(&pipe.full[stage], parity);
      words(output)[round * kWarp + lane] = pipe.slots[stage].of[kWarp - 1 - lane] + 2;
      device::mbarrier_arrive(&pipe.empty[stage]);
    }
  }
#endif
}

/// Four blocks in turn: each waits at its own mbarrier, writes its part, and arrives at the next one's.
__global__ void cluster_kernel([[maybe_unused]] const std::byte* input, [[maybe_unused]] std::byte* output) {
#if BREAKEVEN_HOPPER
  constexpr int kPart = kWords / 4;
  auto& turn = device::static_shared<device::Mbarrier>();
  const int rank = device::cluster_rank(), size = device::cluster_size();
  if (threadIdx.x == 0) {
    device::mbarrier_init(&turn, kPart);
    device::fence_mbarrier_init();
  }
  device::cluster_sync();
  if (rank > 0) device::mbarrier_wait_cluster(&turn, 0);
  const int i = rank * kPart + static_cast<int>(threadIdx.x);
  const uint32_t before = i >= kPart ? words(output)[i - kPart] : 0;
  words(output)[i] = 3 * words(input)[i] + before + static_cast<uint32_t>(size);
  __threadfence();
  if (rank + 1 < size) device::mbarrier_arrive_cluster(&turn, rank + 1);
  device::cluster_sync();
#endif
}

/// Two warpgroups share registers unequally, and meet again.
__global__ void __launch_bounds__(256, 1)
    registers_kernel([[maybe_unused]] const std::byte* input, [[maybe_unused]] std::byte* output) {
#if BREAKEVEN_HOPPER
  struct Values {
    uint32_t of[kWords];
  };
  auto& values = device::static_shared<Values>();
  if (threadIdx.x < 128) {
    device::registers_decrease<40>();
  } else {
    device::registers_increase<232>();
  }
  values.of[threadIdx.x] = 3 * words(input)[threadIdx.x];
  __syncthreads();
  words(output)[threadIdx.x] = values.of[kWords - 1 - threadIdx.x] + 4;
#endif
}

void named_barrier(const std::byte* input, std::byte* output, cudaStream_t stream) {
  device::launch("named barrier probe", named_barrier_kernel, {.grid = dim3(1), .block = dim3(2 * kWarp)},
                 stream, input, output);
}
void mbarrier(const std::byte* input, std::byte* output, cudaStream_t stream) {
  device::launch("mbarrier probe", mbarrier_kernel, {.grid = dim3(1), .block = dim3(2 * kWarp)}, stream,
                 input, output);
}
void cluster(const std::byte* input, std::byte* output, cudaStream_t stream) {
  device::launch("cluster probe", cluster_kernel,
                 {.grid = dim3(4), .block = dim3(kWords / 4), .shared_bytes = 0, .cluster = dim3(4)}, stream,
                 input, output);
}
void registers(const std::byte* input, std::byte* output, cudaStream_t stream) {
  device::launch("setmaxnreg probe", registers_kernel, {.grid = dim3(1), .block = dim3(kWords)}, stream,
                 input, output);
}

constexpr Launcher kProbes[] = {
    {"order/named_barrier", Needs::turing, named_barrier},
    {"order/mbarrier", Needs::hopper, mbarrier},
    {"order/cluster", Needs::hopper, cluster},
    {"order/setmaxnreg", Needs::hopper, registers},
};

}  // namespace

std::span<const Launcher> order_probes() { return kProbes; }

}  // namespace breakeven::conformance
