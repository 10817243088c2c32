// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conformance/module.h"
#include "kernels/device/fence.h"
#include "kernels/device/launch.h"
#include "kernels/device/wgmma.h"

// One warpgroup, four instructions: D[64][n] = A[64][k] B[n][k], with k of 128 bytes, operands row by row in
// the input, A first. Ordinary stores lay them into shared memory where TMA would, swizzled by 128 bytes.

#pragma nv_diag_suppress 177  // in the passes for architectures without the instruction, parts are unused

namespace breakeven::conformance {
namespace {

using device::Major;

constexpr int kM = 64, kRowBytes = 128, kAtomBytes = 1024, kThreads = 128;

/// Byte of a swizzled tile whose rows are 128 bytes.
__device__ inline int swizzled(int row, int byte) {
  return row * kRowBytes + ((byte / 16) ^ (row % 8)) * 16 + byte % 16;
}

template <int bytes>
struct Bits;
template <>
struct Bits<1> {
  using Type = uint8_t;
};
template <>
struct Bits<2> {
  using Type = uint16_t;
};
template <>
struct Bits<4> {
  using Type = uint32_t;
};

template <Precision P>
constexpr int kElementBytes = P == Precision::tf32                           ? 4
                              : P == Precision::bf16 || P == Precision::fp16 ? 2
                                                                             : 1;

/// Element (row, k) of A or B, to its place. MN-major: rows of k, 64 columns of n to an atom's row.
template <Precision P, Major major>
__device__ void lay(std::byte* tile, const std::byte* rows, int row, int k) {
  using T = typename Bits<kElementBytes<P>>::Type;
  constexpr int depth = kRowBytes / kElementBytes<P>;
  const T element = reinterpret_cast<const T*>(rows)[row * depth + k];
  const int place = major == Major::k
                        ? swizzled(row, k * kElementBytes<P>)
                        : row / 64 * (depth * kRowBytes) + swizzled(k, row % 64 * kElementBytes<P>);
  *reinterpret_cast<T*>(tile + place) = element;
}

template <Precision P, int N, Major major, Major a_major, class Sum>
__global__ void __launch_bounds__(kThreads, 1)
    wgmma_kernel([[maybe_unused]] const std::byte* input, [[maybe_unused]] std::byte* output) {
#if BREAKEVEN_HOPPER
  constexpr int depth = kRowBytes / kElementBytes<P>;
  const int thread = static_cast<int>(threadIdx.x);
  std::byte *a = device::dynamic_shared(), *b = a + kM * kRowBytes;
  for (int i = thread; i < kM * depth; i += kThreads) lay<P, a_major>(a, input, i / depth, i % depth);
  for (int i = thread; i < N * depth; i += kThreads)
    lay<P, major>(b, input + kM * kRowBytes, i / depth, i % depth);
  device::fence_proxy_async();
  __syncthreads();
  Sum d[N / 2];
  for (int i = 0; i < N / 2; ++i) d[i] = 0;
  const uint64_t da = device::wgmma_descriptor(a, 0, kAtomBytes);
  const uint64_t db = device::wgmma_descriptor(b, depth * kRowBytes, kAtomBytes);
  device::wgmma_pin<N>(d);
  device::wgmma_fence();
#pragma unroll
  for (uint64_t step = 0; step < 4; ++step) {
    device::wgmma<P, N, major, a_major>(d, da + (a_major == Major::k ? 2 : 2 * kAtomBytes / 16) * step,
                                        db + (major == Major::k ? 2 : 2 * kAtomBytes / 16) * step, true);
  }
  device::wgmma_commit();
  device::wgmma_wait<0>();
  device::wgmma_pin<N>(d);
  auto* sums = reinterpret_cast<Sum*>(output);
  const int row = thread / 32 * 16 + thread % 32 / 4, column = thread % 4 * 2;
#pragma unroll
  for (int i = 0; i < N / 2; ++i) sums[(row + 8 * (i / 2 % 2)) * N + 8 * (i / 4) + column + i % 2] = d[i];
#endif
}

template <Precision P, int N, Major major, Major a_major = Major::k>
void launch(const std::byte* input, std::byte* output, cudaStream_t stream) {
  using Sum = std::conditional_t<P == Precision::int8, int32_t, float>;
  // Beyond 64 columns MN-major tiles are whole atoms wide.
  device::launch(
      "wgmma probe", wgmma_kernel<P, N, major, a_major, Sum>,
      {.grid = dim3(1), .block = dim3(kThreads), .shared_bytes = (kM + (N + 63) / 64 * 64) * kRowBytes},
      stream, input, output);
}

constexpr Launcher kProbes[] = {
    {"wgmma/bf16/n8/k", Needs::hopper, launch<Precision::bf16, 8, Major::k>},
    {"wgmma/bf16/n24/k", Needs::hopper, launch<Precision::bf16, 24, Major::k>},
    {"wgmma/bf16/n64/k", Needs::hopper, launch<Precision::bf16, 64, Major::k>},
    {"wgmma/bf16/n128/k", Needs::hopper, launch<Precision::bf16, 128, Major::k>},
    {"wgmma/bf16/n256/k", Needs::hopper, launch<Precision::bf16, 256, Major::k>},
    {"wgmma/bf16/n16/mn", Needs::hopper, launch<Precision::bf16, 16, Major::mn>},
    {"wgmma/bf16/n64/mn", Needs::hopper, launch<Precision::bf16, 64, Major::mn>},
    {"wgmma/bf16/n128/mn", Needs::hopper, launch<Precision::bf16, 128, Major::mn>},
    {"wgmma/bf16/n192/mn", Needs::hopper, launch<Precision::bf16, 192, Major::mn>},
    {"wgmma/bf16/n256/mn", Needs::hopper, launch<Precision::bf16, 256, Major::mn>},
    {"wgmma/bf16/n64/mn_mn", Needs::hopper, launch<Precision::bf16, 64, Major::mn, Major::mn>},
    {"wgmma/bf16/n256/mn_mn", Needs::hopper, launch<Precision::bf16, 256, Major::mn, Major::mn>},
    {"wgmma/fp16/n32/k", Needs::hopper, launch<Precision::fp16, 32, Major::k>},
    {"wgmma/fp16/n128/mn", Needs::hopper, launch<Precision::fp16, 128, Major::mn>},
    {"wgmma/fp16/n128/mn_mn", Needs::hopper, launch<Precision::fp16, 128, Major::mn, Major::mn>},
    {"wgmma/tf32/n8/k", Needs::hopper, launch<Precision::tf32, 8, Major::k>},
    {"wgmma/tf32/n96/k", Needs::hopper, launch<Precision::tf32, 96, Major::k>},
    {"wgmma/tf32/n256/k", Needs::hopper, launch<Precision::tf32, 256, Major::k>},
    {"wgmma/fp8e4m3/n16/k", Needs::hopper, launch<Precision::fp8e4m3, 16, Major::k>},
    {"wgmma/fp8e4m3/n128/k", Needs::hopper, launch<Precision::fp8e4m3, 128, Major::k>},
    {"wgmma/fp8e4m3/n256/k", Needs::hopper, launch<Precision::fp8e4m3, 256, Major::k>},
    {"wgmma/int8/n8/k", Needs::hopper, launch<Precision::int8, 8, Major::k>},
    {"wgmma/int8/n128/k", Needs::hopper, launch<Precision::int8, 128, Major::k>},
    {"wgmma/int8/n256/k", Needs::hopper, launch<Precision::int8, 256, Major::k>},
};

}  // namespace

std::span<const Launcher> wgmma_probes() { return kProbes; }

}  // namespace breakeven::conformance
