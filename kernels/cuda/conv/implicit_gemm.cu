// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// implicit_gemm: the convolution as a product of matrices that exist nowhere but tile by tile, in shared
// memory.
//
// Before: direct asked for two elements for every multiply-add. As matrices (conv_tile.h says which), a row
// of one is a position of the output and a column is a tap and a channel; the element there is x somewhere
// else, or zero beyond the border. Written out, that matrix would be r s times as large as x; gathered as its
// tiles are needed, it costs the arithmetic of addresses, most of it once per tile (gather.h).
// Tile: 128 x 128 of C by four warps with mma (fp32: 256 threads with fma), or 64 x 64 where C is small; k in
// steps of 128 bytes, three of them in shared memory. Where C has few tiles, k is split: split_k.h. That is
// the rule with backward weights, whose k is all positions of all images.
// Traffic: an element fetched serves 64 or more multiply-adds; neighbouring taps fetch it again, from L2.
// Alignment: 16 bytes at once where the channels of a group (and its filters) are multiples of that; else
// (an image's 3 colours) element by element.
// Trap: backward data with a stride: most taps of most positions meet nothing, so positions go by phases
// (axis.h). A phase may have no taps at all, and its dx is zero and still has to be written.

#include <algorithm>
#include <array>

#include "kernels/cuda/conv/conv_multiply.h"
#include "kernels/cuda/conv/conv_store.h"
#include "kernels/cuda/conv/product_size.h"
#include "kernels/cuda/cuda.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

/// For gradients both operands are gathered, and the addresses take the registers that 64 x 64 sums per warp
/// leave.
constexpr bool gathers_both(Direction direction) { return direction != Direction::forward; }
template <Precision P, Direction direction>
using LargeMma = ConvMmaTile<P, Generation::ampere, direction, 128, 128, 2, gathers_both(direction) ? 4 : 2,
                             3, gathers_both(direction) ? 1 : 2>;
template <Precision P, Direction direction>
using SmallMma =
    ConvMmaTile<P, Generation::ampere, direction, 64, 64, 2, 2, 3, gathers_both(direction) ? 3 : 4>;
template <Direction direction>
using TuringMma = ConvMmaTile<Precision::fp16, Generation::turing, direction, 64, 64, 2, 2, 2, 2>;
template <Direction direction>
using LargeFma = ConvFmaTile<direction, 128, 128, 3, 2>;
template <Direction direction>
using SmallFma = ConvFmaTile<direction, 64, 64, 3, 2>;

template <class T, Alignment alignment>
__device__ void multiply_tile(const ConvArguments& a, const ConvGrid& grid, const Partials& partials) {
  const ConvPlace at = place_of<T>(a, grid, blockIdx.x);
  const auto product = product_of<T>(a, grid, at);
  typename T::Sum sum[T::kSums] = {};
  sum_tile<T, alignment>(sum, a, at, product);
  if constexpr (std::is_same_v<typename T::Sum, float>) {  // int8 is never split
    if (!add_parts<T::kSums, T::kThreads>(sum, partials, grid.split)) return;
  }
  const auto result = result_of<T>(a, at, product);
  if constexpr (ByFma<T>) {
    store_fma<T>(result, sum, at.row, at.column);
  } else {
    __syncthreads();  // the tiles are used up; patches take their place
    store_mma<T>(result, device::dynamic_shared(), sum, at.row, at.column);
  }
}

template <class T, Alignment alignment>
__global__ void __launch_bounds__(T::kThreads, T::kBlocks)
    implicit_gemm([[maybe_unused]] ConvArguments a, [[maybe_unused]] ConvGrid grid,
                  [[maybe_unused]] Partials partials) {
#if BREAKEVEN_ARCH
  if constexpr (BREAKEVEN_ARCH >= T::kOldestArch) multiply_tile<T, alignment>(a, grid, partials);
#endif
}

/// A compiled kernel and what it was compiled with.
struct ConvKernel {
  void (*entry)(ConvArguments, ConvGrid, Partials);
  int m, n, k, threads, sums, shared_bytes;
};
template <class T, Alignment alignment>
ConvKernel conv_kernel() {
  return {implicit_gemm<T, alignment>, T::kM,          T::kN, T::kK, T::kThreads,
          T::kSums * T::kThreads,      kSharedBytes<T>};
}

int64_t tiles(const ProductSize& size, const ConvKernel& kernel) {
  return size.products * ((size.m + kernel.m - 1) / kernel.m) * ((size.n + kernel.n - 1) / kernel.n);
}

/// Large, small, and the small one for channels that are not aligned. Large tiles where they are filled and,
/// k split where possible, enough for the device.
ConvKernel choose(const std::array<ConvKernel, 3>& kernels, const Conv2d& v, const ProductSize& size,
                  const cudaDeviceProp& device) {
  const int64_t chunk = 16 / breakeven::bytes(facts(v.precision).input);
  const bool filters_too = v.direction != Direction::forward;
  if (v.group_channels() % chunk != 0 || (filters_too && v.group_filters() % chunk != 0)) return kernels[2];
  const ConvKernel& large = kernels[0];
  const bool fits = static_cast<int64_t>(device.sharedMemPerBlockOptin) >= large.shared_bytes;
  const int64_t steps = (size.k + large.k - 1) / large.k;
  const bool enough =
      tiles(size, large) * std::clamp<int64_t>(steps / 8, 1, 64) >= device.multiProcessorCount;
  return fits && enough && size.m > 64 && size.n > 64 ? large : kernels[1];
}

template <template <Direction> class Large, template <Direction> class Small, Direction direction>
std::array<ConvKernel, 3> kernels_of() {
  return {conv_kernel<Large<direction>, Alignment::chunk>(),
          conv_kernel<Small<direction>, Alignment::chunk>(),
          conv_kernel<Small<direction>, Alignment::element>()};
}
template <template <Direction> class Large, template <Direction> class Small>
std::array<ConvKernel, 3> kernels_of(Direction direction) {
  switch (direction) {
    case Direction::backward_data:
      return kernels_of<Large, Small, Direction::backward_data>();
    case Direction::backward_weights:
      return kernels_of<Large, Small, Direction::backward_weights>();
    case Direction::forward:
      break;
  }
  return kernels_of<Large, Small, Direction::forward>();
}

template <Precision P>
struct Mma {
  template <Direction direction>
  using Large = LargeMma<P, direction>;
  template <Direction direction>
  using Small = SmallMma<P, direction>;
};

std::array<ConvKernel, 3> kernels_of(const Conv2d& v, int capability) {
  switch (v.precision) {
    case Precision::fp32:
      return kernels_of<LargeFma, SmallFma>(v.direction);
    case Precision::tf32:
      return kernels_of<Mma<Precision::tf32>::Large, Mma<Precision::tf32>::Small>(v.direction);
    case Precision::bf16:
      return kernels_of<Mma<Precision::bf16>::Large, Mma<Precision::bf16>::Small>(v.direction);
    case Precision::fp16:
      if (capability < 80) return kernels_of<TuringMma, TuringMma>(v.direction);
      return kernels_of<Mma<Precision::fp16>::Large, Mma<Precision::fp16>::Small>(v.direction);
    default:
      return kernels_of<Mma<Precision::int8>::Large, Mma<Precision::int8>::Small, Direction::forward>();
  }
}

class ImplicitGemmPlan : public ConvPlan {
 public:
  ImplicitGemmPlan(const ContextPtr& context, const PlacedConv& placed) : context_(context), placed_(placed) {
    const Conv2d& v = placed.conv;
    const Phases phases = phases_of(v);
    const ProductSize size = product_size(v, phases);
    const cudaDeviceProp& device = context->properties();
    kernel_ = choose(kernels_of(v, context->capability()), v, size, device);
    const int64_t count = tiles(size, kernel_);
    SplitK split{1, static_cast<int>(size.k)};
    if (v.precision != Precision::int8 && count <= 0x7FFFFFFF) split = split_of(size, count, device);
    blocks_ = count * split.parts;
    if (blocks_ > 0x7FFFFFFF)
      throw Unsupported("more than 2^31 - 1 tiles, the most that one launch can have");
    grid_ = {static_cast<int>((size.m + kernel_.m - 1) / kernel_.m),
             static_cast<int>((size.n + kernel_.n - 1) / kernel_.n), split, phases};
    partials_ = PartialsBuffer(count, split.parts, kernel_.sums, context->stream());
    if (v.precision != Precision::fp32 && context->capability() >= 80) {
      require_code(reinterpret_cast<const void*>(kernel_.entry), 80);
    }
  }
  void launch(int64_t slot) override {
    device::launch("conv implicit_gemm", kernel_.entry,
                   {.grid = static_cast<unsigned>(blocks_),
                    .block = static_cast<unsigned>(kernel_.threads),
                    .shared_bytes = kernel_.shared_bytes},
                   context_->stream(), placed_.arguments(slot), grid_, partials_.get());
  }

 private:
  SplitK split_of(const ProductSize& size, int64_t count, const cudaDeviceProp& device) const {
    SplitK split = split_k({.tiles = count,
                            .k = size.k,
                            .step = kernel_.k,
                            .tile_bytes = static_cast<double>(kernel_.m + kernel_.n) * 128 *
                                          static_cast<double>(size.k) / kernel_.k,
                            .partial_bytes = static_cast<double>(kernel_.sums) * 4,
                            .multiprocessors = device.multiProcessorCount});
    if (split.parts == 1) split.depth = static_cast<int>(size.k);
    return split;
  }

  ContextPtr context_;
  const PlacedConv& placed_;
  ConvKernel kernel_{};
  ConvGrid grid_{};
  int64_t blocks_ = 0;
  PartialsBuffer partials_;
};

Reason needs(Precision precision, int capability) {
  return precision == Precision::fp32 ? std::nullopt : needs_ampere_but_for_fp16(precision, capability);
}

int64_t scratch_bytes(const Conv2d& v) { return v.precision == Precision::int8 ? 0 : int64_t{128} << 20; }

std::unique_ptr<ConvPlan> prepare(const ContextPtr& context, PlacedConv& placed) {
  return std::make_unique<ImplicitGemmPlan>(context, placed);
}

}  // namespace

Kernel conv_implicit_gemm(const ContextPtr& context) {
  return own_conv(context, {.name = "conv_implicit_gemm",
                            .summary = "own: a product of matrices gathered tile by tile, mma and fma",
                            .why_not = why_not_implicit_gemm,
                            .prepare = prepare,
                            .needs = needs,
                            .typical_rate = 2e13,
                            .scratch_bytes = scratch_bytes,
                            .file = "implicit_gemm"});
}

}  // namespace breakeven::cuda
