// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// softmax: each row of x, in one pass over memory.
//
// Shape: a warp per row of up to 1024 elements, 8 rows a block; a block of 128 to 1024 threads per row of up
// to 24576. The row waits in registers, in fp32, between its only load and its only store; exp is computed
// once. Longer rows: largest and sum in one pass (softmax.h), then the row again, of which L2 still has
// most.
// Trap: exp(x) without subtracting the row's largest element is right on test data and overflows on real.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/row_shape.h"
#include "kernels/cuda/memory/softmax.h"

namespace breakeven::cuda {
namespace {

template <class T>
__device__ void softmax_long(const Row<const T>& x, const Row<T>& y) {
  const Exponentials e = sum_exponentials(x);
  const float factor = 1 / e.sum;
  each_part(x, nothing<T>(), [&](int number, Part<T>& part) {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      part.value[j] = narrow<T>(expf(widen(part.value[j]) - e.largest) * factor);
    }
    y.store(number, part);
  });
}

template <class T, Team team, int kept>
__global__ void __launch_bounds__(most_threads<team>())
    softmax(const T* __restrict__ x, T* __restrict__ y, int64_t rows, int columns) {
  const int64_t row = team_row<team>();
  if (row >= rows) return;
  const Row<const T> from = row_of(x, row, columns);
  const Row<T> to = row_of(y, row, columns);
  if constexpr (kept == 0) {
    softmax_long(from, to);
  } else {
    KeptRow<T, team, kept> values;
    values.load(from, nothing<T>());
    const Exponentials e = exponentiate(values, from);
    const float factor = 1 / e.sum;
    values.each(from, [&](float value, int) { return value * factor; });
    values.store(to);
  }
}

void launch(const MemoryOp& op, const MemoryArguments& m, const Context& context) {
  with_precision(op.precision, [&]<Precision P>() {
    using T = typename Arithmetic<P>::In;
    const RowShape shape = row_shape<T>(op.rows, op.columns);
    with_row_shape(shape, [&]<Team team, int kept>() {
      device::launch("memory softmax", softmax<T, team, kept>, shape.launch, context.stream(),
                     m.operand<T>(0), m.result<T>(0), op.rows, static_cast<int>(op.columns));
    });
  });
}

}  // namespace

Kernel memory_softmax(const ContextPtr& context) {
  return own_memory(context, {.name = "stream_softmax",
                              .summary = "own: softmax, a row waits in the registers of a warp or a block",
                              .kinds = {MemoryKind::softmax},
                              .file = "softmax",
                              .launch = launch});
}

}  // namespace breakeven::cuda
