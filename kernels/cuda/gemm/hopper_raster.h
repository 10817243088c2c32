// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/gemm/hopper_arguments.h"
#include "kernels/device/language.h"

namespace breakeven::cuda {

/// Where tile `index` of the raster lies; index < tiles() < 2^31. `below`: rows further down, in a cluster.
__device__ inline TilePlace tile_place(const Raster& raster, int index, int below = 0) {
  const int per_batch = raster.rows * raster.columns, in_batch = index % per_batch;
  const int per_group = raster.group * raster.columns, first_row = in_batch / per_group * raster.group;
  const int rows = min(raster.group, raster.rows - first_row);  // of this group: the last may be smaller
  const int in_group = in_batch % per_group;
  return {index / per_batch, (first_row + in_group % rows) * raster.tile_m + below,
          in_group / rows * raster.tile_n};
}

__device__ inline int tiles_of(const Raster& raster) { return raster.batch * raster.rows * raster.columns; }

/// A persistent block, or cluster of blocks, takes every so manieth tile.
template <int cluster = 1>
__device__ int first_tile() {
  return static_cast<int>(blockIdx.x) / cluster;
}
template <int cluster = 1>
__device__ int tile_stride() {
  return static_cast<int>(gridDim.x) / cluster;
}

}  // namespace breakeven::cuda
