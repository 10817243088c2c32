// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// depthwise: one channel and one filter a group, so nothing for a product of matrices to share.
//
// Before: implicit_gemm's tiles would have one column. The work is to read x once and to write y once: r s
// multiply-adds for each element of either.
// Tile: forward and backward data, a thread has four neighbouring positions of a row of the result and a
// vector of channels (16 bytes); a block has 32 such fours of 64 channels, and its filters in shared memory,
// turned so that a vector of channels is one access. Each element of x is loaded once per row of taps and
// serves every tap that it meets, from the registers; the caches hold it for the next row of taps. With
// backward weights a thread has three taps and every 32nd position.
// Traffic: x and y once from memory, r times from the first-level cache.
// Trap: backward weights sum over all positions of all images. Blocks leave the sums of their part in scratch
// memory, and another kernel adds the parts in their order: atomic additions would give other bits each time.

#include "kernels/cuda/conv/depthwise_weights.h"
#include "kernels/cuda/cuda.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

constexpr int kWide = 4;  // positions of a thread
constexpr int64_t kMostTaps = 128;

/// The block's filters as sums' type, [tap][channel]; those of channels beyond the last are zero.
template <class T, Direction direction>
__device__ void load_filters(typename T::A::Sum* to, const Slide& v, int channel) {
  const auto* from = static_cast<const typename T::A::In*>(v.filter) + int64_t{channel} * v.taps_h * v.taps_w;
  const int taps = v.taps_h * v.taps_w;
  for (int i = threadIdx.x; i < T::kChannels * taps; i += kDepthwiseThreads) {
    const int own = i / taps, tap = i % taps;
    const int place = direction == Direction::forward ? tap : taps - 1 - tap;
    to[place * T::kChannels + own] = channel + own < v.channels ? widen(from[i]) : typename T::A::Sum{0};
  }
}

/// Four positions of a row and the vectors of x that they meet in row `row`, each loaded once: `taps` and
/// `stride` are known to the compiler.
template <class T, int taps, int stride>
__device__ inline void slide_row(typename T::A::Sum (&sum)[kWide][T::kCount], const typename T::A::In* row,
                                 const typename T::A::Sum* filters, const Slide& v, int out) {
  typename T::A::Sum filter[taps][T::kCount];
#pragma unroll
  for (int j = 0; j < taps; ++j) {
#pragma unroll
    for (int e = 0; e < T::kCount; ++e) filter[j][e] = filters[j * T::kChannels + e];
  }
#pragma unroll
  for (int i = 0; i < (kWide - 1) * stride + taps; ++i) {
    const int column = out * stride + v.first_w + i;
    if (column < 0 || column >= v.in_w) continue;
    const auto x = load_neighbourhood<T::kCount>(row + int64_t{column} * v.channels);
#pragma unroll
    for (int o = 0; o < kWide; ++o) {
      if (i < o * stride || i >= o * stride + taps) continue;
#pragma unroll
      for (int e = 0; e < T::kCount; ++e) sum[o][e] += widen(x.value[e]) * filter[i - o * stride][e];
    }
  }
}

/// The same for any filter.
template <class T>
__device__ inline void slide_any_row(typename T::A::Sum (&sum)[kWide][T::kCount],
                                     const typename T::A::In* row, const typename T::A::Sum* filters,
                                     const Slide& v, int out) {
#pragma unroll 1
  for (int j = 0; j < v.taps_w; ++j) {
#pragma unroll
    for (int o = 0; o < kWide; ++o) {
      const int spread = (out + o) * v.stride + v.first_w + j * v.dilation, column = spread / v.gap;
      if (spread < 0 || column >= v.in_w || column * v.gap != spread) continue;
      const auto x = load_neighbourhood<T::kCount>(row + int64_t{column} * v.channels);
#pragma unroll
      for (int e = 0; e < T::kCount; ++e) {
        sum[o][e] += widen(x.value[e]) * filters[j * T::kChannels + e];
      }
    }
  }
}

template <class T>
__device__ inline void store_fours(const typename T::A::Sum (&sum)[kWide][T::kCount], const Slide& v,
                                   int64_t line, int out, int channel) {
  using A = typename T::A;
  auto* to = static_cast<typename A::Out*>(v.result) + (line * v.out_w + out) * v.channels + channel;
#pragma unroll
  for (int o = 0; o < kWide; ++o) {
    if (out + o >= v.out_w) continue;
    Neighbourhood<typename A::Out, T::kCount> finished;
#pragma unroll
    for (int e = 0; e < T::kCount; ++e) {
      finished.value[e] = finish<A>(sum[o][e], static_cast<const typename A::Bias*>(v.bias), channel + e);
    }
    *reinterpret_cast<Neighbourhood<typename A::Out, T::kCount>*>(to + int64_t{o} * v.channels) = finished;
  }
}

/// `taps` 0: any filter, stride, dilation and gap.
template <class T, Direction direction, int taps, int stride>
__global__ void __launch_bounds__(kDepthwiseThreads) slide(Slide v, int channel_blocks, int64_t fours) {
  using A = typename T::A;
  auto* const filters = reinterpret_cast<typename A::Sum*>(device::dynamic_shared());
  const int first_channel = static_cast<int>(blockIdx.x % channel_blocks) * T::kChannels;
  const int own = static_cast<int>(threadIdx.x % T::kLanes) * T::kCount;
  load_filters<T, direction>(filters, v, first_channel);
  __syncthreads();  // the filters are whole
  const int64_t four = int64_t{blockIdx.x / channel_blocks} * T::kLines + threadIdx.x / T::kLanes;
  if (first_channel + own >= v.channels || four >= fours) return;
  const int per_line = (v.out_w + kWide - 1) / kWide;
  const int64_t line = four / per_line, image = line / v.out_h;
  const int out = static_cast<int>(four - line * per_line) * kWide;
  const int out_row = static_cast<int>(line - image * v.out_h);
  typename A::Sum sum[kWide][T::kCount] = {};
#pragma unroll 1
  for (int i = 0; i < v.taps_h; ++i) {
    const int spread = out_row * v.stride + v.first_h + i * v.dilation, row = spread / v.gap;
    if (spread < 0 || row >= v.in_h || row * v.gap != spread) continue;
    const auto* image_row = static_cast<const typename A::In*>(v.image) +
                            (image * v.in_h + row) * v.in_w * v.channels + first_channel + own;
    const auto* filter_row = filters + i * v.taps_w * T::kChannels + own;
    if constexpr (taps > 0) {
      slide_row<T, taps, stride>(sum, image_row, filter_row, v, out);
    } else {
      slide_any_row<T>(sum, image_row, filter_row, v, out);
    }
  }
  store_fours<T>(sum, v, line, out, first_channel + own);
}

template <class T, Direction direction>
void launch_slide(const Slide& v, cudaStream_t stream) {
  const int channel_blocks = (v.channels + T::kChannels - 1) / T::kChannels;
  const int64_t fours = int64_t{v.images} * v.out_h * ((v.out_w + kWide - 1) / kWide);
  const int64_t blocks = (fours + T::kLines - 1) / T::kLines * channel_blocks;
  if (blocks > 0x7FFFFFFF) throw Unsupported("more than 2^31 - 1 blocks, the most that one launch can have");
  const auto start = [&](auto* kernel) {
    device::launch("conv depthwise", kernel,
                   {.grid = static_cast<unsigned>(blocks),
                    .block = kDepthwiseThreads,
                    .shared_bytes = int64_t{v.taps_h} * v.taps_w * T::kChannels *
                                    static_cast<int64_t>(sizeof(typename T::A::Sum))},
                   stream, v, channel_blocks, fours);
  };
  if constexpr (T::kCount > 1 && std::is_same_v<typename T::A::Sum, float>) {
    const bool dense = v.dilation == 1 && v.gap == 1;
    if (dense && v.taps_w == 3 && v.stride == 1) return start(slide<T, direction, 3, 1>);
    if (dense && v.taps_w == 5 && v.stride == 1) return start(slide<T, direction, 5, 1>);
    if constexpr (direction == Direction::forward) {
      if (dense && v.taps_w == 3 && v.stride == 2) return start(slide<T, direction, 3, 2>);
    }
  }
  start(slide<T, direction, 0, 0>);
}

class SlidePlan : public ConvPlan {
 public:
  SlidePlan(const ContextPtr& context, const PlacedConv& placed) : context_(context), placed_(placed) {}
  void launch(int64_t slot) override {
    const ConvArguments a = placed_.arguments(slot);
    const bool forward = placed_.conv.direction == Direction::forward;
    with_precision<Precision::fp64, Precision::int8>(placed_.conv.precision, [&]<Precision P>() {
      if (a.c % kDepthwiseVector<P> == 0) {
        start<DepthwiseShape<P, kDepthwiseVector<P>>>(a, forward);
      } else {
        start<DepthwiseShape<P, 1>>(a, forward);
      }
    });
  }

 private:
  template <class T>
  void start(const ConvArguments& a, bool forward) const {
    if (forward) return launch_slide<T, Direction::forward>(forward_slide(a), context_->stream());
    if constexpr (!std::is_same_v<typename T::A::Sum, int32_t>) {
      launch_slide<T, Direction::backward_data>(backward_slide(a), context_->stream());
    }
  }
  ContextPtr context_;
  const PlacedConv& placed_;
};

class WeightsPlan : public ConvPlan {
 public:
  WeightsPlan(const ContextPtr& context, const PlacedConv& placed) : context_(context), placed_(placed) {
    each_shape([&]<class T>() {
      const Conv2d& v = placed.conv;
      grid_ = weight_grid<T>(v, context->properties().multiProcessorCount);
      partial_ =
          DeviceBuffer(grid_.parts * v.r * v.s * v.c * static_cast<int64_t>(sizeof(typename T::A::Sum)), 1,
                       context->stream());
    });
  }
  void launch(int64_t slot) override {
    each_shape([&]<class T>() {
      launch_weights<T>(placed_.arguments(slot), grid_, partial_.as<typename T::A::Sum>(),
                        context_->stream());
    });
  }

 private:
  template <class F>
  void each_shape(const F& f) const {
    with_precision<Precision::fp64>(placed_.conv.precision, [&]<Precision P>() {
      if (placed_.conv.c % kDepthwiseVector<P> == 0) {
        f.template operator()<DepthwiseShape<P, kDepthwiseVector<P>>>();
      } else {
        f.template operator()<DepthwiseShape<P, 1>>();
      }
    });
  }
  ContextPtr context_;
  const PlacedConv& placed_;
  WeightGrid grid_{};
  DeviceBuffer partial_;
};

std::unique_ptr<ConvPlan> prepare(const ContextPtr& context, PlacedConv& placed) {
  if (placed.conv.direction == Direction::backward_weights) {
    return std::make_unique<WeightsPlan>(context, placed);
  }
  return std::make_unique<SlidePlan>(context, placed);
}

Reason why_not(const Conv2d& v) {
  if (v.groups != v.c || v.groups != v.k) return "made for one channel and one filter a group";
  if (v.r * v.s > kMostTaps) return "a filter of more than 128 taps, for which a block has no room";
  if (v.n * v.p() * v.q() > 1 << 30) return "more than 2^30 positions";
  return why_not_conv_on_cuda_cores(v);
}

int64_t scratch_bytes(const Conv2d& v) {
  if (v.direction != Direction::backward_weights) return 0;
  return kMostParts * v.r * v.s * v.c * breakeven::bytes(v.bias_element());
}

}  // namespace

Kernel conv_depthwise(const ContextPtr& context) {
  return own_conv(context,
                  {.name = "conv_depthwise",
                   .summary = "own: one channel a group, four positions and a vector of channels a thread",
                   .why_not = why_not,
                   .prepare = prepare,
                   .typical_rate = 1e12,
                   .scratch_bytes = scratch_bytes,
                   .file = "depthwise"});
}

}  // namespace breakeven::cuda
