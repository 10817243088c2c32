// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda.h>

#include <cstdint>

// What the host hands to the Hopper rungs' kernels, and how tiles of C are numbered.

namespace breakeven::cuda {

/// MN-major B and staged C lie in shared memory as slabs of 64 rows of 128 bytes.
constexpr int kSlabRows = 64, kSlabColumns = 64, kSlabBytes = kSlabRows * 128;  // columns of 16-bit types

/// The tiles that cover C[batch, m, n] and the order in which they are taken: `group` rows of tiles are
/// walked column by column, then the next `group`, so that tiles that run at the same time share rows of A
/// and columns of B in the L2 cache. group = 1 is plain row-major order.
struct Raster {
  int batch, rows, columns;  // tiles
  int group;
  int tile_m, tile_n;  // elements; in a cluster, m of all its blocks together

  int64_t tiles() const { return int64_t{batch} * rows * columns; }
};

/// First row and column of a tile, in elements.
struct TilePlace {
  int batch, m, n;
};

/// Kernel parameters, passed as `const __grid_constant__`: the tensor maps must not be copied.
struct HopperArguments {
  CUtensorMap a, b, c;  // c: only where `c_by_tma`
  void* c_elements;
  const float* bias;  // null: no epilogue
  int m, n, k;
  bool c_by_tma;  // rows of C are multiples of 16 bytes
  Raster raster;
};

}  // namespace breakeven::cuda
