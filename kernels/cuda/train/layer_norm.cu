// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Layer normalization and sums over columns. A warp takes a row and reads it again from L1 for each pass;
// gradients of gamma and beta are sums over rows (columns.h).

#include "harness/train/program.h"
#include "kernels/cuda/train/columns.h"
#include "kernels/cuda/train/norm.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 32 * kRowWarps;

template <class T>
__global__ void __launch_bounds__(kThreads)
    layernorm(LayerNorm norm, const T* __restrict__ x, T* __restrict__ y) {
  const int64_t row = team_row<Team::warp>();
  if (row >= norm.rows) return;
  const int lane = threadIdx.x % 32, columns = static_cast<int>(norm.columns);
  const T* from = x + row * columns;
  float sum = 0, squares = 0;
  for (int c = lane; c < columns; c += 32) sum += widen(from[c]);
  const float mean = over_warp<Sum>(sum) / static_cast<float>(columns);
  for (int c = lane; c < columns; c += 32) {
    const float d = widen(from[c]) - mean;
    squares += d * d;
  }
  const float variance = over_warp<Sum>(squares) / static_cast<float>(columns);
  const float rstd = 1 / sqrtf(variance + train::kLayerNormEpsilon);
  for (int c = lane; c < columns; c += 32) {
    y[row * columns + c] = narrow<T>((widen(from[c]) - mean) * rstd * norm.gamma[c] + norm.beta[c]);
  }
  if (lane == 0) norm.mean[row] = mean, norm.rstd[row] = rstd;
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    layernorm_bwd(LayerNorm norm, const T* __restrict__ x, const T* __restrict__ dy, T* __restrict__ dx) {
  const int64_t row = team_row<Team::warp>();
  if (row >= norm.rows) return;
  const int lane = threadIdx.x % 32, columns = static_cast<int>(norm.columns);
  const float mean = norm.mean[row], rstd = norm.rstd[row], share = 1 / static_cast<float>(columns);
  const T *from = x + row * columns, *gradient = dy + row * columns;
  float sum = 0, along = 0;
  for (int c = lane; c < columns; c += 32) {
    const float g = widen(gradient[c]) * norm.gamma[c];
    sum += g;
    along += g * (widen(from[c]) - mean) * rstd;
  }
  sum = over_warp<Sum>(sum) * share;
  along = over_warp<Sum>(along) * share;
  for (int c = lane; c < columns; c += 32) {
    const float normalized = (widen(from[c]) - mean) * rstd;
    const float g = widen(gradient[c]) * norm.gamma[c];
    dx[row * columns + c] = narrow<T>(rstd * (g - sum - normalized * along));
  }
}

template <class T>
struct Gradients {
  const T *x, *dy;
  LayerNorm norm;
  template <int each>
  __device__ void add(int64_t row, int column, float (&sum)[2][each]) const {
    const int64_t at = row * norm.columns + column;
    float value[each], gradient[each];
    load_several(value, x + at);
    load_several(gradient, dy + at);
#pragma unroll
    for (int v = 0; v < each; ++v) {
      sum[0][v] += gradient[v] * (value[v] - norm.mean[row]) * norm.rstd[row];
      sum[1][v] += gradient[v];
    }
  }
};

template <class T>
struct Values {
  const T* x;
  int64_t columns;
  template <int each>
  __device__ void add(int64_t row, int column, float (&sum)[1][each]) const {
    float value[each];
    load_several(value, x + row * columns + column);
#pragma unroll
    for (int v = 0; v < each; ++v) sum[0][v] += value[v];
  }
};

struct StoreOne {
  float* to;
  bool accumulate;
  __device__ void operator()(int column, const float (&sum)[1]) const {
    to[column] = accumulate ? to[column] + sum[0] : sum[0];
  }
};

device::Shape shape_of(const LayerNorm& norm) {
  return {.grid = block_count((norm.rows + kRowWarps - 1) / kRowWarps), .block = kThreads};
}

}  // namespace

void launch_layernorm(Precision precision, const LayerNorm& norm, const void* x, void* y,
                      cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train layernorm", layernorm<T>, shape_of(norm), stream, norm, static_cast<const T*>(x),
                   static_cast<T*>(y));
  });
}

void launch_layernorm_bwd(Precision precision, const LayerNorm& norm, const void* x, const void* dy, void* dx,
                          float* dgamma, float* dbeta, float* scratch, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    const T *xs = static_cast<const T*>(x), *dys = static_cast<const T*>(dy);
    device::launch("train layernorm_bwd", layernorm_bwd<T>, shape_of(norm), stream, norm, xs, dys,
                   static_cast<T*>(dx));
    launch_columns<2>("train layernorm_bwd", Gradients<T>{xs, dys, norm}, StoreColumns{dgamma, dbeta},
                      norm.rows, norm.columns, scratch, stream);
  });
}

void launch_sum_columns(Precision precision, const void* x, float* sums, int64_t rows, int64_t columns,
                        bool accumulate, float* scratch, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    launch_columns<1>("train sum_columns", Values<T>{static_cast<const T*>(x), columns},
                      StoreOne{sums, accumulate}, rows, columns, scratch, stream);
  });
}

int64_t norm_scratch(int64_t rows, int64_t columns) { return column_scratch(rows, columns, 2); }

}  // namespace breakeven::cuda
