// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// layernorm_bwd: dx in one pass over x and dy; dgamma and dbeta on the way.
//
// Shape: blocks that stay (1024 threads' worth per multiprocessor) and take row after row, 8 or 16 elements
// per thread, rows of up to 6144 elements. A thread has the same columns in every row and sums dgamma and
// dbeta of them in registers; what the blocks have summed goes through a workspace to a second kernel
// (column_sums.cu), which adds in a fixed order. Atomic additions would save it and give other bits each
// time. Longer rows: x and dy are read three times, twice for dx (the second time mostly from L2) and once
// for the sums over columns.
// Trap: fewer blocks mean less workspace traffic and less to hide latency with: 64 KB of sums per
// multiprocessor stay in L2.

#include <algorithm>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/column_sums.h"
#include "kernels/cuda/memory/layernorm_bwd.h"
#include "kernels/cuda/memory_job.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kTileThreads = 256, kLongThreads = 1024;

/// The most threads that have registers for so many elements each, without spilling.
constexpr int most_threads(int kept) { return kept == 8 ? 512 : 384; }
constexpr int64_t kLongest = 16 * most_threads(16);  // elements of a row that registers hold

/// The block's sums into partial[block][dgamma, dbeta][columns].
template <int each>
__device__ inline void put_sums(float* partial, int64_t block, const float (&dgamma)[each],
                                const float (&dbeta)[each], int column, int columns) {
  float* to = partial + block * 2 * columns;
#pragma unroll
  for (int j = 0; j < each; ++j) {
    if (column + j >= columns) return;
    to[column + j] = dgamma[j];
    to[columns + column + j] = dbeta[j];
  }
}

template <class T, int each, int kept>
__global__ void __launch_bounds__(most_threads(kept))
    backward_rows(Backward<T> b, float* __restrict__ partial) {
  constexpr int kGroups = kept / each;
  const int threads = static_cast<int>(blockDim.x), thread = static_cast<int>(threadIdx.x);
  float dgamma[kGroups][each] = {}, dbeta[kGroups][each] = {};
  for (int64_t row = blockIdx.x; row < b.rows; row += gridDim.x) {
    const int64_t start = row * b.columns;
    const float mean = b.mean[row], rstd = b.rstd[row];
    float x[kGroups][each], dy[kGroups][each], first = 0, second = 0;
#pragma unroll
    for (int i = 0; i < kGroups; ++i) {
      const int column = (i * threads + thread) * each;
      load_columns(x[i], b.x + start, column, b.columns);
      load_columns(dy[i], b.dy + start, column, b.columns);
    }
#pragma unroll
    for (int i = 0; i < kGroups; ++i) {
      float gamma[each];
      load_column_values(gamma, b.gamma, (i * threads + thread) * each, b.columns, 0.0f);
#pragma unroll
      for (int j = 0; j < each; ++j) {
        const Incoming e = element_of(x[i][j], dy[i][j], gamma[j], mean, rstd);
        first += e.through;
        second += e.through * e.normal;
        dgamma[i][j] += dy[i][j] * e.normal;
        dbeta[i][j] += dy[i][j];
        x[i][j] = e.normal;
        dy[i][j] = e.through;
      }
    }
    const Means means = means_over_block(first, second, b.columns);
#pragma unroll
    for (int i = 0; i < kGroups; ++i) {
#pragma unroll
      for (int j = 0; j < each; ++j) dy[i][j] = gradient_of({x[i][j], dy[i][j]}, means, rstd);
      store_columns(b.dx + start, (i * threads + thread) * each, b.columns, dy[i]);
    }
  }
#pragma unroll
  for (int i = 0; i < kGroups; ++i) {
    put_sums(partial, blockIdx.x, dgamma[i], dbeta[i], (i * threads + thread) * each, b.columns);
  }
}

/// x, dy and gamma of `each` columns of a row that registers do not hold.
template <class T, int each>
struct Columns {
  float dy[each];
  Incoming incoming[each];

  __device__ Columns(const Backward<T>& b, int64_t row, int column, float mean, float rstd) {
    float x[each], gamma[each];
    load_columns(x, b.x + row * b.columns, column, b.columns);
    load_columns(dy, b.dy + row * b.columns, column, b.columns);
    load_column_values(gamma, b.gamma, column, b.columns, 0.0f);
#pragma unroll
    for (int j = 0; j < each; ++j) incoming[j] = element_of(x[j], dy[j], gamma[j], mean, rstd);
  }
};

/// dx of one row.
template <class T, int each>
__global__ void __launch_bounds__(kLongThreads) backward_long(Backward<T> b) {
  const int64_t row = blockIdx.x;
  const float mean = b.mean[row], rstd = b.rstd[row];
  const int begin = static_cast<int>(threadIdx.x) * each;
  float first = 0, second = 0;
#pragma unroll 2
  for (int column = begin; column < b.columns; column += kLongThreads * each) {
    const Columns<T, each> c(b, row, column, mean, rstd);
#pragma unroll
    for (int j = 0; j < each; ++j) {
      first += c.incoming[j].through;
      second += c.incoming[j].through * c.incoming[j].normal;
    }
  }
  const Means means = means_over_block(first, second, b.columns);
#pragma unroll 2
  for (int column = begin; column < b.columns; column += kLongThreads * each) {
    const Columns<T, each> c(b, row, column, mean, rstd);
    float dx[each];
#pragma unroll
    for (int j = 0; j < each; ++j) dx[j] = gradient_of(c.incoming[j], means, rstd);
    store_columns(b.dx + row * b.columns, column, b.columns, dx);
  }
}

/// dgamma and dbeta of a tile of columns over every `parts`-th row, for long rows.
template <class T, int each>
__global__ void __launch_bounds__(kTileThreads)
    backward_columns(Backward<T> b, float* __restrict__ partial, int parts) {
  const int part = static_cast<int>(blockIdx.x) % parts, tile = static_cast<int>(blockIdx.x) / parts;
  const int column = (tile * kTileThreads + static_cast<int>(threadIdx.x)) * each;
  float dgamma[each] = {}, dbeta[each] = {};
#pragma unroll 2
  for (int64_t row = part; row < b.rows; row += parts) {
    const Columns<T, each> c(b, row, column, b.mean[row], b.rstd[row]);
#pragma unroll
    for (int j = 0; j < each; ++j) {
      dgamma[j] += c.dy[j] * c.incoming[j].normal;
      dbeta[j] += c.dy[j];
    }
  }
  put_sums(partial, part, dgamma, dbeta, column, b.columns);
}

/// How the work is spread: `parts` sums of every column go through the workspace.
struct Spread {
  int threads, kept, parts;  // kept 0: rows that registers do not hold
};

Spread spread(const MemoryOp& op, int multiprocessors, int each) {
  if (op.columns > kLongest) {
    const int64_t tiles = (op.columns + kTileThreads * each - 1) / (kTileThreads * each);
    return {kLongThreads, 0, static_cast<int>(std::clamp<int64_t>(8 * multiprocessors / tiles, 1, op.rows))};
  }
  const int kept = op.columns <= 8 * most_threads(8) ? 8 : 16;
  int threads = kept == 8 ? 32 : most_threads(16);
  while (threads * kept < op.columns) threads *= 2;
  const int64_t room = int64_t{multiprocessors} * (1024 / threads);
  // Eight rows for each sum that goes through the workspace, unless that leaves multiprocessors idle.
  const int64_t worth = std::max<int64_t>((op.rows + 7) / 8, multiprocessors);
  return {threads, kept, static_cast<int>(std::min({room, worth, op.rows}))};
}

class BackwardPlan : public MemoryPlan {
 public:
  BackwardPlan(const ContextPtr& context, const PlacedMemory& placed) : context_(context), placed_(placed) {
    const MemoryOp& op = placed.op();
    const int size = static_cast<int>(breakeven::bytes(facts(op.precision).input));
    aligned_ = op.columns % (16 / size) == 0;
    spread_ = spread(op, context->properties().multiProcessorCount, aligned_ ? 16 / size : 1);
    partial_ = DeviceBuffer(int64_t{spread_.parts} * 2 * op.columns * 4, 1, context->stream());
  }
  void launch(int64_t slot) override {
    with_precision(placed_.op().precision, [&]<Precision P>() {
      using T = typename Arithmetic<P>::In;
      aligned_ ? start<T, kEach<T>>(slot) : start<T, 1>(slot);
    });
  }

 private:
  template <class T, int each>
  void start(int64_t slot) {
    const MemoryOp& op = placed_.op();
    const MemoryArguments m = placed_.arguments(slot);
    const int columns = static_cast<int>(op.columns);
    const Backward<T> b{m.operand<T>(0),
                        m.operand<T>(4),
                        m.operand<float>(1),
                        m.operand<float>(2),
                        m.operand<float>(3),
                        m.result<T>(0),
                        op.rows,
                        columns};
    spread_.kept == 0 ? start_long<T, each>(b) : start_rows<T, each>(b);
    launch_column_sums(partial_.as<float>(), spread_.parts, 2 * columns, columns, m.result<float>(1),
                       m.result<float>(2), context_->stream());
  }
  template <class T, int each>
  void start_rows(const Backward<T>& b) {
    const device::Shape shape{.grid = block_count(spread_.parts),
                              .block = static_cast<unsigned>(spread_.threads)};
    device::launch("memory layernorm_bwd",
                   spread_.kept == 8 ? backward_rows<T, each, 8> : backward_rows<T, each, 16>, shape,
                   context_->stream(), b, partial_.as<float>());
  }
  template <class T, int each>
  void start_long(const Backward<T>& b) {
    const int64_t tiles = (b.columns + kTileThreads * each - 1) / (kTileThreads * each);
    device::launch("memory layernorm_bwd", backward_long<T, each>,
                   {.grid = block_count(b.rows), .block = kLongThreads}, context_->stream(), b);
    device::launch("memory layernorm_bwd", backward_columns<T, each>,
                   {.grid = block_count(tiles * spread_.parts), .block = kTileThreads}, context_->stream(), b,
                   partial_.as<float>(), spread_.parts);
  }

  ContextPtr context_;
  const PlacedMemory& placed_;
  bool aligned_ = false;  // every row begins at a multiple of 16 bytes
  Spread spread_{};
  DeviceBuffer partial_;  // [parts][dgamma, dbeta][columns]
};

std::unique_ptr<MemoryPlan> prepare(const ContextPtr& context, const PlacedMemory& placed) {
  return std::make_unique<BackwardPlan>(context, placed);
}

/// At most 1024 threads' 16 columns on each of 256 multiprocessors; of long rows a few parts.
int64_t scratch_bytes(const MemoryOp& op) { return (int64_t{32} << 20) + 64 * op.columns; }

}  // namespace

Kernel memory_layernorm_bwd(const ContextPtr& context) {
  return own_memory(context,
                    {.name = "stream_layernorm_bwd",
                     .summary = "own: gradients of layer normalisation, sums over columns on the way",
                     .kinds = {MemoryKind::layernorm_bwd},
                     .file = "layernorm_bwd",
                     .prepare = prepare,
                     .scratch_bytes = scratch_bytes});
}

}  // namespace breakeven::cuda
