// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Batch normalization, with the relu behind it. Forward: x is read once for the sums and once more for y;
// backward: x, y and dy likewise.
// Trap: mean and variance come from one pass, so the sums are of x less a number near it (the column's first
// element): E[x^2] - E[x]^2 of what lies far from zero would cancel.

#include "harness/train/program.h"
#include "kernels/cuda/train/columns.h"
#include "kernels/cuda/train/norm.h"

namespace breakeven::cuda {
namespace {

template <class T>
struct Moments {
  const T* x;
  int columns;
  template <int each>
  __device__ void add(int64_t row, int column, float (&sum)[2][each]) const {
    float value[each], near[each];
    load_several(value, x + row * columns + column);
    load_several(near, x + column);
#pragma unroll
    for (int v = 0; v < each; ++v) {
      const float d = value[v] - near[v];
      sum[0][v] += d;
      sum[1][v] += d * d;
    }
  }
};

template <class T>
struct Statistics {
  const T* x;
  BatchNorm norm;
  bool moves;
  __device__ void operator()(int column, const float (&sum)[2]) const {
    const float count = static_cast<float>(norm.rows), off = sum[0] / count;
    const float mean = widen(x[column]) + off, variance = fmaxf(sum[1] / count - off * off, 0.0f);
    norm.mean[column] = mean;
    norm.rstd[column] = 1 / sqrtf(variance + train::kBatchNormEpsilon);
    if (!moves) return;
    constexpr float kMoved = train::kBatchNormMomentum;
    norm.running_mean[column] += kMoved * (mean - norm.running_mean[column]);
    norm.running_variance[column] += kMoved * (variance - norm.running_variance[column]);
  }
};

template <class T>
struct Gradients {
  const T *x, *y, *dy;
  BatchNorm norm;
  template <int each>
  __device__ void add(int64_t row, int column, float (&sum)[2][each]) const {
    const int64_t at = row * norm.columns + column;
    float value[each], result[each], gradient[each];
    load_several(value, x + at);
    load_several(gradient, dy + at);
    if (norm.relu) load_several(result, y + at);
#pragma unroll
    for (int v = 0; v < each; ++v) {
      const float g = norm.relu && !(result[v] > 0) ? 0 : gradient[v];
      sum[0][v] += g * (value[v] - norm.mean[column + v]) * norm.rstd[column + v];
      sum[1][v] += g;
    }
  }
};

constexpr int kThreads = 256;

/// y = x scale + shift, from the batch's or from the running statistics.
template <class T, int each, bool evaluation>
__global__ void __launch_bounds__(kThreads)
    normalize(BatchNorm norm, const T* __restrict__ x, T* __restrict__ y) {
  const int64_t at = (int64_t{blockIdx.x} * kThreads + threadIdx.x) * each;
  if (at >= norm.rows * norm.columns) return;
  const int column = static_cast<int>(divide(at, norm.columns).remainder);
  float value[each];
  load_several(value, x + at);
#pragma unroll
  for (int v = 0; v < each; ++v) {
    const int c = column + v;
    const float mean = evaluation ? norm.running_mean[c] : norm.mean[c];
    const float rstd =
        evaluation ? 1 / sqrtf(norm.running_variance[c] + train::kBatchNormEpsilon) : norm.rstd[c];
    const float result = (value[v] - mean) * rstd * norm.gamma[c] + norm.beta[c];
    value[v] = norm.relu && result < 0 ? 0 : result;
  }
  store_several(y + at, value);
}

template <class T, int each>
__global__ void __launch_bounds__(kThreads)
    normalize_bwd(BatchNorm norm, const T* __restrict__ x, const T* __restrict__ y, const T* __restrict__ dy,
                  T* __restrict__ dx, const float* __restrict__ dgamma, const float* __restrict__ dbeta) {
  const int64_t at = (int64_t{blockIdx.x} * kThreads + threadIdx.x) * each;
  if (at >= norm.rows * norm.columns) return;
  const int column = static_cast<int>(divide(at, norm.columns).remainder);
  const float share = 1 / static_cast<float>(norm.rows);
  float value[each], result[each], gradient[each];
  load_several(value, x + at);
  load_several(gradient, dy + at);
  if (norm.relu) load_several(result, y + at);
#pragma unroll
  for (int v = 0; v < each; ++v) {
    const int c = column + v;
    const float g = norm.relu && !(result[v] > 0) ? 0 : gradient[v];
    const float normalized = (value[v] - norm.mean[c]) * norm.rstd[c];
    value[v] = norm.gamma[c] * norm.rstd[c] * (g - share * (dbeta[c] + normalized * dgamma[c]));
  }
  store_several(dx + at, value);
}

device::Shape shape_of(const BatchNorm& norm, int each) {
  return {.grid = block_count((norm.rows * norm.columns / each + kThreads - 1) / kThreads),
          .block = kThreads};
}

template <class T, bool evaluation>
void launch_normalize(const BatchNorm& norm, const void* x, void* y, cudaStream_t stream) {
  const int each = norm.columns % 4 == 0 ? 4 : 1;
  device::launch("train batchnorm", each == 4 ? normalize<T, 4, evaluation> : normalize<T, 1, evaluation>,
                 shape_of(norm, each), stream, norm, static_cast<const T*>(x), static_cast<T*>(y));
}

}  // namespace

void launch_batchnorm(Precision precision, const BatchNorm& norm, Running running, const void* x, void* y,
                      float* scratch, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    const T* from = static_cast<const T*>(x);
    launch_columns<2>("train batchnorm", Moments<T>{from, static_cast<int>(norm.columns)},
                      Statistics<T>{from, norm, running == Running::moves}, norm.rows, norm.columns, scratch,
                      stream);
    launch_normalize<T, false>(norm, x, y, stream);
  });
}

void launch_batchnorm_evaluation(Precision precision, const BatchNorm& norm, const void* x, void* y,
                                 cudaStream_t stream) {
  with_storage(precision, [&]<class T>() { launch_normalize<T, true>(norm, x, y, stream); });
}

void launch_batchnorm_bwd(Precision precision, const BatchNorm& norm, const void* x, const void* y,
                          const void* dy, void* dx, float* dgamma, float* dbeta, float* scratch,
                          cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    const T *xs = static_cast<const T*>(x), *ys = static_cast<const T*>(y), *dys = static_cast<const T*>(dy);
    launch_columns<2>("train batchnorm_bwd", Gradients<T>{xs, ys, dys, norm}, StoreColumns{dgamma, dbeta},
                      norm.rows, norm.columns, scratch, stream);
    const int each = norm.columns % 4 == 0 ? 4 : 1;
    device::launch("train batchnorm_bwd", each == 4 ? normalize_bwd<T, 4> : normalize_bwd<T, 1>,
                   shape_of(norm, each), stream, norm, xs, ys, dys, static_cast<T*>(dx), dgamma, dbeta);
  });
}

}  // namespace breakeven::cuda
