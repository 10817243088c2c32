// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// direct: one thread per element of the result, and the definition of the convolution in loops.
//
// Tile: none; 256 neighbouring elements per block, channels first, so that a warp's accesses of what has
// channels last are coalesced.
// Traffic: every multiply-add asks for two elements. The filter comes from the caches, the same element for a
// whole warp or 32 neighbours; nothing else is used again but by them.
// Trap: forward, output p meets row p u - pad + i d of x. Backwards, row h meets output
// (h + pad - i d) / u, and only where that division leaves nothing over.

#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/conv_job.h"
#include "kernels/cuda/cuda.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kThreads = 256;

template <Precision P>
using In = const typename Arithmetic<P>::In;

/// The row (column) of x that output row (column) `output` meets with tap `tap`; may lie outside.
__device__ inline int met(const ConvArguments& a, int output, int tap) {
  return output * a.stride - a.padding + tap * a.dilation;
}

/// The output row (column) that meets `input` with tap `tap`; -1 when none does.
__device__ inline int meeting(const ConvArguments& a, int input, int tap, int outputs) {
  const int distance = input + a.padding - tap * a.dilation;
  if (distance < 0 || distance % a.stride != 0 || distance / a.stride >= outputs) return -1;
  return distance / a.stride;
}

/// A number taken apart: the remainder by `extent`, which stays behind divided.
__device__ inline int take(int64_t& index, int extent) {
  const int remainder = static_cast<int>(index % extent);
  index /= extent;
  return remainder;
}

template <Precision P>
__device__ typename Arithmetic<P>::Sum forward(const ConvArguments& a, In<P>* x, In<P>* filter, int64_t at) {
  const int k = take(at, a.k), q = take(at, a.q), p = take(at, a.p), channels = a.c / a.groups;
  const int first_channel = k / (a.k / a.groups) * channels;
  typename Arithmetic<P>::Sum sum = 0;
  for (int i = 0; i < a.r; ++i) {
    const int row = met(a, p, i);
    if (row < 0 || row >= a.h) continue;
    for (int j = 0; j < a.s; ++j) {
      const int column = met(a, q, j);
      if (column < 0 || column >= a.w) continue;
      In<P>* image = x + ((at * a.h + row) * a.w + column) * a.c + first_channel;
      In<P>* tap = filter + ((int64_t{k} * a.r + i) * a.s + j) * channels;
      for (int l = 0; l < channels; ++l) sum += widen(image[l]) * widen(tap[l]);
    }
  }
  return sum;
}

template <Precision P>
__device__ typename Arithmetic<P>::Sum backward_data(const ConvArguments& a, In<P>* dy, In<P>* filter,
                                                     int64_t at) {
  const int c = take(at, a.c), w = take(at, a.w), h = take(at, a.h);
  const int channels = a.c / a.groups, filters = a.k / a.groups, group = c / channels;
  typename Arithmetic<P>::Sum sum = 0;
  for (int i = 0; i < a.r; ++i) {
    const int p = meeting(a, h, i, a.p);
    if (p < 0) continue;
    for (int j = 0; j < a.s; ++j) {
      const int q = meeting(a, w, j, a.q);
      if (q < 0) continue;
      In<P>* gradient = dy + ((at * a.p + p) * a.q + q) * a.k + group * filters;
      In<P>* tap =
          filter + ((int64_t{group} * filters * a.r + i) * a.s + j) * channels + (c - group * channels);
      const int64_t next = int64_t{a.r} * a.s * channels;
      for (int k = 0; k < filters; ++k) sum += widen(gradient[k]) * widen(tap[k * next]);
    }
  }
  return sum;
}

template <Precision P>
__device__ typename Arithmetic<P>::Sum backward_weights(const ConvArguments& a, In<P>* x, In<P>* dy,
                                                        int64_t at) {
  const int channels = a.c / a.groups, l = take(at, channels), j = take(at, a.s), i = take(at, a.r);
  const int k = static_cast<int>(at), c = k / (a.k / a.groups) * channels + l;
  typename Arithmetic<P>::Sum sum = 0;
  for (int64_t n = 0; n < a.n; ++n) {
    for (int p = 0; p < a.p; ++p) {
      const int row = met(a, p, i);
      if (row < 0 || row >= a.h) continue;
      for (int q = 0; q < a.q; ++q) {
        const int column = met(a, q, j);
        if (column < 0 || column >= a.w) continue;
        sum += widen(x[((n * a.h + row) * a.w + column) * a.c + c]) *
               widen(dy[((n * a.p + p) * a.q + q) * a.k + k]);
      }
    }
  }
  return sum;
}

template <Precision P, Direction direction>
__global__ void __launch_bounds__(kThreads) direct(ConvArguments a, int64_t elements) {
  using A = Arithmetic<P>;
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (at >= elements) return;
  auto* first = static_cast<In<P>*>(a.first);
  auto* second = static_cast<In<P>*>(a.second);
  typename A::Sum sum;
  if constexpr (direction == Direction::forward) {
    sum = forward<P>(a, first, second, at);
  } else if constexpr (direction == Direction::backward_data) {
    sum = backward_data<P>(a, first, second, at);
  } else {
    sum = backward_weights<P>(a, first, second, at);
  }
  static_cast<typename A::Out*>(a.result)[at] =
      finish<A>(sum, static_cast<const typename A::Bias*>(a.bias), at % a.k);
}

template <Precision P, Direction direction>
void launch(const Conv2d& conv, const ConvArguments& a, cudaStream_t stream) {
  const int64_t elements = conv.results()[0].size(), blocks = (elements + kThreads - 1) / kThreads;
  if (blocks > 0x7FFFFFFF) throw Unsupported("more than 2^31 - 1 blocks, the most that one launch can have");
  device::launch("conv direct", direct<P, direction>,
                 {.grid = static_cast<unsigned>(blocks), .block = kThreads}, stream, a, elements);
}

void launch_direct(const Conv2d& conv, const ConvArguments& a, cudaStream_t stream) {
  with_precision<Precision::fp64, Precision::int8>(conv.precision, [&]<Precision P>() {
    if (conv.direction == Direction::forward) return launch<P, Direction::forward>(conv, a, stream);
    if constexpr (P != Precision::int8) {
      conv.direction == Direction::backward_data ? launch<P, Direction::backward_data>(conv, a, stream)
                                                 : launch<P, Direction::backward_weights>(conv, a, stream);
    }
  });
}

}  // namespace

Kernel conv_direct(const ContextPtr& context) {
  return own_conv(context, {.name = "conv_direct",
                            .summary = "own: one thread per element of the result, the definition in loops",
                            .why_not = why_not_conv_on_cuda_cores,
                            .launch = launch_direct,
                            .typical_rate = 1e11,
                            .file = "direct"});
}

}  // namespace breakeven::cuda
