// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/arithmetic.h"
#include "kernels/cuda/gemm/hopper_arguments.h"
#include "kernels/device/fence.h"
#include "kernels/device/mbarrier.h"
#include "kernels/device/tma.h"
#include "kernels/device/wgmma.h"

// What the Hopper rungs share: a tile of C, the ring of operand stages in shared memory that feeds it, one
// step of loading and one of multiplying. One step is 128 bytes of k, the width of the widest swizzle; one
// wgmma takes 32 of them. A stage of A is [m rows][128 bytes], K-major. A stage of B is, K-major, the same
// with n rows; MN-major (16-bit types, B as given), it is n/64 slabs of [64 of k][64 of n].

namespace breakeven::cuda {

constexpr int kStepBytes = 128, kInstructionBytes = 32, kInstructionRows = 64;
constexpr int kAtomBytes = 8 * kStepBytes;               // 8 rows: the period of the swizzle
constexpr int kWarpgroup = 128, kWarpsPerWarpgroup = 4;  // threads, warps

/// How the elements of a precision lie in B: as given, or turned once at preparation.
template <Precision P>
constexpr device::Major kBMajor = sizeof(typename Arithmetic<P>::In) == 2 ? device::Major::mn
                                                                          : device::Major::k;

/// A tile of C: `m_` x `n_` by `consumers` warpgroups, each with m / consumers rows; `stages` in its ring.
template <Precision P, int m_, int n_, int stages, int consumers = 1>
struct HopperTile {
  using Types = Arithmetic<P>;
  static constexpr Precision kPrecision = P;
  static constexpr int kM = m_, kN = n_, kStages = stages, kConsumers = consumers;
  static constexpr int kRows = kM / consumers;                            // of one warpgroup
  static constexpr int kBlocks = kRows / kInstructionRows;                // of them, one instruction each
  static constexpr int kDepth = kStepBytes / sizeof(typename Types::In);  // k of one step
  static constexpr bool kPromotes = P == Precision::fp8e4m3;              // see multiply_step_promoted
  static constexpr int kABytes = kM * kStepBytes, kBBytes = kN * kStepBytes;
  static_assert(kBlocks * kInstructionRows * consumers == kM);
};

/// The accumulators of one thread: per 64 rows, the fragment that wgmma writes.
template <class T>
struct Sums {
  typename T::Types::Sum of[T::kBlocks][T::kN / 2];
};

/// In dynamic shared memory. Per stage two mbarriers: `full` counts one arrival and the bytes of both tiles,
/// `empty` the warps that have read them.
template <class T>
struct alignas(kAtomBytes) Ring {
  std::byte a[T::kStages][T::kABytes];
  std::byte b[T::kStages][T::kBBytes];
  device::Mbarrier full[T::kStages], empty[T::kStages];
};

/// A place in the ring: the stage and the parity of its current round. Producers wait for empty[stage] with
/// the other parity, so that their first round passes at once.
template <class T>
struct RingPlace {
  int stage = 0, parity = 0;
  __device__ void advance() {
    if (++stage == T::kStages) {
      stage = 0;
      parity ^= 1;
    }
  }
};

/// By the whole block, once. `releases`: arrivals that empty a stage. A cluster still needs its own barrier.
template <class T>
__device__ void start_ring(Ring<T>& ring, int releases) {
  if (threadIdx.x == 0) {
    for (int stage = 0; stage < T::kStages; ++stage) {
      device::mbarrier_init(&ring.full[stage], 1);
      device::mbarrier_init(&ring.empty[stage], releases);
    }
    device::fence_mbarrier_init();
  }
  __syncthreads();
}

/// The warpgroup this thread belongs to, in a form that the compiler knows to be the same in all its lanes.
__device__ inline int warpgroup_of_thread() { return __shfl_sync(0xFFFFFFFFu, threadIdx.x / kWarpgroup, 0); }

/// Steps of k; at least one, so that every ring turns.
template <class T>
__device__ int steps_of(int k) {
  return (k + T::kDepth - 1) / T::kDepth;
}

/// One thread: starts the copies of A for one step, `tile_m` the first row.
template <class T>
__device__ void load_a(Ring<T>& ring, int stage, const HopperArguments& g, const TilePlace& tile, int step) {
  device::tma_load(ring.a[stage], &g.a, &ring.full[stage], step * T::kDepth, tile.m, tile.batch);
}

/// One thread: the same for B.
template <class T>
__device__ void load_b(Ring<T>& ring, int stage, const HopperArguments& g, const TilePlace& tile, int step) {
  const int k = step * T::kDepth;
  if constexpr (kBMajor<T::kPrecision> == device::Major::k) {
    device::tma_load(ring.b[stage], &g.b, &ring.full[stage], k, tile.n, tile.batch);
  } else {
#pragma unroll
    for (int slab = 0; slab < T::kN / kSlabColumns; ++slab) {
      device::tma_load(ring.b[stage] + slab * kSlabBytes, &g.b, &ring.full[stage],
                       tile.n + slab * kSlabColumns, k, tile.batch);
    }
  }
}

/// One thread: promises the bytes of both tiles, then asks for them.
template <class T>
__device__ void load_step(Ring<T>& ring, int stage, const HopperArguments& g, const TilePlace& tile,
                          int step) {
  device::mbarrier_arrive_expect(&ring.full[stage], T::kABytes + T::kBBytes);
  load_a(ring, stage, g, tile, step);
  load_b(ring, stage, g, tile, step);
}

__device__ inline uint64_t a_descriptor(const std::byte* rows) {
  return device::wgmma_descriptor(rows, 16, kAtomBytes);
}
template <class T>
__device__ uint64_t b_descriptor(const std::byte* tile) {
  return device::wgmma_descriptor(tile, kBMajor<T::kPrecision> == device::Major::k ? 16 : kSlabBytes,
                                  kAtomBytes);
}

/// From one instruction's k to the next, in the descriptors' units of 16 bytes.
constexpr int kANextK = kInstructionBytes / 16;
constexpr int kNextBlock = kInstructionRows * kStepBytes / 16;  // to the next 64 rows of A
template <class T>
constexpr int kBNextK =
    kBMajor<T::kPrecision> == device::Major::k ? kANextK : T::kDepth / 4 * kStepBytes / 16;

/// Keeps the compiler from moving uses of the sums across what stands here.
template <class T>
__device__ void pin(Sums<T>& sums) {
#pragma unroll
  for (int block = 0; block < T::kBlocks; ++block) device::wgmma_pin<T::kN>(sums.of[block]);
}

/// fp8: the tensor core's own sums keep about 14 bits, so those of one step (128 of k) are added up outside,
/// in fp32. In parts of 128 columns: the registers hold the sums and one such part. Leaves nothing under way.
template <class T>
__device__ void multiply_step_promoted(Sums<T>& sums, uint64_t a_at, uint64_t b_at) {
  constexpr int kPart = T::kN < 128 ? T::kN : 128, kInstructions = kStepBytes / kInstructionBytes;
#pragma unroll
  for (int part = 0; part < T::kBlocks * T::kN / kPart; ++part) {
    const int block = part / (T::kN / kPart), column = part % (T::kN / kPart) * kPart;
    float partial[kPart / 2];
    device::wgmma_fence();
#pragma unroll
    for (int i = 0; i < kInstructions; ++i) {
      device::wgmma<T::kPrecision, kPart>(partial, a_at + i * kANextK + block * kNextBlock,
                                          b_at + i * kANextK + column * (kStepBytes / 16), i > 0);
    }
    device::wgmma_commit();
    device::wgmma_wait<0>();
    device::wgmma_pin<kPart>(partial);
#pragma unroll
    for (int i = 0; i < kPart / 2; ++i) sums.of[block][column / 2 + i] += partial[i];
  }
}

/// One warpgroup: starts sums += A B of one step and leaves it under way as one group. `a`: its own rows.
template <class T>
__device__ void multiply_step(Sums<T>& sums, const std::byte* a, const std::byte* b) {
  const uint64_t a_at = a_descriptor(a), b_at = b_descriptor<T>(b);
  if constexpr (T::kPromotes) {
    multiply_step_promoted<T>(sums, a_at, b_at);
  } else {
    pin(sums);
    device::wgmma_fence();
#pragma unroll
    for (int i = 0; i < kStepBytes / kInstructionBytes; ++i) {
#pragma unroll
      for (int block = 0; block < T::kBlocks; ++block) {
        device::wgmma<T::kPrecision, T::kN, kBMajor<T::kPrecision>>(
            sums.of[block], a_at + i * kANextK + block * kNextBlock, b_at + i * kBNextK<T>, true);
      }
    }
    device::wgmma_commit();
  }
}

/// Waits until at most `pending` steps are under way; with none, the sums may be read.
template <int pending, class T>
__device__ void wait_for_steps(Sums<T>& sums) {
  device::wgmma_wait<pending>();
  pin(sums);
}

/// The rows of A that consumer 0, 1, ... multiplies.
template <class T>
__device__ const std::byte* a_rows(const Ring<T>& ring, const RingPlace<T>& place, int consumer) {
  return ring.a[place.stage] + consumer * (T::kRows * kStepBytes);
}

/// By every thread of a consumer, once its wait has told that it has read the stage: each warp says so.
template <class T>
__device__ void release(Ring<T>& ring, const RingPlace<T>& place) {
  if (threadIdx.x % 32 == 0) device::mbarrier_arrive(&ring.empty[place.stage]);
}

}  // namespace breakeven::cuda
