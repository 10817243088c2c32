// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// gather: y[j] = table[index[j]], rows of d elements.
//
// Shape: 1 to 32 lanes per row, four loads under way in each, in units of 16 bytes where every row begins at
// a multiple of 16, of 4 or 2 elsewhere: source and target begin at different places inside a unit, and
// nothing moves whole between them.
// Traffic: y once; of the table what is taken, of which L2 keeps what is taken again (so it is read with an
// ordinary load); the indices.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/table.h"

namespace breakeven::cuda {
namespace {

template <class Unit>
__global__ void __launch_bounds__(kTableThreads)
    gather(const Unit* __restrict__ table, const int* __restrict__ index, Unit* __restrict__ y,
           Pieces pieces) {
  const Piece piece = piece_of(pieces);
  if (piece.end == 0) return;
  const Unit* from = table + int64_t{index[piece.row]} * pieces.units;
  Unit* to = y + piece.row * pieces.units;
  Unit unit[kTableAhead];
#pragma unroll
  for (int i = 0; i < kTableAhead; ++i) {
    const int at = piece.first + i * piece.step;
    if (at < piece.end) unit[i] = from[at];
  }
#pragma unroll
  for (int i = 0; i < kTableAhead; ++i) {
    const int at = piece.first + i * piece.step;
    if (at < piece.end) to[at] = unit[i];
  }
}

template <class Unit>
void launch_units(const MemoryOp& op, const MemoryArguments& m, cudaStream_t stream) {
  const int64_t row_bytes = op.depth * breakeven::bytes(facts(op.precision).input);
  const Pieces pieces = pieces_of(op.indices, row_bytes / static_cast<int64_t>(sizeof(Unit)));
  device::launch("memory gather", gather<Unit>, shape_of(pieces), stream, m.operand<Unit>(0),
                 m.operand<int>(1), m.result<Unit>(0), pieces);
}

void launch(const MemoryOp& op, const MemoryArguments& m, const Context& context) {
  const int64_t row_bytes = op.depth * breakeven::bytes(facts(op.precision).input);
  if (row_bytes % 16 == 0) return launch_units<uint4>(op, m, context.stream());
  if (row_bytes % 4 == 0) return launch_units<uint32_t>(op, m, context.stream());
  launch_units<uint16_t>(op, m, context.stream());
}

}  // namespace

Kernel memory_gather(const ContextPtr& context) {
  return own_memory(context, {.name = "stream_gather",
                              .summary = "own: rows of a table, 16 bytes at a time where rows allow it",
                              .kinds = {MemoryKind::gather},
                              .file = "gather",
                              .launch = launch});
}

}  // namespace breakeven::cuda
