// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// cross_entropy: loss and its gradient by the logits, in one pass as in softmax.cu. x stays as it is; the
// probabilities exist in registers only.
//
// loss = log(sum of exp(x - largest)) - (x[label] - largest); dx = (softmax(x) - onehot(label)) / rows.
// Trap: the logarithm of the label's probability, taken after it was divided, is -inf where it underflows.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/row_shape.h"
#include "kernels/cuda/memory/softmax.h"

namespace breakeven::cuda {
namespace {

struct Gradient {
  float factor, share;  // 1 / (sum rows), 1 / rows
  int label;
  __device__ float of(float e, int column) const {
    const float probability = e * factor;
    return column == label ? probability - share : probability;
  }
};

template <class T>
__device__ void gradient_long(const Row<const T>& x, const Row<T>& dx, const Exponentials& e,
                              const Gradient& gradient) {
  each_part(x, nothing<T>(), [&](int number, Part<T>& part) {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      part.value[j] = narrow<T>(gradient.of(expf(widen(part.value[j]) - e.largest), x.column(number) + j));
    }
    dx.store(number, part);
  });
}

template <class T, Team team, int kept>
__global__ void __launch_bounds__(most_threads<team>())
    cross_entropy(const T* __restrict__ x, const int* __restrict__ labels, float* __restrict__ loss,
                  T* __restrict__ dx, int64_t rows, int columns) {
  const int64_t row = team_row<team>();
  if (row >= rows) return;
  const Row<const T> from = row_of(x, row, columns);
  // Asked for late: the registers are the row's until then.
  const auto report = [&](const Exponentials& e) {
    const int label = labels[row];
    const float share = 1 / static_cast<float>(rows);
    if (team_thread<team>() == 0) loss[row] = logf(e.sum) - (widen(from.start[label]) - e.largest);
    return Gradient{share / e.sum, share, label};
  };
  if constexpr (kept == 0) {
    const Exponentials e = sum_exponentials(from);
    gradient_long(from, row_of(dx, row, columns), e, report(e));
  } else {
    KeptRow<T, team, kept> values;
    values.load(from, nothing<T>());
    const Gradient gradient = report(exponentiate(values, from));
    values.each(from, [&](float value, int column) { return gradient.of(value, column); });
    values.store(row_of(dx, row, columns));
  }
}

void launch(const MemoryOp& op, const MemoryArguments& m, const Context& context) {
  with_precision(op.precision, [&]<Precision P>() {
    using T = typename Arithmetic<P>::In;
    const RowShape shape = row_shape<T>(op.rows, op.columns);
    with_row_shape(shape, [&]<Team team, int kept>() {
      device::launch("memory cross_entropy", cross_entropy<T, team, kept>, shape.launch, context.stream(),
                     m.operand<T>(0), m.operand<int>(1), m.result<float>(0), m.result<T>(1), op.rows,
                     static_cast<int>(op.columns));
    });
  });
}

}  // namespace

Kernel memory_cross_entropy(const ContextPtr& context) {
  return own_memory(context, {.name = "stream_cross_entropy",
                              .summary = "own: loss and gradient in one pass, a row waits in registers",
                              .kinds = {MemoryKind::cross_entropy},
                              .file = "cross_entropy",
                              .launch = launch});
}

}  // namespace breakeven::cuda
