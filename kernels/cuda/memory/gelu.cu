// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// gelu: y = 0.5 x (1 + tanh(u)) with u = sqrt(2/pi) (x + 0.044715 x^3).
//
// 0.5 (1 + tanh u) is 1 / (1 + exp(-2u)): one exponential and one division, where tanhf has a branch and
// twice the instructions, which on 16-bit elements would take longer than the memory. There, and only there,
// both are the fast ones: their error is far below the rounding of the result.
// Trap: for x below about -9 the exponential overflows; x / inf is the right answer, -0.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/flat.h"

namespace breakeven::cuda {
namespace {

constexpr int kAhead = 4;

template <class T>
__device__ inline T gelu_of(T element) {
  const float x = widen(element);
  constexpr float kTwoRootTwoOverPi = 1.5957691216f;
  const float twice_u = kTwoRootTwoOverPi * (x + 0.044715f * x * x * x);
  if constexpr (sizeof(T) == 4) return x / (1 + expf(-twice_u));
  return narrow<T>(__fdividef(x, 1 + __expf(-twice_u)));
}

template <class T>
__global__ void __launch_bounds__(kFlatThreads) gelu(const T* __restrict__ x, T* __restrict__ y, int64_t n) {
  Part<T> part[kAhead];
#pragma unroll
  for (int i = 0; i < kAhead; ++i) part[i] = load_part(x, flat_at<T>(i, kAhead), n, T{});
#pragma unroll
  for (int i = 0; i < kAhead; ++i) {
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) part[i].value[j] = gelu_of(part[i].value[j]);
    store_part(y, flat_at<T>(i, kAhead), n, part[i]);
  }
}

void launch(const MemoryOp& op, const MemoryArguments& m, const Context& context) {
  with_precision(op.precision, [&]<Precision P>() {
    using T = typename Arithmetic<P>::In;
    device::launch("memory gelu", gelu<T>, flat_shape<T>(op.n, kAhead), context.stream(), m.operand<T>(0),
                   m.result<T>(0), op.n);
  });
}

}  // namespace

Kernel memory_gelu(const ContextPtr& context) {
  return own_memory(context, {.name = "stream_gelu",
                              .summary = "own: GELU by one exponential and one division",
                              .kinds = {MemoryKind::gelu},
                              .file = "gelu",
                              .launch = launch});
}

}  // namespace breakeven::cuda
