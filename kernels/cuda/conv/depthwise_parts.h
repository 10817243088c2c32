// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/conv_job.h"
#include "kernels/device/language.h"

// What the kernels of depthwise.cu share: a thread has a vector of neighbouring channels, a block `kLanes`
// such vectors and `kLines` threads for each.

namespace breakeven::cuda {

inline constexpr int kDepthwiseThreads = 256;

/// `count` is 1 where the channels are no multiple of a vector.
template <Precision P, int count>
struct DepthwiseShape {
  using A = Arithmetic<P>;
  static constexpr int kCount = count;
  static constexpr int kLanes = count == 1 ? 32 : 8, kLines = kDepthwiseThreads / kLanes;
  static constexpr int kChannels = kLanes * count;  // of a block
};

/// As many channels as 16 bytes hold, and no more than eight.
template <Precision P>
constexpr int kDepthwiseVector = std::min<int>(8, 16 / sizeof(typename Arithmetic<P>::In));

template <class T, int count>
struct alignas(std::min<size_t>(16, count * sizeof(T))) Neighbourhood {
  T value[count];
};

template <int count, class In>
__device__ inline Neighbourhood<In, count> load_neighbourhood(const In* from) {
  return *reinterpret_cast<const Neighbourhood<In, count>*>(from);
}

/// A convolution that slides over an image of one channel: forward, or backward with the filter turned by
/// half a turn over dy, whose rows the stride has spread (`gap`) with nothing between.
struct Slide {
  const void *image, *filter, *bias;
  void* result;
  int images, in_h, in_w, out_h, out_w, channels;
  int taps_h, taps_w, stride, dilation, gap, first_h, first_w;  // the first tap's place in row 0
};

inline Slide forward_slide(const ConvArguments& a) {
  return {a.first, a.second, a.bias, a.result, a.n,        a.h, a.w,        a.p,       a.q,
          a.c,     a.r,      a.s,    a.stride, a.dilation, 1,   -a.padding, -a.padding};
}
inline Slide backward_slide(const ConvArguments& a) {
  return {a.first,
          a.second,
          nullptr,
          a.result,
          a.n,
          a.p,
          a.q,
          a.h,
          a.w,
          a.c,
          a.r,
          a.s,
          1,
          a.dilation,
          a.stride,
          a.padding - (a.r - 1) * a.dilation,
          a.padding - (a.s - 1) * a.dilation};
}

}  // namespace breakeven::cuda
