// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/gemm.h"
#include "kernels/cuda/device_buffer.h"
#include "kernels/device/language.h"

// Where C has fewer tiles than the device has room for blocks, several blocks share a tile: each sums a part
// of k, and the last to finish adds up the parts. In the order of k, whoever is last: the same bits each
// time.

namespace breakeven::cuda {

/// k in `parts` of `depth` (the last may be shorter). Block b works on part b % parts of tile b / parts.
struct SplitK {
  int parts, depth;
};

/// What the split is weighed by.
struct SplitLoad {
  int64_t tiles;  // blocks of an unsplit launch
  int64_t k;
  int step;              // `depth` is a multiple of it
  double tile_bytes;     // of operands that one tile reads along all of k
  double partial_bytes;  // of sums that one part of a tile leaves
  int multiprocessors;
};

/// The cheapest split: the time of a launch is the bytes it reads at the rate that its blocks can draw (all
/// of it from one and a half blocks per multiprocessor on; two fit at once), and writing and reading the
/// parts.
inline SplitK split_k(const SplitLoad& load) {
  const double enough = 1.5 * load.multiprocessors, at_once = 2.0 * load.multiprocessors;
  const int64_t few = std::max<int64_t>(1, static_cast<int64_t>(4 * at_once) / load.tiles);
  const int64_t most = std::min({int64_t{64}, few, (load.k + load.step - 1) / load.step});
  SplitK best{1, 0};
  double least = 0;
  for (int64_t parts = 1; parts <= most; ++parts) {
    const int64_t depth = ((load.k + parts - 1) / parts + load.step - 1) / load.step * load.step;
    if ((load.k + depth - 1) / depth != parts) continue;
    const double blocks = static_cast<double>(load.tiles * parts);
    const double waves = static_cast<double>(static_cast<int64_t>((blocks + at_once - 1) / at_once));
    const double idle = std::max({1.0, enough / blocks, blocks > at_once ? waves * at_once / blocks : 1.0});
    const double bytes =
        load.tiles * (load.tile_bytes * idle + (parts > 1 ? 2 * parts * load.partial_bytes : 0));
    if (parts == 1 || bytes < least) {
      least = bytes;
      best = {static_cast<int>(parts), static_cast<int>(depth)};
    }
  }
  return best;
}

/// At most this much is needed for sums: tiles are split only where there are few.
inline int64_t split_k_scratch_bytes(const Gemm&) { return int64_t{64} << 20; }

/// The parts' sums in device memory, [tile][part][sum][thread], and how many parts of each tile are there.
struct Partials {
  float* sums;
  unsigned* arrived;
};

class PartialsBuffer {
 public:
  PartialsBuffer() = default;
  PartialsBuffer(int64_t tiles, int parts, int64_t sums_per_tile, cudaStream_t stream) {
    if (parts == 1) return;
    sums_ = DeviceBuffer(tiles * parts * sums_per_tile * 4, 1, stream);
    arrived_ = DeviceBuffer(tiles * 4, 1, stream);
    arrived_.fill(0, stream);
  }
  Partials get() const { return {sums_.as<float>(), arrived_.as<unsigned>()}; }

 private:
  DeviceBuffer sums_, arrived_;
};

/// Whether this block is the last of its tile; its threads then see what all the others wrote before.
/// Traps: every thread must have its own writes ordered before the count (the fence comes before the
/// barrier), and the count must be zero again for the next launch.
__device__ inline bool last_of_tile(unsigned* arrived, int parts) {
  struct Last {
    bool value;
  };
  auto& last = device::static_shared<Last>();
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    last.value = atomicAdd(arrived, 1u) == static_cast<unsigned>(parts - 1);
    if (last.value) *arrived = 0;
  }
  __syncthreads();
  __threadfence();
  return last.value;
}

/// Each thread of the block hands in `count` sums. True in the last block of the tile, whose `sum` are then
/// the totals; the others have nothing left to do.
template <int count, int threads>
__device__ inline bool add_parts(float (&sum)[count], const Partials& partials, const SplitK& split) {
  if (split.parts == 1) return true;
  const unsigned tile = blockIdx.x / split.parts, part = blockIdx.x % split.parts;
  float* place = partials.sums + int64_t{tile} * split.parts * count * threads + threadIdx.x;
#pragma unroll
  for (int i = 0; i < count; ++i) place[(int64_t{part} * count + i) * threads] = sum[i];
  if (!last_of_tile(partials.arrived + tile, split.parts)) return false;
#pragma unroll
  for (int i = 0; i < count; ++i) sum[i] = place[i * threads];
  for (int next = 1; next < split.parts; ++next) {
#pragma unroll
    for (int i = 0; i < count; ++i) sum[i] += place[(int64_t{next} * count + i) * threads];
  }
  return true;
}

}  // namespace breakeven::cuda
