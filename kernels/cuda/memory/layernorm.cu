// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// layernorm: each row of x, in one pass over memory; mean and reciprocal standard deviation beside it.
//
// Shape: as in softmax.cu. The variance is that of the differences from the mean, taken from registers, not
// the mean of squares less the square of the mean, which cancels. Rows of more than 16384 elements are read
// three times, the second and third time mostly from L2.
// Trap: elements outside the row are zero and count in no sum, but their difference from the mean is not 0.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/kept_row.h"
#include "kernels/cuda/memory/row_shape.h"

namespace breakeven::cuda {
namespace {

struct Statistics {
  float mean, rstd;
};

__device__ inline bool inside(int column, int columns) { return column >= 0 && column < columns; }

/// y = (x - mean) rstd gamma + beta for one part.
template <class T>
__device__ inline Part<T> normalised(const float (&x)[kEach<T>], const Statistics& s, const float* gamma,
                                     const float* beta, int column, int columns) {
  float scale[kEach<T>], offset[kEach<T>];
  load_column_values(scale, gamma, column, columns, 0.0f);
  load_column_values(offset, beta, column, columns, 0.0f);
  Part<T> y;
#pragma unroll
  for (int j = 0; j < kEach<T>; ++j) {
    y.value[j] = narrow<T>((x[j] - s.mean) * s.rstd * scale[j] + offset[j]);
  }
  return y;
}

__device__ inline float reciprocal_deviation(float squares, int columns) {
  return 1 / sqrtf(squares / static_cast<float>(columns) + kLayerNormEpsilon);
}

template <class T, Team team, int kept>
__device__ Statistics statistics(KeptRow<T, team, kept>& values, const Row<const T>& x) {
  float sum = 0, squares = 0;
  values.each(x, [&](float value, int) {
    sum += value;
    return value;
  });
  const float mean = over_team<Sum, team>(sum) / static_cast<float>(x.columns);
  values.each(x, [&](float value, int column) {
    const float difference = inside(column, x.columns) ? value - mean : 0;
    squares += difference * difference;
    return value;
  });
  return {mean, reciprocal_deviation(over_team<Sum, team>(squares), x.columns)};
}

template <class T>
__device__ Statistics statistics_long(const Row<const T>& x) {
  float sum = 0, squares = 0;
  each_part(x, T{}, [&](int, const Part<T>& part) {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) sum += widen(part.value[j]);
  });
  const float mean = over_team<Sum, Team::block>(sum) / static_cast<float>(x.columns);
  each_part(x, T{}, [&](int number, const Part<T>& part) {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      const bool counts = inside(x.column(number) + j, x.columns);
      const float difference = counts ? widen(part.value[j]) - mean : 0;
      squares += difference * difference;
    }
  });
  return {mean, reciprocal_deviation(over_team<Sum, Team::block>(squares), x.columns)};
}

struct Affine {
  const float *gamma, *beta;
};
struct Moments {
  float *mean, *rstd;
};

template <class T, Team team, int kept>
__global__ void __launch_bounds__(most_threads<team>())
    layernorm(const T* __restrict__ x, Affine affine, T* __restrict__ y, Moments moments, int64_t rows,
              int columns) {
  const int64_t row = team_row<team>();
  if (row >= rows) return;
  const Row<const T> from = row_of(x, row, columns);
  const Row<T> to = row_of(y, row, columns);
  Statistics s;
  // With the most kept, gamma and beta have no registers left.
  if constexpr (kept == 0 || kept == kMostKept) {
    s = statistics_long(from);
    each_part<1>(from, T{}, [&](int number, const Part<T>& part) {
      float values[kEach<T>];
#pragma unroll
      for (int j = 0; j < kEach<T>; ++j) values[j] = widen(part.value[j]);
      to.store(number, normalised<T>(values, s, affine.gamma, affine.beta, to.column(number), columns));
    });
  } else {
    KeptRow<T, team, kept> values;
    values.load(from, T{});
    s = statistics(values, from);
#pragma unroll
    for (int i = 0; i < values.kParts; ++i) {
      const int number = values.part(i);
      to.store(number,
               normalised<T>(values.value[i], s, affine.gamma, affine.beta, to.column(number), columns));
    }
  }
  if (team_thread<team>() == 0) {
    moments.mean[row] = s.mean;
    moments.rstd[row] = s.rstd;
  }
}

void launch(const MemoryOp& op, const MemoryArguments& m, const Context& context) {
  with_precision(op.precision, [&]<Precision P>() {
    using T = typename Arithmetic<P>::In;
    const RowShape shape = row_shape<T>(op.rows, op.columns);
    with_row_shape(shape, [&]<Team team, int kept>() {
      device::launch("memory layernorm", layernorm<T, team, kept>, shape.launch, context.stream(),
                     m.operand<T>(0), Affine{m.operand<float>(1), m.operand<float>(2)}, m.result<T>(0),
                     Moments{m.result<float>(1), m.result<float>(2)}, op.rows, static_cast<int>(op.columns));
    });
  });
}

}  // namespace

Kernel memory_layernorm(const ContextPtr& context) {
  return own_memory(context, {.name = "stream_layernorm",
                              .summary = "own: layer normalisation, a row waits in registers",
                              .kinds = {MemoryKind::layernorm},
                              .file = "layernorm",
                              .launch = launch});
}

}  // namespace breakeven::cuda
