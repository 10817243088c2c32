// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// fp32_tensor: fp32 on tensor cores, no less accurate than on CUDA cores.
//
// Bounded before: fp32 multiply-adds, 67 Tflop/s on an H200. Tensor cores multiply bf16 fifteen times as
// fast. Each number becomes three bf16 (fp32_planes.h), and the product six: high high, high middle, middle
// high, middle middle, high low, low high. The three that are left out are below 2^-25 of the whole. Tile:
// 128 x 128 of C, one warpgroup that loads, two that multiply 64 rows each. A block of 64 along k is three
// steps of the ring, one for each plane of A and B (32 KiB); two blocks fit, 192 KiB. Loaded once, each plane
// is used twice or three times. Traffic: 96 KiB for 6 x 128 x 128 x 64 multiply-adds, two thirds of what a
// bf16 kernel of 128 x 256 asks for. Trap: tensor cores add in fp32 but cut off instead of rounding: over a
// long k, all errors lean towards zero. So the sums of each block of k start from nothing, small products
// first, and are added to the whole by CUDA cores, which round. The other consumer multiplies meanwhile.
// Trap: infinity times a part that is zero is NaN, where fp32 would have given infinity.

#include <vector>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm/fp32_planes.h"
#include "kernels/cuda/gemm/hopper_choice.h"
#include "kernels/cuda/gemm/hopper_epilogue.h"
#include "kernels/cuda/gemm/hopper_maps.h"
#include "kernels/cuda/gemm/hopper_raster.h"
#include "kernels/device/launch.h"
#include "kernels/device/registers.h"

namespace breakeven::cuda {
namespace {

constexpr int kConsumers = 2, kThreads = (1 + kConsumers) * kWarpgroup, kBlocksOfK = 2;
[[maybe_unused]] constexpr int kProducerRegisters = 40, kConsumerRegisters = 232;

/// The operands of a bf16 tile, the result of an fp32 one.
struct SplitTile : HopperTile<Precision::bf16, 128, 128, kBlocksOfK * kPlanes, kConsumers> {
  using Types = Arithmetic<Precision::fp32>;
};
using T = SplitTile;
static_assert(T::kDepth == kPlaneDepth);
using Partial = float[T::kN / 2];

enum Plane : uint8_t { middle, high, low };  // in the order of the ring

/// Where the planes of one block of k lie in the ring.
struct BlockPlace {
  int first, parity;
  __device__ explicit BlockPlace(int block)
      : first(block % kBlocksOfK * kPlanes), parity(block / kBlocksOfK % 2) {}
  __device__ RingPlace<T> of(Plane plane) const { return {first + plane, parity}; }
};

/// Starts partial = (or +=) a b, one plane of each.
__device__ inline void multiply_planes(Partial& partial, const Ring<T>& ring, const BlockPlace& place,
                                       int consumer, Plane a, Plane b, bool accumulate) {
  const uint64_t a_at = a_descriptor(a_rows(ring, place.of(a), consumer));
  const uint64_t b_at = b_descriptor<T>(ring.b[place.first + b]);
#pragma unroll
  for (int i = 0; i < kStepBytes / kInstructionBytes; ++i) {
    device::wgmma<T::kPrecision, T::kN, kBMajor<T::kPrecision>>(partial, a_at + i * kANextK,
                                                                b_at + i * kBNextK<T>, accumulate || i > 0);
  }
}

__device__ inline void wait_full(const Ring<T>& ring, const RingPlace<T>& place) {
  device::mbarrier_wait(&ring.full[place.stage], place.parity);
}

/// partial = the six products of one block of k, which is given back to the producer.
__device__ inline void multiply_block(Partial& partial, Ring<T>& ring, const BlockPlace& place,
                                      int consumer) {
  const auto multiply = [&](Plane a, Plane b, bool accumulate = true) {
    multiply_planes(partial, ring, place, consumer, a, b, accumulate);
  };
  wait_full(ring, place.of(middle));
  wait_full(ring, place.of(high));
  device::wgmma_pin<T::kN>(partial);
  device::wgmma_fence();
  multiply(middle, middle, false);
  multiply(middle, high);
  multiply(high, middle);
  device::wgmma_commit();
  wait_full(ring, place.of(low));
  device::wgmma_fence();  // demanded wherever the flow of control has joined since the last one
  multiply(low, high);
  multiply(high, low);
  multiply(high, high);
  device::wgmma_commit();
  device::wgmma_wait<1>();
  release(ring, place.of(middle));
  device::wgmma_wait<0>();
  device::wgmma_pin<T::kN>(partial);
  release(ring, place.of(high));
  release(ring, place.of(low));
}

/// One thread. `g.k`: along the planes.
[[maybe_unused]] __device__ void produce(Ring<T>& ring, const HopperArguments& g, const TilePlace& tile) {
  const int steps = steps_of<T>(g.k);
  RingPlace<T> place;
  for (int step = 0; step < steps; ++step, place.advance()) {
    device::mbarrier_wait(&ring.empty[place.stage], place.parity ^ 1);
    load_step(ring, place.stage, g, tile, step);
  }
}

[[maybe_unused]] __device__ void consume(Ring<T>& ring, const HopperArguments& g, const TilePlace& tile,
                                         int consumer) {
  const int blocks = g.k / kBlockDepth;
  Sums<T> sums = {};
  for (int block = 0; block < blocks; ++block) {
    Partial partial;
    multiply_block(partial, ring, BlockPlace(block), consumer);
#pragma unroll
    for (int i = 0; i < T::kN / 2; ++i) sums.of[0][i] += partial[i];
  }
  store_direct(sums, g, tile, tile.m + consumer * T::kRows);
}

__global__ void __launch_bounds__(kThreads, 1)
    fp32_tensor([[maybe_unused]] const __grid_constant__ HopperArguments g) {
#if BREAKEVEN_HOPPER
  auto& ring = *reinterpret_cast<Ring<T>*>(device::dynamic_shared());
  const TilePlace tile = tile_place(g.raster, static_cast<int>(blockIdx.x));
  start_ring(ring, kConsumers * kWarpsPerWarpgroup);
  const int warpgroup = warpgroup_of_thread();
  if (warpgroup == 0) {
    device::registers_decrease<kProducerRegisters>();
    if (threadIdx.x == 0) produce(ring, g, tile);
  } else {
    device::registers_increase<kConsumerRegisters>();
    consume(ring, g, tile, warpgroup - 1);
  }
#endif
}

int64_t a_bytes(const Gemm& g) { return g.batch * g.m * planes_depth(g.k) * 2; }
int64_t b_bytes(const Gemm& g) { return g.batch * planes_depth(g.k) * planes_columns(g.n) * 2; }
int64_t scratch_bytes(const Gemm& g) { return a_bytes(g) + b_bytes(g); }

/// The planes are made anew in every execution, and their time counts.
class Fp32TensorPlan : public GemmPlan {
 public:
  Fp32TensorPlan(const ContextPtr& context, const PlacedGemm& placed)
      : context_(context),
        placed_(placed),
        a_(a_bytes(placed.gemm), 1, context->stream()),
        b_(b_bytes(placed.gemm), 1, context->stream()) {
    require_code(reinterpret_cast<const void*>(fp32_tensor), 90);
    const Gemm& g = placed.gemm;
    const int rows = static_cast<int>((g.m + T::kM - 1) / T::kM),
              columns = static_cast<int>((g.n + T::kN - 1) / T::kN);
    const HopperLimits limits{.multiprocessors = context->properties().multiProcessorCount,
                              .blocks_per_multiprocessor = 1,
                              .cluster = 1};
    const Raster raster{
        static_cast<int>(g.batch), rows, columns, choose_group({T::kM, T::kN}, rows, limits), T::kM, T::kN};
    if (raster.tiles() > 0x7FFFFFFF) throw Unsupported("more than 2^31 - 1 tiles of 128 x 128");
    for (int64_t slot = 0; slot < placed.c.copies(); ++slot) arguments_.push_back(describe(slot, raster));
  }

  void launch(int64_t slot) override {
    const Gemm& g = placed_.gemm;
    split_a(a_.at(0), placed_.a.at(slot), g.batch * g.m, g.k, context_->stream());
    split_b(b_.at(0), placed_.b.at(slot), g.batch, g.k, g.n, context_->stream());
    const HopperArguments& arguments = arguments_[static_cast<size_t>(slot)];
    device::launch("gemm fp32_tensor", fp32_tensor,
                   {.grid = static_cast<unsigned>(arguments.raster.tiles()),
                    .block = kThreads,
                    .shared_bytes = sizeof(Ring<T>)},
                   context_->stream(), arguments);
  }

 private:
  HopperArguments describe(int64_t slot, const Raster& raster) const {
    const Gemm& g = placed_.gemm;
    const int64_t depth = planes_depth(g.k), columns = planes_columns(g.n);
    HopperArguments h = {};
    h.a = tensor_map({a_.at(0), Element::bf16, g.batch, g.m, depth, depth * 2, T::kM, kPlaneDepth});
    h.b = tensor_map(
        {b_.at(0), Element::bf16, g.batch, depth, columns, columns * 2, kPlaneDepth, kSlabColumns});
    h.c_elements = placed_.c.at(slot);
    h.bias = placed_.bias.as<const float>(slot);
    h.m = static_cast<int>(g.m);
    h.n = static_cast<int>(g.n);
    h.k = static_cast<int>(depth);
    h.raster = raster;
    return h;
  }

  ContextPtr context_;
  const PlacedGemm& placed_;
  DeviceBuffer a_, b_;                      // planes, of whichever slot runs
  std::vector<HopperArguments> arguments_;  // of every slot
};

std::unique_ptr<GemmPlan> prepare(const ContextPtr& context, PlacedGemm& placed) {
  return std::make_unique<Fp32TensorPlan>(context, placed);
}

Reason why_not(const Gemm& gemm) {
  if (gemm.precision == Precision::fp32) return std::nullopt;
  return "computes fp32 alone, from bf16 parts";
}

}  // namespace

Kernel gemm_fp32_tensor(const ContextPtr& context) {
  return own_gemm(context,
                  {.name = "fp32_tensor",
                   .summary = "own: fp32 from six bf16 products on tensor cores, as accurate as fp32",
                   .why_not = why_not,
                   .prepare = prepare,
                   .needs = needs_hopper,
                   .scratch_bytes = scratch_bytes});
}

}  // namespace breakeven::cuda
