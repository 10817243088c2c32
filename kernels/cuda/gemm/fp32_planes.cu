// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// fp32 into three planes of bf16. Bounded by memory: 4 bytes read and 6 written per number; a thread takes
// four neighbours of a row, 16 bytes in, three times 8 out.
//
// Traps: rounding to nearest each time leaves rests of either sign and half the size; cutting off would leave
// them all of one sign, and their products add up. A number that bf16 rounds to infinity but fp32 does not is
// cut off instead; infinities and NaNs leave no rest (infinity - infinity would be NaN).

#include "kernels/cuda/gemm/fp32_planes.h"
#include "kernels/cuda/quad.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 256, kQuads = 4;  // quads per thread, kThreads apart: loads under way together

struct Parts {
  __nv_bfloat16 middle, high, low;
};

__device__ inline Parts parts(float x) {
  Parts p;
  p.high = __float2bfloat16_rn(x);
  const bool finite = fabsf(x) <= 3.4028235e38f;  // false for NaN
  if (finite && fabsf(widen(p.high)) > 3.4028235e38f) p.high = __float2bfloat16_rz(x);
  const float rest = finite ? x - widen(p.high) : 0.0f;  // exact, and so is the next
  p.middle = __float2bfloat16_rn(rest);
  p.low = __float2bfloat16_rn(rest - widen(p.middle));
  return p;
}

/// Four neighbours to the three planes, which are `apart` elements from one another.
__device__ inline void store_planes(__nv_bfloat16* to, int64_t apart, const Quad& quad) {
  Packed<__nv_bfloat16> plane[kPlanes];
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    const Parts p = parts(quad.value[i]);
    plane[0].value[i] = p.middle, plane[1].value[i] = p.high, plane[2].value[i] = p.low;
  }
#pragma unroll
  for (int i = 0; i < kPlanes; ++i) *reinterpret_cast<Packed<__nv_bfloat16>*>(to + i * apart) = plane[i];
}

/// Rows x quads of the numbers with their padding, quads of a row first.
struct Extent {
  int64_t rows;
  int quads;
};

/// f(row, quad) for this thread's share.
template <class F>
__device__ inline void each_quad(const Extent& extent, const F& f) {
  const int64_t first = int64_t{blockIdx.x} * kThreads * kQuads + threadIdx.x;
#pragma unroll
  for (int i = 0; i < kQuads; ++i) {
    const int64_t at = first + i * kThreads;
    if (at < extent.rows * extent.quads) f(at / extent.quads, static_cast<int>(at % extent.quads));
  }
}

template <Access access>
__global__ void __launch_bounds__(kThreads)
    split_rows(__nv_bfloat16* __restrict__ planes, const float* __restrict__ a, int k, Extent extent) {
  each_quad(extent, [&](int64_t row, int quad) {
    const int at = quad * 4;
    __nv_bfloat16* to =
        planes + row * extent.quads * 4 * kPlanes + at / kPlaneDepth * kBlockDepth + at % kPlaneDepth;
    store_planes(to, kPlaneDepth, load_quad<access>(a + row * k + at, k - at));
  });
}

template <Access access>
__global__ void __launch_bounds__(kThreads)
    split_columns(__nv_bfloat16* __restrict__ planes, const float* __restrict__ b, int k, int n,
                  Extent extent) {
  const int depth = (k + kPlaneDepth - 1) / kPlaneDepth * kPlaneDepth, columns = extent.quads * 4;
  each_quad(extent, [&](int64_t row, int quad) {
    const int64_t matrix = row / depth;
    const int at = static_cast<int>(row % depth), column = quad * 4;
    const int64_t to = (row - at) * kPlanes + at / kPlaneDepth * kBlockDepth + at % kPlaneDepth;
    store_planes(planes + to * columns + column, int64_t{kPlaneDepth} * columns,
                 load_quad<access>(b + (matrix * k + at) * n + column, at < k ? n - column : 0));
  });
}

unsigned blocks(const Extent& extent) {
  return tile_grid(1, 1, extent.rows * extent.quads, 1, kThreads * kQuads).blocks();
}

}  // namespace

void split_a(void* planes, const void* a, int64_t rows, int64_t k, cudaStream_t stream) {
  const Extent extent{rows, static_cast<int>(planes_depth(k) / kPlanes / 4)};
  device::launch("gemm fp32_tensor, planes of A",
                 k % 4 == 0 ? split_rows<Access::vector> : split_rows<Access::scalar>,
                 {.grid = blocks(extent), .block = kThreads}, stream, static_cast<__nv_bfloat16*>(planes),
                 static_cast<const float*>(a), static_cast<int>(k), extent);
}

void split_b(void* planes, const void* b, int64_t batch, int64_t k, int64_t n, cudaStream_t stream) {
  const Extent extent{batch * planes_depth(k) / kPlanes, static_cast<int>(planes_columns(n) / 4)};
  device::launch("gemm fp32_tensor, planes of B",
                 n % 4 == 0 ? split_columns<Access::vector> : split_columns<Access::scalar>,
                 {.grid = blocks(extent), .block = kThreads}, stream, static_cast<__nv_bfloat16*>(planes),
                 static_cast<const float*>(b), static_cast<int>(k), static_cast<int>(n), extent);
}

}  // namespace breakeven::cuda
