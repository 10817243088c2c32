// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// gemv: C of up to 4 rows, or of one column. The work is to read one operand once.
//
// Bounded by memory alone: 2 m flops per element of B. A tile kernel of 128 rows would leave 124 of them, and
// most of the device, idle.
// Shape (few rows): a warp reads 512 bytes of a row of B, 16 per lane, four rows at once; a block is 8 warps,
// every eighth row each; enough blocks share a column of tiles (split_k.h) to keep all of the memory busy.
// Latency x bandwidth is about 25 KB per multiprocessor: hence four loads under way in each thread.
// Shape (one column): a warp (where there are few rows, a block) walks along a row of A.
// Traffic: B (or A) once, past the caches as far as they let it (streaming); the other operand from L1.
// Trap: the order of additions must not depend on who finishes first, or no two runs agree.

#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/split_k.h"
#include "kernels/cuda/gemm/vector_load.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kWarps = 8, kThreads = kWarps * 32, kMostRows = 4;
constexpr int kAhead = 4;  // loads under way in each thread

/// C[rows, n], rows <= kMostRows. A thread's columns are the elements of one 16-byte load.
template <Precision P, int rows, Alignment alignment>
struct FewRows {
  using Types = Arithmetic<P>;
  using In = typename Types::In;
  static constexpr int kEach = 16 / sizeof(In), kTile = 32 * kEach, kStep = kWarps * kAhead;
  static constexpr int kSums = (rows * kTile + kThreads - 1) / kThreads;  // per thread, in the end
  struct Shared {
    float sum[kWarps][rows][kTile];
  };

  /// sum[rows][kEach] over rows first..end of B, every kWarps-th.
  static __device__ void multiply(float (&sum)[rows][kEach], const In* a, const In* b, int first, int end,
                                  int columns_left, int n, int k) {
    for (int start = first + threadIdx.x / 32; start < end; start += kStep) {
      Vector<In> loaded[kAhead];
#pragma unroll
      for (int i = 0; i < kAhead; ++i) {
        const int at = start + i * kWarps;
        loaded[i] = load_vector<alignment>(b + int64_t{at} * n, at < end ? columns_left : 0);
      }
#pragma unroll
      for (int i = 0; i < kAhead; ++i) {
        const int at = start + i * kWarps;
        if (at >= end) break;
#pragma unroll
        for (int row = 0; row < rows; ++row) {
          const float factor = widen(a[int64_t{row} * k + at]);
#pragma unroll
          for (int j = 0; j < kEach; ++j) sum[row][j] += factor * widen(loaded[i].value[j]);
        }
      }
    }
  }

  /// The warps' sums, added in the order of warps; thread t gets t, t + kThreads ... of [row][column].
  static __device__ void add_warps(Shared& shared, const float (&sum)[rows][kEach], float (&total)[kSums]) {
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
    for (int row = 0; row < rows; ++row) {
#pragma unroll
      for (int j = 0; j < kEach; ++j) shared.sum[warp][row][lane * kEach + j] = sum[row][j];
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < kSums; ++i) {
      const int at = threadIdx.x + i * kThreads;
      if (at >= rows * kTile) continue;
      total[i] = 0;
#pragma unroll
      for (int w = 0; w < kWarps; ++w) total[i] += shared.sum[w][at / kTile][at % kTile];
    }
  }
};

template <Precision P, int rows, Alignment alignment>
__global__ void __launch_bounds__(kThreads)
    gemv_rows(GemmArguments g, TileGrid grid, SplitK split, Partials partials) {
  using F = FewRows<P, rows, alignment>;
  using In = typename F::In;
  const int n = static_cast<int>(g.n), k = static_cast<int>(g.k);
  const Tile tile = tile_at(grid, blockIdx.x / split.parts);
  const int first = blockIdx.x % split.parts * split.depth, first_column = tile.column * F::kTile;
  const int column = first_column + threadIdx.x % 32 * F::kEach;
  float sum[rows][F::kEach] = {};
  F::multiply(sum, static_cast<const In*>(g.a) + tile.batch * rows * k,
              static_cast<const In*>(g.b) + tile.batch * k * n + column, first, min(first + split.depth, k),
              n - column, n, k);
  float total[F::kSums] = {};
  F::add_warps(device::static_shared<typename F::Shared>(), sum, total);
  if (!add_parts<F::kSums, kThreads>(total, partials, split)) return;
  auto* c = static_cast<typename F::Types::Out*>(g.c) + tile.batch * rows * n;
#pragma unroll
  for (int i = 0; i < F::kSums; ++i) {
    const int at = threadIdx.x + i * kThreads, c_row = at / F::kTile, c_column = first_column + at % F::kTile;
    if (c_row < rows && c_column < n) {
      c[int64_t{c_row} * n + c_column] =
          finish<typename F::Types>(total[i], static_cast<const float*>(g.bias), c_column);
    }
  }
}

/// The sum of a warp's values, in all its lanes, in a fixed order.
__device__ inline float warp_sum(float value) {
#pragma unroll
  for (int apart = 16; apart > 0; apart /= 2) value += __shfl_xor_sync(0xFFFFFFFFu, value, apart);
  return value;
}

/// C[m, 1]: `warps_per_row` (1 or kWarps) warps share a row of A.
template <Precision P, Alignment alignment>
__global__ void __launch_bounds__(kThreads) gemv_column(GemmArguments g, int warps_per_row) {
  using Types = Arithmetic<P>;
  using In = typename Types::In;
  constexpr int kEach = 16 / sizeof(In);
  auto& shared = device::static_shared<float[kWarps]>();
  const int warp = threadIdx.x / 32, k = static_cast<int>(g.k), stride = warps_per_row * 32 * kEach;
  const int64_t row = (int64_t{blockIdx.x} * kWarps + warp) / warps_per_row;
  float sum = 0;
  if (row < g.batch * g.m) {
    const In *a = static_cast<const In*>(g.a) + row * k, *b = static_cast<const In*>(g.b) + row / g.m * k;
    for (int start = (warp % warps_per_row * 32 + threadIdx.x % 32) * kEach; start < k;
         start += kAhead * stride) {
      Vector<In> from_a[kAhead], from_b[kAhead];
#pragma unroll
      for (int i = 0; i < kAhead; ++i) {
        const int at = start + i * stride;
        from_a[i] = load_vector<alignment>(a + at, k - at);
        from_b[i] = load_vector_cached<alignment>(b + at, k - at);
      }
#pragma unroll
      for (int i = 0; i < kAhead; ++i) {
#pragma unroll
        for (int j = 0; j < kEach; ++j) sum += widen(from_a[i].value[j]) * widen(from_b[i].value[j]);
      }
    }
  }
  sum = warp_sum(sum);
  if (threadIdx.x % 32 == 0) shared[warp] = sum;
  __syncthreads();
  if (threadIdx.x % 32 != 0 || warp % warps_per_row != 0 || row >= g.batch * g.m) return;
  for (int other = 1; other < warps_per_row; ++other) sum += shared[warp + other];
  static_cast<typename Types::Out*>(g.c)[row] = finish<Types>(sum, static_cast<const float*>(g.bias), 0);
}

class GemvPlan : public GemmPlan {
 public:
  GemvPlan(const ContextPtr& context, const PlacedGemm& placed) : context_(context), placed_(placed) {
    const Gemm& g = placed.gemm;
    if (g.n == 1) return;
    const int64_t size = breakeven::bytes(facts(g.precision).input), tile = 32 * 16 / size;
    grid_ = tile_grid(g.batch, 1, g.n, 1, static_cast<int>(tile));
    const int64_t sums = (g.m * tile + kThreads - 1) / kThreads * kThreads;
    split_ = split_k({.tiles = grid_.blocks(),
                      .k = g.k,
                      .step = kWarps * kAhead,
                      .tile_bytes = static_cast<double>(tile * g.k * size),
                      .partial_bytes = static_cast<double>(sums * 4),
                      .multiprocessors = 4 * context->properties().multiProcessorCount});  // small blocks
    partials_ = PartialsBuffer(grid_.blocks(), split_.parts, sums, context->stream());
  }
  void launch(int64_t slot) override {
    const GemmArguments g = placed_.arguments(slot);
    with_precision(placed_.gemm.precision, [&]<Precision P>() { g.n == 1 ? column<P>(g) : rows<P>(g); });
  }

 private:
  template <Precision P>
  void rows(const GemmArguments& g) {
    constexpr int kEach = 16 / sizeof(typename Arithmetic<P>::In);
    const auto start = [&](auto* kernel) {
      device::launch("gemm gemv", kernel, {.grid = grid_.blocks() * split_.parts, .block = kThreads},
                     context_->stream(), g, grid_, split_, partials_.get());
    };
    const auto choose = [&]<int count>() {
      if (g.m != count) return;
      g.n % kEach == 0 ? start(gemv_rows<P, count, Alignment::chunk>)
                       : start(gemv_rows<P, count, Alignment::element>);
    };
    choose.template operator()<1>(), choose.template operator()<2>(), choose.template operator()<3>(),
        choose.template operator()<4>();
  }
  template <Precision P>
  void column(const GemmArguments& g) {
    const int64_t rows = g.batch * g.m;
    const int warps_per_row = rows < 4 * kWarps * context_->properties().multiProcessorCount ? kWarps : 1;
    const int64_t blocks = (rows * warps_per_row + kWarps - 1) / kWarps;
    const auto start = [&](auto* kernel) {
      device::launch("gemm gemv", kernel, {.grid = static_cast<unsigned>(blocks), .block = kThreads},
                     context_->stream(), g, warps_per_row);
    };
    constexpr int kEach = 16 / sizeof(typename Arithmetic<P>::In);
    g.k % kEach == 0 ? start(gemv_column<P, Alignment::chunk>) : start(gemv_column<P, Alignment::element>);
  }

  ContextPtr context_;
  const PlacedGemm& placed_;
  TileGrid grid_{};
  SplitK split_{1, 0};
  PartialsBuffer partials_;
};

Reason why_not(const Gemm& gemm) {
  if (gemm.n != 1 && gemm.m > kMostRows) return "made for m up to 4 or n = 1, not for " + gemm.name();
  return why_not_float_on_cuda_cores(gemm);
}

std::unique_ptr<GemmPlan> prepare(const ContextPtr& context, PlacedGemm& placed) {
  return std::make_unique<GemvPlan>(context, placed);
}

}  // namespace

Kernel gemm_gemv(const ContextPtr& context) {
  return own_gemm(context, {.name = "gemv",
                            .summary = "own: for m up to 4 or n = 1, one pass over the large operand",
                            .why_not = why_not,
                            .prepare = prepare,
                            .scratch_bytes = split_k_scratch_bytes});
}

}  // namespace breakeven::cuda
