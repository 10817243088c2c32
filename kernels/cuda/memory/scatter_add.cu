// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// scatter_add: table[index[j]] += x[j], every row's additions in the order of j, so that results repeat.
//
// Shape: a block owns a range of the table's rows (where those are few, of a tile of its columns), reads all
// indices, and keeps those that fall into its range in a queue, in their order; then each of its warps takes
// what falls to its own rows of the range. No two threads ever add to one element, and nothing is sorted.
// Traffic: as scatter_atomic, and the indices once per block: 4 bytes for each 2 or 4 d, from L2.
// Trap: the queue must keep the order across warps too: a counter that warps add to would not.

#include <algorithm>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/part.h"
#include "kernels/cuda/memory/scatter_add.h"
#include "kernels/cuda/memory_job.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kWarps = 16, kThreads = 32 * kWarps;
constexpr int kPerThread = 8, kStep = kThreads * kPerThread;  // indices looked at at once
constexpr int kQueue = kStep + 1024;
constexpr int kAhead = 4;           // of a row's parts under way in a lane
constexpr int64_t kSpan = 1 << 30;  // indices that one queue reaches over
constexpr unsigned kAll = 0xFFFFFFFFu;

/// What one block owns: rows first .. last - 1, columns begin .. end - 1.
struct Share {
  int64_t first, last;
  int begin, end;
};

struct Queue {
  int warp_hits[kWarps];
  int position[kQueue];  // of the index, from where the queue begins
  int row[kQueue];
};

/// The thread's kPerThread indices from `at` on, -1 beyond the end; a warp's are neighbours.
__device__ inline void load_indices(int (&rows)[kPerThread], const int* index, int64_t at, int64_t count) {
  const int64_t mine = at + threadIdx.x / 32 * (32 * kPerThread) + threadIdx.x % 32;
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) rows[i] = mine + 32 * i < count ? index[mine + 32 * i] : -1;
}

/// Appends those of `rows` that the block owns, in order; the new length, in all threads.
__device__ inline int append(Queue& queue, int length, const int (&rows)[kPerThread], int offset,
                             const Share& share) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  unsigned hits[kPerThread];
  int warp_hits = 0;
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) {
    hits[i] = __ballot_sync(kAll, rows[i] >= share.first && rows[i] < share.last);
    warp_hits += __popc(hits[i]);
  }
  __syncthreads();  // nobody reads the counts of the step before any more
  if (lane == 0) queue.warp_hits[warp] = warp_hits;
  __syncthreads();
  int place = length;
  for (int other = 0; other < kWarps; ++other) {
    if (other < warp) place += queue.warp_hits[other];
    length += queue.warp_hits[other];
  }
#pragma unroll
  for (int i = 0; i < kPerThread; ++i) {
    if (hits[i] >> lane & 1u) {
      const int at = place + __popc(hits[i] & ((1u << lane) - 1));
      queue.position[at] = offset + warp * (32 * kPerThread) + 32 * i + lane;
      queue.row[at] = rows[i];
    }
    place += __popc(hits[i]);
  }
  return length;
}

/// to[begin..end) += from[begin..end) by one warp, `each` neighbouring elements per lane.
template <class T, int each>
__device__ inline void add_row(float* to, const T* from, const Share& share) {
  for (int start = share.begin + static_cast<int>(threadIdx.x % 32) * each; start < share.end;
       start += kAhead * 32 * each) {
    float sum[kAhead][each];
#pragma unroll
    for (int i = 0; i < kAhead; ++i) {
      const int at = start + i * 32 * each;
      if (at >= share.end) break;
      if constexpr (each == 1) {
        sum[i][0] = to[at] + widen(from[at]);
      } else {
        const Part<T> part = load_whole(from + at);
#pragma unroll
        for (int j = 0; j < each; j += 4) {
          const auto old = *reinterpret_cast<const Part<float>*>(to + at + j);
#pragma unroll
          for (int k = 0; k < 4; ++k) sum[i][j + k] = old.value[k] + widen(part.value[j + k]);
        }
      }
    }
#pragma unroll
    for (int i = 0; i < kAhead; ++i) {
      const int at = start + i * 32 * each;
      if (at >= share.end) break;
      if constexpr (each == 1) {
        to[at] = sum[i][0];
      } else {
#pragma unroll
        for (int j = 0; j < each; j += 4) {
          *reinterpret_cast<Part<float>*>(to + at + j) = {sum[i][j], sum[i][j + 1], sum[i][j + 2],
                                                          sum[i][j + 3]};
        }
      }
    }
  }
}

/// Each warp adds what the queue has for its own rows.
template <class T, int each>
__device__ inline void work_off(const Queue& queue, int length, float* table, const T* x, int64_t depth,
                                const Share& share) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  for (int first = 0; first < length; first += 32) {
    const int at = first + lane;
    unsigned mine = __ballot_sync(kAll, at < length && (queue.row[at] - share.first) % kWarps == warp);
    for (; mine != 0; mine &= mine - 1) {
      const int next = first + __ffs(static_cast<int>(mine)) - 1;
      add_row<T, each>(table + queue.row[next] * depth, x + queue.position[next] * depth, share);
    }
  }
}

/// Rows per block and columns per block.
struct Cut {
  int64_t rows;
  int columns, row_ranges;
};

template <class T, int each>
__global__ void __launch_bounds__(kThreads)
    scatter_add(float* table, const int* __restrict__ index, const T* __restrict__ x, int64_t indices,
                int64_t table_rows, int depth, Cut cut) {
  auto& queue = device::static_shared<Queue>();
  const int range = static_cast<int>(blockIdx.x) % cut.row_ranges;
  const int tile = static_cast<int>(blockIdx.x) / cut.row_ranges;
  const int64_t first = int64_t{range} * cut.rows;
  const Share share{first, min(first + cut.rows, table_rows), tile * cut.columns,
                    min((tile + 1) * cut.columns, depth)};
  int rows[kPerThread], next[kPerThread];
  load_indices(rows, index, 0, indices);
  for (int64_t start = 0; start < indices;) {
    int length = 0;
    int64_t at = start;
    for (; at < indices && length + kStep <= kQueue && at - start < kSpan; at += kStep) {
      load_indices(next, index, at + kStep, indices);
      length = append(queue, length, rows, static_cast<int>(at - start), share);
#pragma unroll
      for (int i = 0; i < kPerThread; ++i) rows[i] = next[i];
    }
    __syncthreads();  // the queue is whole
    work_off<T, each>(queue, length, table, x + start * depth, depth, share);
    __syncthreads();  // and may be written again
    start = at;
  }
}

/// Two blocks per multiprocessor; columns are cut only where there are fewer rows than warps.
Cut cut_of(int64_t table_rows, int64_t depth, int multiprocessors, int each) {
  const int64_t blocks = 2 * multiprocessors;
  const int64_t ranges = std::clamp<int64_t>(table_rows / kWarps, 1, blocks);
  const int64_t tiles = std::max<int64_t>(1, blocks / ranges), step = 32 * each;
  const int64_t columns = ((depth + tiles - 1) / tiles + step - 1) / step * step;
  const int64_t rows = (table_rows + ranges - 1) / ranges;
  return {rows, static_cast<int>(columns), static_cast<int>((table_rows + rows - 1) / rows)};
}

void launch(const MemoryOp& op, const MemoryArguments& m, const Context& context) {
  launch_scatter_add(op.precision, m.result<float>(0), m.operand<int>(1), m.operands[2], op.indices, op.table,
                     op.depth, context);
}

}  // namespace

void launch_scatter_add(Precision precision, float* table, const int* index, const void* x, int64_t indices,
                        int64_t table_rows, int64_t depth, const Context& context) {
  with_precision<Precision::tf32>(precision, [&]<Precision P>() {
    using T = typename Arithmetic<P>::In;
    const bool whole = depth % kEach<T> == 0;
    const Cut cut = cut_of(table_rows, depth, context.properties().multiProcessorCount, whole ? kEach<T> : 1);
    const int64_t tiles = (depth + cut.columns - 1) / cut.columns;
    device::launch("memory scatter_add", whole ? scatter_add<T, kEach<T>> : scatter_add<T, 1>,
                   {.grid = block_count(cut.row_ranges * tiles), .block = kThreads}, context.stream(), table,
                   index, static_cast<const T*>(x), indices, table_rows, static_cast<int>(depth), cut);
  });
}

Kernel memory_scatter_add(const ContextPtr& context) {
  return own_memory(context, {.name = "stream_scatter_add",
                              .summary = "own: rows added into a table, each row's in their order",
                              .kinds = {MemoryKind::scatter_add},
                              .file = "scatter_add",
                              .launch = launch});
}

}  // namespace breakeven::cuda
