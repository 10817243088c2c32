// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Pooling: a thread takes one window of one channel, neighbours take neighbouring channels; every element is
// read once and, backward, written once.

#include "kernels/cuda/memory_job.h"
#include "kernels/cuda/train/maxpool.h"
#include "kernels/cuda/train/storage.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 256;

/// Where the window of result `at` begins in x.
__device__ inline int64_t window_start(const MaxPool& pool, int64_t at) {
  const int64_t columns = pool.width / pool.size, rows = pool.height / pool.size;
  const auto [line, c] = divide(at, pool.channels);
  const auto [plane, q] = divide(line, columns);
  const auto [image, p] = divide(plane, rows);
  return ((image * pool.height + p * pool.size) * pool.width + q * pool.size) * pool.channels + c;
}

__device__ inline int64_t results(const MaxPool& pool) {
  return pool.images * (pool.height / pool.size) * (pool.width / pool.size) * pool.channels;
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    maxpool(MaxPool pool, const T* __restrict__ x, T* __restrict__ y) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (at >= results(pool)) return;
  const T* from = x + window_start(pool, at);
  float largest = widen(from[0]);
  for (int64_t i = 0; i < pool.size; ++i) {
    for (int64_t j = 0; j < pool.size; ++j) {
      const float value = widen(from[(i * pool.width + j) * pool.channels]);
      if (!(value <= largest)) largest = value;  // a NaN stays
    }
  }
  y[at] = narrow<T>(largest);
}

template <class T>
__global__ void __launch_bounds__(kThreads)
    maxpool_bwd(MaxPool pool, const T* __restrict__ x, const T* __restrict__ y, const T* __restrict__ dy,
                T* __restrict__ dx) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (at >= results(pool)) return;
  const int64_t start = window_start(pool, at);
  const float largest = widen(y[at]);
  bool given = false;
  for (int64_t i = 0; i < pool.size; ++i) {
    for (int64_t j = 0; j < pool.size; ++j) {
      const int64_t place = start + (i * pool.width + j) * pool.channels;
      const bool first = !given && widen(x[place]) == largest;
      given = given || first;
      dx[place] = first ? dy[at] : narrow<T>(0.0f);
    }
  }
}

device::Shape shape_of(const MaxPool& pool) {
  const int64_t count = pool.images * (pool.height / pool.size) * (pool.width / pool.size) * pool.channels;
  return {.grid = block_count((count + kThreads - 1) / kThreads), .block = kThreads};
}

}  // namespace

void launch_maxpool(Precision precision, const MaxPool& pool, const void* x, void* y, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train maxpool", maxpool<T>, shape_of(pool), stream, pool, static_cast<const T*>(x),
                   static_cast<T*>(y));
  });
}

void launch_maxpool_bwd(Precision precision, const MaxPool& pool, const void* x, const void* y,
                        const void* dy, void* dx, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train maxpool_bwd", maxpool_bwd<T>, shape_of(pool), stream, pool,
                   static_cast<const T*>(x), static_cast<const T*>(y), static_cast<const T*>(dy),
                   static_cast<T*>(dx));
  });
}

}  // namespace breakeven::cuda
