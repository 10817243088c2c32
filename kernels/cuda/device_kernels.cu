// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <stdexcept>

#include "harness/transfer.h"
#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/device_kernels.h"
#include "kernels/device/clock.h"
#include "kernels/device/language.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 512, kBlocksPerMultiprocessor = 4;

__global__ void gate(const volatile uint32_t* opened, uint32_t ticket, uint64_t limit) {
  const uint64_t start = device::nanoseconds();
  while (static_cast<int32_t>(*opened - ticket) < 0 && device::nanoseconds() - start < limit)
    __nanosleep(200);
}

__global__ void spin(uint64_t duration) {
  const uint64_t start = device::nanoseconds();
  while (device::nanoseconds() - start < duration) {
  }
}

__global__ void arrive(unsigned char* to) { *to = kArrived; }

__global__ void __launch_bounds__(kThreads)
    copy(uint4* __restrict__ to, const uint4* __restrict__ from, int64_t count) {
  const int64_t step = int64_t{gridDim.x} * kThreads;
  int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  // Four loads in flight per thread before the first store: one does not cover the latency of memory.
  for (; i + 3 * step < count; i += 4 * step) {
    const uint4 first = from[i], second = from[i + step], third = from[i + 2 * step],
                fourth = from[i + 3 * step];
    to[i] = first;
    to[i + step] = second;
    to[i + 2 * step] = third;
    to[i + 3 * step] = fourth;
  }
  for (; i < count; i += step) to[i] = from[i];
}

__global__ void __launch_bounds__(kThreads) read(uint4* buffer, int64_t count) {
  uint32_t seen = 0;
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < count;
       i += int64_t{gridDim.x} * kThreads) {
    const uint4 word = buffer[i];
    seen |= word.x ^ word.y ^ word.z ^ word.w;
  }
  // What evict_caches writes is one byte repeated, so every xor is 0 and this never happens; the compiler
  // cannot know.
  if (seen == 0x5EEDBEEF) buffer[0].x = seen;
}

const device::Shape kOneThread = {.grid = dim3(1), .block = dim3(1)};

device::Shape everywhere(int multiprocessors) {
  return {.grid = dim3(static_cast<unsigned>(multiprocessors * kBlocksPerMultiprocessor)),
          .block = dim3(kThreads)};
}

uint64_t to_nanoseconds(double seconds) { return static_cast<uint64_t>(seconds * 1e9); }

}  // namespace

void check_code_for_device() {
  cudaFuncAttributes attributes;
  const cudaError_t status = cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(gate));
  if (status == cudaErrorNoKernelImageForDevice || status == cudaErrorUnsupportedPtxVersion) {
    cudaGetLastError();
    throw std::runtime_error(
        "this build has no code for this GPU; set it up again with -Dgpu_arch=<its architecture>");
  }
  check_cuda(status, "loading kernels");
}

void launch_gate(const volatile uint32_t* opened, uint32_t ticket, double limit_seconds,
                 cudaStream_t stream) {
  device::launch("gate", gate, {.grid = 1, .block = 1, .awaits_host = true}, stream, opened, ticket,
                 to_nanoseconds(limit_seconds));
}

void launch_spin(double seconds, cudaStream_t stream) {
  device::launch("spin", spin, kOneThread, stream, to_nanoseconds(seconds));
}

void launch_arrive(unsigned char* to, cudaStream_t stream) {
  device::launch("arrive", arrive, kOneThread, stream, to);
}

void launch_copy(void* to, const void* from, int64_t bytes, int multiprocessors, cudaStream_t stream) {
  device::launch("copy", copy, everywhere(multiprocessors), stream, static_cast<uint4*>(to),
                 static_cast<const uint4*>(from), bytes / static_cast<int64_t>(sizeof(uint4)));
}

void launch_read(void* buffer, int64_t bytes, int multiprocessors, cudaStream_t stream) {
  device::launch("read", read, everywhere(multiprocessors), stream, static_cast<uint4*>(buffer),
                 bytes / static_cast<int64_t>(sizeof(uint4)));
}

}  // namespace breakeven::cuda
