// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The products of a training: linear layers and convolutions, forward and both gradients, as implicit_gemm.cu
// multiplies (tiles gathered into shared memory, mma and fma, k split where results are few), with another
// end: scale, bias, activation and gradients of weights in fp32, which add up.
// Trap: in tf32 activations are kept in fp32, so operands are rounded between shared memory and tensor core
// (kRoundsOperands); an mma would cut them off, which is no rounding.

#include <algorithm>
#include <array>

#include "kernels/cuda/capability.h"
#include "kernels/cuda/conv/conv_multiply.h"
#include "kernels/cuda/conv/product_size.h"
#include "kernels/cuda/train/product.h"
#include "kernels/cuda/train/product_store.h"
#include "kernels/device/launch.h"

namespace breakeven::cuda {
namespace {

/// For gradients both operands are gathered, and the addresses take the registers that 64 x 64 sums per warp
/// leave.
constexpr bool gathers_both(Direction direction) { return direction != Direction::forward; }

template <Precision P, Direction direction>
struct LargeMma : ConvMmaTile<P, Generation::ampere, direction, 128, 128, 2, gathers_both(direction) ? 4 : 2,
                              3, gathers_both(direction) ? 1 : 2> {};
template <Direction direction>
struct LargeMma<Precision::tf32, direction>
    : ConvMmaTile<Precision::tf32, Generation::ampere, direction, 128, 128, 2, 4, 3, 1> {
  static constexpr bool kRoundsOperands = true;
};
template <Precision P, Direction direction>
struct SmallMma : ConvMmaTile<P, Generation::ampere, direction, 64, 64, 2, 2, 3, 3> {};
template <Direction direction>
struct SmallMma<Precision::tf32, direction>
    : ConvMmaTile<Precision::tf32, Generation::ampere, direction, 64, 64, 2, 2, 3, 3> {
  static constexpr bool kRoundsOperands = true;
};
template <Direction direction>
using TuringMma = ConvMmaTile<Precision::fp16, Generation::turing, direction, 64, 64, 2, 2, 2, 2>;
template <Direction direction>
using LargeFma = ConvFmaTile<direction, 128, 128, 3, 2>;
template <Direction direction>
using SmallFma = ConvFmaTile<direction, 64, 64, 3, 2>;

template <class T, Alignment alignment>
__device__ void multiply_tile(const ConvArguments& a, const ConvGrid& grid, const Partials& partials,
                              const ProductEnd& end) {
  const ConvPlace at = place_of<T>(a, grid, blockIdx.x);
  const auto product = product_of<T>(a, grid, at);
  float sum[T::kSums] = {};
  sum_tile<T, alignment>(sum, a, at, product);
  if (!add_parts<T::kSums, T::kThreads>(sum, partials, grid.split)) return;
  const auto result = result_of<T, ProductTypes<T>>(a, at, product);
  if constexpr (ByFma<T>) {
    store_product_fma<T>(result, end, sum, at.row, at.column);
  } else {
    __syncthreads();  // the tiles are used up; patches take their place
    store_product<T>(result, end, device::dynamic_shared(), sum, at.row, at.column);
  }
}

template <class T, Alignment alignment>
__global__ void __launch_bounds__(T::kThreads, T::kBlocks)
    train_product([[maybe_unused]] ConvArguments a, [[maybe_unused]] ConvGrid grid,
                  [[maybe_unused]] Partials partials, [[maybe_unused]] ProductEnd end) {
#if BREAKEVEN_ARCH
  if constexpr (BREAKEVEN_ARCH >= T::kOldestArch) multiply_tile<T, alignment>(a, grid, partials, end);
#endif
}

/// A compiled kernel and what it was compiled with.
struct Compiled {
  void (*entry)(ConvArguments, ConvGrid, Partials, ProductEnd);
  int m, n, k, threads, sums, shared_bytes;
};
template <class T, Alignment alignment>
Compiled compiled() {
  return {train_product<T, alignment>, T::kM,          T::kN, T::kK, T::kThreads,
          T::kSums * T::kThreads,      kSharedBytes<T>};
}

/// Large, small, and the small one for channels that are not aligned.
template <class Large, class Small>
std::array<Compiled, 3> three() {
  return {compiled<Large, Alignment::chunk>(), compiled<Small, Alignment::chunk>(),
          compiled<Small, Alignment::element>()};
}

template <Direction direction>
std::array<Compiled, 3> compiled_for(Precision precision, int capability) {
  switch (precision) {
    case Precision::tf32:
      return three<LargeMma<Precision::tf32, direction>, SmallMma<Precision::tf32, direction>>();
    case Precision::bf16:
      return three<LargeMma<Precision::bf16, direction>, SmallMma<Precision::bf16, direction>>();
    case Precision::fp16:
      if (capability < 80) return three<TuringMma<direction>, TuringMma<direction>>();
      return three<LargeMma<Precision::fp16, direction>, SmallMma<Precision::fp16, direction>>();
    default:
      return three<LargeFma<direction>, SmallFma<direction>>();
  }
}

std::array<Compiled, 3> compiled_for(const Conv2d& v, int capability) {
  switch (v.direction) {
    case Direction::backward_data:
      return compiled_for<Direction::backward_data>(v.precision, capability);
    case Direction::backward_weights:
      return compiled_for<Direction::backward_weights>(v.precision, capability);
    case Direction::forward:
      break;
  }
  return compiled_for<Direction::forward>(v.precision, capability);
}

int64_t parts_of(int64_t all, int64_t each) { return (all + each - 1) / each; }

int64_t tiles_of(const ProductSize& size, const Compiled& kernel) {
  return size.products * parts_of(size.m, kernel.m) * parts_of(size.n, kernel.n);
}

/// Large tiles where they are filled and, k split where possible, enough for the device.
Compiled choose(const Conv2d& v, const ProductSize& size, const Context& context, ProductTile tile) {
  const auto kernels = compiled_for(v, context.capability());
  const cudaDeviceProp& device = context.properties();
  const int64_t chunk = 16 / breakeven::bytes(facts(v.precision).input);
  const bool filters_too = v.direction != Direction::forward;
  if (v.c % chunk != 0 || (filters_too && v.k % chunk != 0)) return kernels[2];
  if (tile != ProductTile::best) return kernels[tile == ProductTile::large ? 0 : 1];
  const Compiled& large = kernels[0];
  const bool fits = static_cast<int64_t>(device.sharedMemPerBlockOptin) >= large.shared_bytes;
  const int64_t splits = std::clamp<int64_t>(parts_of(size.k, large.k) / 8, 1, 64);
  const bool enough = tiles_of(size, large) * splits >= device.multiProcessorCount;
  return fits && enough && size.m > 64 && size.n > 64 ? large : kernels[1];
}

SplitK split_of(const ProductSize& size, const Compiled& kernel, int64_t tiles, int multiprocessors) {
  SplitK split = split_k(
      {.tiles = tiles,
       .k = size.k,
       .step = kernel.k,
       .tile_bytes = static_cast<double>(kernel.m + kernel.n) * 128 * static_cast<double>(size.k) / kernel.k,
       .partial_bytes = static_cast<double>(kernel.sums) * 4,
       .multiprocessors = multiprocessors});
  if (split.parts == 1) split.depth = static_cast<int>(size.k);
  return split;
}

}  // namespace

TrainProduct::TrainProduct(const Context& context, const Conv2d& conv, ProductTile tile) {
  if (const Reason why = why_not_implicit_gemm(conv)) throw Unsupported(conv.name() + ": " + *why);
  const Phases phases = phases_of(conv);
  const ProductSize size = product_size(conv, phases);
  const Compiled kernel = choose(conv, size, context, tile);
  const int64_t tiles = tiles_of(size, kernel);
  if (tiles > 0x7FFFFFFF / 64) throw Unsupported(conv.name() + " has too many tiles for one launch");
  const SplitK split = split_of(size, kernel, tiles, context.properties().multiProcessorCount);
  const int64_t blocks = tiles * split.parts;
  if (split.parts > 1) scratch_ = {blocks * kernel.sums * 4, tiles};
  if (conv.precision != Precision::fp32 && context.capability() >= 80)
    require_code(reinterpret_cast<const void*>(kernel.entry), 80);
  const ConvGrid grid{static_cast<int>(parts_of(size.m, kernel.m)),
                      static_cast<int>(parts_of(size.n, kernel.n)), split, phases};
  const device::Shape shape{.grid = static_cast<unsigned>(blocks),
                            .block = static_cast<unsigned>(kernel.threads),
                            .shared_bytes = kernel.shared_bytes};
  launch_ = [kernel, grid, shape, stream = context.stream()](
                const ConvArguments& arguments, const ProductEnd& end, const ProductPartials& partials) {
    device::launch("train product", kernel.entry, shape, stream, arguments, grid,
                   Partials{partials.sums, partials.arrived}, end);
  };
}

}  // namespace breakeven::cuda
