// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv/hopper_conv.h"
#include "kernels/cuda/gemm/hopper_raster.h"
#include "kernels/cuda/gemm/hopper_tile.h"

// What the kernels of hopper_pixels.h and hopper_weights.h share: where a pixel lies, and one step of
// multiplying with operands that lie either way.

namespace breakeven::cuda {

constexpr int kConvConsumers = 2, kConvThreads = (1 + kConvConsumers) * kWarpgroup;
constexpr int kConvProducerRegisters = 40, kConvConsumerRegisters = 232;

/// Pixel `index` of all images: which image, which result of each axis.
struct PixelPlace {
  int n, h, w;
};
__device__ inline PixelPlace pixel_place(const ConvAxis& h, const ConvAxis& w, int index) {
  const int row = index / w.count;
  return {row / h.count, row % h.count, index % w.count};
}
/// The filter corner of a result.
__device__ inline int corner(const ConvAxis& axis, int at) { return axis.first + at * axis.step; }

/// One thread: starts the copy of the pixels' channels from `c` on, under tap (i, j), pixel `at` the first.
__device__ inline void load_pixels(void* to, const device::TensorMap* map, device::Mbarrier* full,
                                   const ConvAxis& h, const ConvAxis& w, const PixelPlace& at, int c, int i,
                                   int j) {
  device::tma_load_im2col(to, map, full, c, corner(w, at.w), corner(h, at.h), at.n,
                          static_cast<uint16_t>(j * w.dilation), static_cast<uint16_t>(i * h.dilation));
}

/// From one instruction's k to the next, in the descriptors' units of 16 bytes.
template <class T, device::Major major>
constexpr int kNextK = major == device::Major::k ? kANextK : T::kDepth / 4 * kStepBytes / 16;

/// One warpgroup: starts sums += A B of one step and leaves it under way as one group. `a`: its own 64 rows,
/// [64][k] or one slab [k][64]; `b`: [n][k], or slabs of 64 columns, [k][64].
template <class T, device::Major a_major, device::Major b_major>
__device__ void multiply_conv_step(Sums<T>& sums, const std::byte* a, const std::byte* b) {
  static_assert(T::kBlocks == 1);
  const uint64_t a_at = device::wgmma_descriptor(a, 16, kAtomBytes);  // one slab: no next one to lead to
  const uint64_t b_at =
      device::wgmma_descriptor(b, b_major == device::Major::k ? 16 : kSlabBytes, kAtomBytes);
  pin(sums);
  device::wgmma_fence();
#pragma unroll
  for (int i = 0; i < kStepBytes / kInstructionBytes; ++i) {
    device::wgmma<T::kPrecision, T::kN, b_major, a_major>(sums.of[0], a_at + i * kNextK<T, a_major>,
                                                          b_at + i * kNextK<T, b_major>, true);
  }
  device::wgmma_commit();
}

/// `steps` steps of one tile; returns with all of them done and released.
template <class T, device::Major a_major, device::Major b_major>
__device__ void multiply_conv_tile(Sums<T>& sums, Ring<T>& ring, RingPlace<T>& place, int steps,
                                   int consumer) {
  RingPlace<T> previous = place;
  for (int step = 0; step < steps; ++step, place.advance()) {
    device::mbarrier_wait(&ring.full[place.stage], place.parity);
    multiply_conv_step<T, a_major, b_major>(sums, a_rows(ring, place, consumer), ring.b[place.stage]);
    wait_for_steps<1>(sums);
    if (step > 0) release(ring, previous);
    previous = place;
  }
  wait_for_steps<0>(sums);
  if (steps > 0) release(ring, previous);
}

/// Blocks of a persistent kernel.
inline unsigned conv_blocks(const Raster& raster, int multiprocessors) {
  const int64_t tiles = raster.tiles();
  return static_cast<unsigned>(tiles < multiprocessors ? tiles : multiprocessors);
}

}  // namespace breakeven::cuda
