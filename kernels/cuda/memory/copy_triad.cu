// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// copy, triad: y = x; y = a + 3 b. What memory gives when nothing is in the way.
//
// Traffic: every element once; past the caches as far as they let it. 64 bytes of each operand under way in
// a thread (flat.h).
// Trap: the arrays begin at multiples of 16 bytes and end anywhere: the last part goes element by element.

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/memory/flat.h"

namespace breakeven::cuda {
namespace {

constexpr int kAhead = 4;

template <class T>
__global__ void __launch_bounds__(kFlatThreads) copy(const T* __restrict__ x, T* __restrict__ y, int64_t n) {
  Part<T> part[kAhead];
#pragma unroll
  for (int i = 0; i < kAhead; ++i) part[i] = load_part(x, flat_at<T>(i, kAhead), n, T{});
#pragma unroll
  for (int i = 0; i < kAhead; ++i) store_part(y, flat_at<T>(i, kAhead), n, part[i]);
}

template <class T>
__global__ void __launch_bounds__(kFlatThreads)
    triad(const T* __restrict__ a, const T* __restrict__ b, T* __restrict__ y, int64_t n) {
  Part<T> from_a[kAhead], from_b[kAhead];
#pragma unroll
  for (int i = 0; i < kAhead; ++i) {
    from_a[i] = load_part(a, flat_at<T>(i, kAhead), n, T{});
    from_b[i] = load_part(b, flat_at<T>(i, kAhead), n, T{});
  }
#pragma unroll
  for (int i = 0; i < kAhead; ++i) {
    Part<T> sum;
#pragma unroll
    for (int j = 0; j < kEach<T>; ++j) {
      sum.value[j] = narrow<T>(widen(from_a[i].value[j]) + kTriadFactor * widen(from_b[i].value[j]));
    }
    store_part(y, flat_at<T>(i, kAhead), n, sum);
  }
}

void launch(const MemoryOp& op, const MemoryArguments& m, const Context& context) {
  with_precision(op.precision, [&]<Precision P>() {
    using T = typename Arithmetic<P>::In;
    const device::Shape shape = flat_shape<T>(op.n, kAhead);
    if (op.kind == MemoryKind::copy) {
      device::launch("memory copy", copy<T>, shape, context.stream(), m.operand<T>(0), m.result<T>(0), op.n);
    } else {
      device::launch("memory triad", triad<T>, shape, context.stream(), m.operand<T>(0), m.operand<T>(1),
                     m.result<T>(0), op.n);
    }
  });
}

}  // namespace

Kernel memory_copy_triad(const ContextPtr& context) {
  return own_memory(context, {.name = "stream_copy_triad",
                              .summary = "own: copy and triad, 64 bytes of each operand under way per thread",
                              .kinds = {MemoryKind::copy, MemoryKind::triad},
                              .file = "copy_triad",
                              .launch = launch});
}

}  // namespace breakeven::cuda
