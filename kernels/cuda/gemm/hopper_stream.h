// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/gemm/hopper_staging.h"
#include "kernels/device/cache.h"

// What stream_k adds to the Hopper rungs: how a block walks its share of the steps, and how partial sums pass
// from block to block.

namespace breakeven::cuda {

/// Kernel parameters. The first `tiles` tiles are shared out by their steps among the first `blocks` blocks;
/// the rest are taken whole, in turn, by all.
struct SharedOut {
  int tiles, blocks;
  uint4* partials;  // per block and consumer: [registers / 4][128 threads]
  unsigned* flags;  // per block and consumer: 1 while its partial sum waits to be taken
};

/// Steps [first, last) of a tile.
struct Segment {
  int tile, first, last;
};

/// A block's share, last tile first, then its whole tiles. Producer and consumers walk alike.
class ShareWalk {
 public:
  __device__ ShareWalk(const SharedOut& out, int steps, int tiles)
      : out_(out), steps_(steps), tiles_(tiles), whole_(out.tiles + static_cast<int>(blockIdx.x)) {
    begin_ = end_ = 0;
    if (static_cast<int>(blockIdx.x) < out.blocks) {
      begin_ = begin_of(blockIdx.x);
      end_ = begin_of(blockIdx.x + 1);
    }
  }
  __device__ bool next(Segment& segment) {
    if (end_ > begin_) {
      const int tile = (end_ - 1) / steps_, start = max(begin_, tile * steps_);
      segment = {tile, start - tile * steps_, end_ - tile * steps_};
      end_ = start;
      return true;
    }
    if (whole_ >= tiles_) return false;
    segment = {whole_, 0, steps_};
    whole_ += static_cast<int>(gridDim.x);
    return true;
  }
  /// The block whose share contains step 0 of a tile: the largest x with begin_of(x) <= that.
  __device__ int first_block(int tile) const {
    const int64_t step = int64_t{tile} * steps_;
    return static_cast<int>(((step + 1) * out_.blocks - 1) / (int64_t{out_.tiles} * steps_));
  }

 private:
  __device__ int begin_of(int64_t block) const {
    return static_cast<int>(block * out_.tiles * steps_ / out_.blocks);
  }
  const SharedOut& out_;
  int steps_, tiles_;
  int begin_, end_;  // what is left of the share, in steps of the first `tiles` tiles in line
  int whole_;        // the next whole tile
};

/// The place of a block's and consumer's partial sum, this thread's part: 128 vectors apart.
template <class T>
__device__ uint4* partial_of(const SharedOut& out, int block, int consumer) {
  constexpr int kVectors = T::kBlocks * T::kN / 2 / 4;
  return out.partials + (int64_t{block} * T::kConsumers + consumer) * kVectors * kWarpgroup +
         threadIdx.x % kWarpgroup;
}

/// One consumer: stores its sums in the workspace, makes them visible, then raises the flag.
template <class T>
__device__ void leave_partial(const Sums<T>& sums, const SharedOut& out, int consumer) {
  uint4* to = partial_of<T>(out, blockIdx.x, consumer);
#pragma unroll
  for (int block = 0; block < T::kBlocks; ++block) {
#pragma unroll
    for (int i = 0; i < T::kN / 2; i += 4, to += kWarpgroup) {
      uint4 four;
      memcpy(&four, &sums.of[block][i], sizeof four);
      *to = four;
    }
  }
  __threadfence();
  consumer_sync(consumer);
  if (threadIdx.x % kWarpgroup == 0) {
    atomicExch(&out.flags[blockIdx.x * T::kConsumers + consumer], 1u);
  }
}

/// One consumer: waits for the partial sums of blocks first .. this - 1, takes them and adds them in order.
template <class T>
__device__ void add_partials(Sums<T>& sums, const SharedOut& out, int first, int consumer) {
  for (int from = first; from < static_cast<int>(blockIdx.x); ++from) {
    if (threadIdx.x % kWarpgroup == 0) {
      while (atomicExch(&out.flags[from * T::kConsumers + consumer], 0u) == 0) __nanosleep(32);
      __threadfence();
    }
    consumer_sync(consumer);
    const uint4* partial = partial_of<T>(out, from, consumer);
#pragma unroll
    for (int block = 0; block < T::kBlocks; ++block) {
#pragma unroll
      for (int i = 0; i < T::kN / 2; i += 4, partial += kWarpgroup) {
        const uint4 four = device::load_streaming(partial);
        typename T::Types::Sum values[4];
        memcpy(values, &four, sizeof four);
#pragma unroll
        for (int j = 0; j < 4; ++j) sums.of[block][i + j] += values[j];
      }
    }
  }
}

}  // namespace breakeven::cuda
