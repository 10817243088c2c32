// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// scatter_atomic: table[index[j]] += x[j] by fp32 additions that L2 performs, as frameworks do it.
//
// Traffic: x once; of the table what L2 does not hold, in and out. No thread waits for what it adds.
// Trap: rows that are named several times are added to in whatever order the device takes them in: results
// differ in their last bits from run to run. scatter_add.cu is the one that repeats.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/table.h"

namespace breakeven::cuda {
namespace {

/// The elements of a unit are one (rows begin anywhere) or 16 bytes of them.
template <class T, int each>
__global__ void __launch_bounds__(kTableThreads)
    scatter_atomic(float* table, const int* __restrict__ index, const T* __restrict__ x, Pieces pieces) {
  const Piece piece = piece_of(pieces);
  if (piece.end == 0) return;
  const int64_t depth = int64_t{pieces.units} * each;
  float* to = table + index[piece.row] * depth;
  const T* from = x + piece.row * depth;
#pragma unroll
  for (int i = 0; i < kTableAhead; ++i) {
    const int at = piece.first + i * piece.step;
    if (at >= piece.end) return;
    if constexpr (each == 1) {
      atomicAdd(to + at, widen(from[at]));
    } else {
      const Part<T> part = load_whole(from + int64_t{at} * each);
#pragma unroll
      for (int j = 0; j < each; ++j) atomicAdd(to + int64_t{at} * each + j, widen(part.value[j]));
    }
  }
}

void launch(const MemoryOp& op, const MemoryArguments& m, const Context& context) {
  with_precision(op.precision, [&]<Precision P>() {
    using T = typename Arithmetic<P>::In;
    const bool whole = op.depth % kEach<T> == 0;
    const Pieces pieces = pieces_of(op.indices, whole ? op.depth / kEach<T> : op.depth);
    device::launch("memory scatter_atomic", whole ? scatter_atomic<T, kEach<T>> : scatter_atomic<T, 1>,
                   shape_of(pieces), context.stream(), m.result<float>(0), m.operand<int>(1), m.operand<T>(2),
                   pieces);
  });
}

}  // namespace

Kernel memory_scatter_atomic(const ContextPtr& context) {
  return own_memory(context, {.name = "stream_scatter_atomic",
                              .summary = "own: rows added into a table by atomic additions, in any order",
                              .kinds = {MemoryKind::scatter_add},
                              .file = "scatter_atomic",
                              .launch = launch});
}

}  // namespace breakeven::cuda
