// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Activations, sums and casts: every element read and written once, 16 bytes at a time (memory/flat.h).

#include "kernels/cuda/memory/flat.h"
#include "kernels/cuda/train/activation.h"
#include "kernels/cuda/train/elementwise.h"
#include "kernels/cuda/train/storage.h"

namespace breakeven::cuda {
namespace {

using train::Activation;

struct Activate {
  Activation activation;
  __device__ float operator()(float x) const { return activate(x, activation); }
};
struct ReluBackward {
  __device__ float operator()(float y, float dy) const { return y > 0 ? dy : 0; }
};
struct GeluBackward {
  __device__ float operator()(float x, float dy) const { return dy * gelu_slope(x); }
};
struct Add {
  __device__ float operator()(float a, float b) const { return a + b; }
};

template <class T, class F>
__global__ void __launch_bounds__(kFlatThreads)
    map_one(const T* __restrict__ x, T* __restrict__ y, int64_t count, F f) {
  const int64_t at = flat_at<T>(0, 1);
  Part<T> part = load_part(x, at, count, T{});
#pragma unroll
  for (int j = 0; j < kEach<T>; ++j) part.value[j] = narrow<T>(f(widen(part.value[j])));
  store_part(y, at, count, part);
}

template <class T, class F>
__global__ void __launch_bounds__(kFlatThreads) map_two(const T* a, const T* b, T* c, int64_t count, F f) {
  const int64_t at = flat_at<T>(0, 1);
  Part<T> part = load_part(a, at, count, T{});
  const Part<T> other = load_part(b, at, count, T{});
#pragma unroll
  for (int j = 0; j < kEach<T>; ++j) {
    part.value[j] = narrow<T>(f(widen(part.value[j]), widen(other.value[j])));
  }
  store_part(c, at, count, part);
}

template <class F>
void launch_two(const char* name, Precision precision, const void* a, const void* b, void* c, int64_t count,
                cudaStream_t stream, F f) {
  with_storage(precision, [&]<class T>() {
    device::launch(name, map_two<T, F>, flat_shape<T>(count, 1), stream, static_cast<const T*>(a),
                   static_cast<const T*>(b), static_cast<T*>(c), count, f);
  });
}

template <class T>
__global__ void __launch_bounds__(kFlatThreads)
    bias_activation(const float* __restrict__ bias, T* y, T* before, int64_t count, int64_t columns,
                    Activation activation) {
  const int64_t at = int64_t{blockIdx.x} * kFlatThreads + threadIdx.x;
  if (at >= count) return;
  const float z = widen(y[at]) + (bias ? bias[divide(at, columns).remainder] : 0);
  if (before) before[at] = narrow<T>(z);
  y[at] = narrow<T>(activate(z, activation));
}

template <class T>
__global__ void __launch_bounds__(kFlatThreads) widen_all(const T* from, float* to, int64_t count) {
  const int64_t at = int64_t{blockIdx.x} * kFlatThreads + threadIdx.x;
  if (at < count) to[at] = widen(from[at]);
}

device::Shape one_each(int64_t count) {
  return {.grid = block_count((count + kFlatThreads - 1) / kFlatThreads), .block = kFlatThreads};
}

}  // namespace

void launch_activation(Precision precision, Activation activation, const void* x, void* y, int64_t count,
                       cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train activation", map_one<T, Activate>, flat_shape<T>(count, 1), stream,
                   static_cast<const T*>(x), static_cast<T*>(y), count, Activate{activation});
  });
}

void launch_activation_bwd(Precision precision, Activation activation, const void* seen, const void* dy,
                           void* dx, int64_t count, cudaStream_t stream) {
  if (activation == Activation::gelu) {
    launch_two("train gelu_bwd", precision, seen, dy, dx, count, stream, GeluBackward{});
  } else {
    launch_two("train relu_bwd", precision, seen, dy, dx, count, stream, ReluBackward{});
  }
}

void launch_add(Precision precision, const void* a, const void* b, void* sum, int64_t count,
                cudaStream_t stream) {
  launch_two("train add", precision, a, b, sum, count, stream, Add{});
}

void launch_bias_activation(Precision precision, Activation activation, const float* bias, void* y,
                            void* before, int64_t count, int64_t columns, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train bias_activation", bias_activation<T>, one_each(count), stream, bias,
                   static_cast<T*>(y), static_cast<T*>(before), count, columns, activation);
  });
}

void launch_widen(Precision precision, const void* from, float* to, int64_t count, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train widen", widen_all<T>, one_each(count), stream, static_cast<const T*>(from), to,
                   count);
  });
}

}  // namespace breakeven::cuda
