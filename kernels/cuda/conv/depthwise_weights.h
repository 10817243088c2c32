// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv/depthwise_parts.h"
#include "kernels/device/launch.h"

// Backward weights of depthwise.cu: sums over all positions of all images, in parts, in a fixed order.

namespace breakeven::cuda {

inline constexpr int kTapsAtOnce = 3;
inline constexpr int64_t kMostParts = 256;

/// The grid of backward weights: blocks of channels, then threes of taps, then parts of the positions.
struct WeightGrid {
  int channel_blocks, threes, parts, depth;
};

template <class T>
WeightGrid weight_grid(const Conv2d& v, int multiprocessors) {
  const int64_t positions = v.n * v.p() * v.q();
  const int64_t channel_blocks = (v.c + T::kChannels - 1) / T::kChannels;
  const int64_t threes = v.r * ((v.s + kTapsAtOnce - 1) / kTapsAtOnce);
  const int64_t wanted = 8 * int64_t{multiprocessors} / (channel_blocks * threes) + 1;
  const int64_t parts = std::clamp<int64_t>(wanted, 1, std::min(kMostParts, (positions + 63) / 64));
  const int64_t depth = (positions + parts - 1) / parts;
  if (channel_blocks * threes * parts > 0x7FFFFFFF) throw Unsupported("more than 2^31 - 1 blocks");
  return {static_cast<int>(channel_blocks), static_cast<int>(threes), static_cast<int>(parts),
          static_cast<int>(depth)};
}

/// The thread's share of three taps of its channels: its positions of part `part`.
template <class T>
__device__ void sum_taps(typename T::A::Sum (&sum)[kTapsAtOnce][T::kCount], const ConvArguments& a, int first,
                         int end, int tap_row, int tap_column, int channel) {
  using In = const typename T::A::In;
  for (int at = first + static_cast<int>(threadIdx.x / T::kLanes); at < end; at += T::kLines) {
    const int line = at / a.q, image = line / a.p;
    const int row = (line - image * a.p) * a.stride - a.padding + tap_row * a.dilation;
    if (row < 0 || row >= a.h) continue;
    const auto dy = load_neighbourhood<T::kCount>(static_cast<In*>(a.second) + int64_t{at} * a.c + channel);
    In* x_row = static_cast<In*>(a.first) + (int64_t{image} * a.h + row) * a.w * a.c + channel;
    const int start = (at - line * a.q) * a.stride - a.padding;
#pragma unroll
    for (int j = 0; j < kTapsAtOnce; ++j) {
      const int column = start + (tap_column + j) * a.dilation;
      if (tap_column + j >= a.s || column < 0 || column >= a.w) continue;
      const auto x = load_neighbourhood<T::kCount>(x_row + int64_t{column} * a.c);
#pragma unroll
      for (int e = 0; e < T::kCount; ++e) sum[j][e] += widen(x.value[e]) * widen(dy.value[e]);
    }
  }
}

/// partial[part][tap][channel]
template <class T>
__global__ void __launch_bounds__(kDepthwiseThreads)
    weights_of_part(ConvArguments a, WeightGrid grid, typename T::A::Sum* partial) {
  using Sum = typename T::A::Sum;
  constexpr int kSums = kTapsAtOnce * T::kChannels;
  struct Shared {
    Sum at[T::kLines][kSums];
  };
  const int first_channel = static_cast<int>(blockIdx.x % grid.channel_blocks) * T::kChannels;
  const int three = static_cast<int>(blockIdx.x / grid.channel_blocks % grid.threes);
  const int part = static_cast<int>(blockIdx.x / grid.channel_blocks / grid.threes);
  const int per_row = (a.s + kTapsAtOnce - 1) / kTapsAtOnce;
  const int tap_row = three / per_row, tap_column = three % per_row * kTapsAtOnce;
  const int own = static_cast<int>(threadIdx.x % T::kLanes) * T::kCount;
  const int first = part * grid.depth, end = min(first + grid.depth, a.n * a.p * a.q);
  Sum sum[kTapsAtOnce][T::kCount] = {};
  if (first_channel + own < a.c) sum_taps<T>(sum, a, first, end, tap_row, tap_column, first_channel + own);
  auto& shared = *reinterpret_cast<Shared*>(device::dynamic_shared());
#pragma unroll
  for (int j = 0; j < kTapsAtOnce; ++j) {
#pragma unroll
    for (int e = 0; e < T::kCount; ++e) {
      shared.at[threadIdx.x / T::kLanes][j * T::kChannels + own + e] = sum[j][e];
    }
  }
  __syncthreads();  // the sums of all lines are there
  if (threadIdx.x >= kSums) return;
  Sum total = 0;
  for (int line = 0; line < T::kLines; ++line) total += shared.at[line][threadIdx.x];
  const int tap = tap_column + static_cast<int>(threadIdx.x) / T::kChannels;
  const int channel = first_channel + static_cast<int>(threadIdx.x) % T::kChannels;
  if (tap >= a.s || channel >= a.c) return;
  partial[(int64_t{part} * a.r * a.s + tap_row * a.s + tap) * a.c + channel] = total;
}

/// dw[channel][tap], the parts in their order.
template <class A>
__global__ void __launch_bounds__(kDepthwiseThreads)
    add_weights(typename A::Out* dw, const typename A::Sum* partial, int channels, int taps, int parts) {
  const int64_t at = int64_t{blockIdx.x} * kDepthwiseThreads + threadIdx.x;
  if (at >= int64_t{channels} * taps) return;
  const int64_t tap = at / channels, channel = at % channels;
  typename A::Sum sum = 0;
  for (int part = 0; part < parts; ++part) sum += partial[int64_t{part} * taps * channels + at];
  dw[channel * taps + tap] = narrow<typename A::Out>(sum);
}

template <class T>
void launch_weights(const ConvArguments& a, const WeightGrid& grid, typename T::A::Sum* partial,
                    cudaStream_t stream) {
  using A = typename T::A;
  constexpr int kSharedBytes =
      T::kLines * kTapsAtOnce * T::kChannels * static_cast<int>(sizeof(typename A::Sum));
  device::launch("conv depthwise, weights of a part", weights_of_part<T>,
                 {.grid = static_cast<unsigned>(grid.channel_blocks * grid.threes * grid.parts),
                  .block = kDepthwiseThreads,
                  .shared_bytes = kSharedBytes},
                 stream, a, grid, partial);
  const int64_t elements = int64_t{a.r} * a.s * a.c;
  device::launch("conv depthwise, sum of parts", add_weights<A>,
                 {.grid = static_cast<unsigned>((elements + kDepthwiseThreads - 1) / kDepthwiseThreads),
                  .block = kDepthwiseThreads},
                 stream, static_cast<typename A::Out*>(a.result),
                 static_cast<const typename A::Sum*>(partial), a.c, a.r * a.s, grid.parts);
}

}  // namespace breakeven::cuda
