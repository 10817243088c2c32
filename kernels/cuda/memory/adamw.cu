// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// adamw: one step of AdamW. Parameters and both moments in fp32, in place; gradients in the problem's
// precision.
//
// Traffic: 24 bytes per parameter and the gradient; the roots and the division hide under it. A thread takes
// as many elements as 16 bytes of gradient hold, so 7 loads of 16 bytes (fp32: 4, twice) are under way.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/flat.h"

namespace breakeven::cuda {
namespace {

/// The kEach<T> numbers in fp32 that go with one part of T.
template <class T>
struct Wide {
  static constexpr int kParts = kEach<T> / 4;
  Part<float> part[kParts];
  __device__ float& at(int j) { return part[j / 4].value[j % 4]; }
};

template <class T>
__device__ inline Wide<T> load_wide(const float* from, int64_t first, int64_t n) {
  Wide<T> wide;
#pragma unroll
  for (int i = 0; i < Wide<T>::kParts; ++i) wide.part[i] = load_part(from, first + 4 * i, n, 0.0f);
  return wide;
}

template <class T>
__device__ inline void store_wide(float* to, int64_t first, int64_t n, const Wide<T>& wide) {
#pragma unroll
  for (int i = 0; i < Wide<T>::kParts; ++i) store_part(to, first + 4 * i, n, wide.part[i]);
}

__device__ inline void step(float& parameter, float& first_moment, float& second_moment, float gradient) {
  constexpr AdamwConstants k = kAdamw;
  first_moment = k.beta1 * first_moment + (1 - k.beta1) * gradient;
  second_moment = k.beta2 * second_moment + (1 - k.beta2) * gradient * gradient;
  const float root = sqrtf(second_moment * (1 / k.correction2)) + k.epsilon;
  parameter -= k.rate * (first_moment * (1 / k.correction1) / root + k.decay * parameter);
}

template <class T, int ahead>
__global__ void __launch_bounds__(kFlatThreads)
    adamw(float* parameters, float* first, float* second, const T* __restrict__ gradient, int64_t n) {
  Wide<T> p[ahead], m[ahead], v[ahead];
  Part<T> g[ahead];
#pragma unroll
  for (int i = 0; i < ahead; ++i) {
    const int64_t at = flat_at<T>(i, ahead);
    g[i] = load_part(gradient, at, n, T{});
    p[i] = load_wide<T>(parameters, at, n);
    m[i] = load_wide<T>(first, at, n);
    v[i] = load_wide<T>(second, at, n);
  }
#pragma unroll
  for (int i = 0; i < ahead; ++i) {
    const int64_t at = flat_at<T>(i, ahead);
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) step(p[i].at(j), m[i].at(j), v[i].at(j), widen(g[i].value[j]));
    store_wide<T>(parameters, at, n, p[i]);
    store_wide<T>(first, at, n, m[i]);
    store_wide<T>(second, at, n, v[i]);
  }
}

void launch(const MemoryOp& op, const MemoryArguments& m, const Context& context) {
  with_precision(op.precision, [&]<Precision P>() {
    using T = typename Arithmetic<P>::In;
    constexpr int kAhead = sizeof(T) / 2;
    device::launch("memory adamw", adamw<T, kAhead>, flat_shape<T>(op.n, kAhead), context.stream(),
                   m.result<float>(0), m.result<float>(1), m.result<float>(2), m.operand<T>(3), op.n);
  });
}

}  // namespace

Kernel memory_adamw(const ContextPtr& context) {
  return own_memory(context, {.name = "stream_adamw",
                              .summary = "own: one step of AdamW in one pass",
                              .kinds = {MemoryKind::adamw},
                              .file = "adamw",
                              .launch = launch});
}

}  // namespace breakeven::cuda
