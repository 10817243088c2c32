// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cuda/conv/conv_tile.h"
#include "kernels/cuda/conv/gather.h"
#include "kernels/cuda/gemm/split_k.h"

// The matrices of a convolution, and the ring of stages that their tiles pass through.

namespace breakeven::cuda {

/// The grid: phases, groups, tiles of C and parts of k, the last of them varying fastest.
struct ConvGrid {
  int rows, columns;  // tiles of one product
  SplitK split;
  Phases phases;
};

/// Where a block's work lies.
struct ConvPlace {
  int phase_y, phase_x, group;
  int64_t row;
  int column;        // of C
  int first_k, end;  // of this block's part; before it is cut to what the product has
};
template <class T>
__device__ inline ConvPlace place_of(const ConvArguments& a, const ConvGrid& grid, unsigned block) {
  const unsigned part = block % grid.split.parts, tile = block / grid.split.parts;
  const unsigned line = tile / grid.columns, product = line / grid.rows, phase = product / a.groups;
  const int first = static_cast<int>(part) * grid.split.depth;
  return {static_cast<int>(phase / grid.phases.x),
          static_cast<int>(phase % grid.phases.x),
          static_cast<int>(product % a.groups),
          int64_t{line % grid.rows} * T::kM,
          static_cast<int>(tile % grid.columns) * T::kN,
          first,
          first + grid.split.depth};
}

/// One group's product. Which members are used depends on the direction: see conv_tile.h.
template <class In>
struct ConvProduct {
  Gathered<In> image;
  const In* dense;          // forward: this group's filters; backward weights: dy of this group
  TurnedFilter<In> turned;  // backward data
  int columns, depth;       // of C, and k
  int64_t rows;
};

template <class T, class In = typename T::Types::In>
__device__ inline ConvProduct<In> product_of(const ConvArguments& a, const ConvGrid& grid,
                                             const ConvPlace& at) {
  constexpr Direction kDirection = T::Operands::kDirection;
  const int channels = a.c / a.groups, filters = a.k / a.groups;
  const auto* first = static_cast<const In*>(a.first);
  const auto* second = static_cast<const In*>(a.second);
  ConvProduct<In> made = {};
  if constexpr (kDirection == Direction::backward_data) {
    const Axis y = backward_axis(a, grid.phases, at.phase_y, a.h, a.r, a.p);
    const Axis x = backward_axis(a, grid.phases, at.phase_x, a.w, a.s, a.q);
    made.image = {first + int64_t{at.group} * filters, y, x, a.n, a.k, filters};
    made.turned = {
        second + int64_t{at.group} * filters * a.r * a.s * channels, y, x, a.r, a.s, filters, channels};
    made.columns = channels;
    made.depth = y.taps * x.taps * filters;
    made.rows = int64_t{a.n} * y.count * x.count;
  } else {
    const Axis y = forward_axis(a, a.p, a.r, a.h), x = forward_axis(a, a.q, a.s, a.w);
    made.image = {first + int64_t{at.group} * channels, y, x, a.n, a.c, channels};
    const int taps = a.r * a.s * channels;
    const int64_t positions = int64_t{a.n} * a.p * a.q;
    if constexpr (kDirection == Direction::forward) {
      made.dense = second + int64_t{at.group} * filters * taps;
      made.columns = filters, made.depth = taps, made.rows = positions;
    } else {
      made.dense = second + int64_t{at.group} * filters;
      made.columns = taps, made.depth = static_cast<int>(positions), made.rows = filters;
    }
  }
  return made;
}

/// Rows of the gathered operand: those of A, once for all of k; or with backward weights those of k, for as
/// many steps as there are stages.
template <class T>
struct RowTable {
  static constexpr bool kPerStep = T::Operands::kDirection == Direction::backward_weights;
  static constexpr int kRows = kPerStep ? T::kStages * T::kK : T::kM;
  static constexpr int kBytes = kRows * static_cast<int>(sizeof(GatheredRow));
};

/// The ring of stages in shared memory and what fills it.
template <class T, Alignment alignment>
struct ConvRing {
  using In = typename T::Types::In;
  using Table = RowTable<T>;
  static constexpr Direction kDirection = T::Operands::kDirection;
  std::byte* stages;
  GatheredRow* table;
  const ConvProduct<In>& product;
  int64_t row;               // of the tile of C
  int column, first_k, end;  // of the tile, and of the part of k
  int pitch;                 // of dense: distance of its rows

  __device__ std::byte* stage(int step) const { return stages + step % T::kStages * T::kStageBytes; }
  /// Works out the rows of one step; for whoever comes after the next barrier.
  __device__ void describe(int step) const {
    if constexpr (Table::kPerStep) {
      if (threadIdx.x >= T::kK) return;
      const int k = first_k + step * T::kK + static_cast<int>(threadIdx.x);
      table[step % T::kStages * T::kK + threadIdx.x] =
          k < end ? product.image.row(k) : GatheredRow{0, kNowhere, 0};
    }
  }
  __device__ void describe_all() const {
    if constexpr (Table::kPerStep) {
      for (int step = 0; step < T::kStages; ++step) describe(step);
    } else {
      for (int i = threadIdx.x; i < T::kM; i += T::kThreads) table[i] = product.image.row(row + i);
    }
  }
  /// Starts to fill the stage of `step`; one group, empty beyond the last step.
  __device__ void copy(int step) const {
    const int k = first_k + step * T::kK;
    if (k < end) {
      copy_a(stage(step), step, k);
      copy_b(stage(step) + T::kBytesA, step, k);
    }
    device::cp_async_commit();
  }
  __device__ void copy_a(std::byte* to, [[maybe_unused]] int step, int k) const {
    using Layout = typename T::LayoutA;
    if constexpr (kDirection == Direction::backward_weights) {
      const int first = static_cast<int>(row);
      copy_corner<Layout, T::kK, T::kThreads, alignment>(to, product.dense + int64_t{k} * pitch + first,
                                                         pitch, end - k,
                                                         static_cast<int>(product.rows) - first);
    } else {
      gather_tile<Layout, T::kM, T::kThreads, alignment>(to, product.image, table, k, end);
    }
  }
  __device__ void copy_b(std::byte* to, [[maybe_unused]] int step, int k) const {
    using Layout = typename T::LayoutB;
    if constexpr (kDirection == Direction::forward) {
      copy_corner<Layout, T::kN, T::kThreads, alignment>(to, product.dense + int64_t{column} * pitch + k,
                                                         pitch, product.columns - column, end - k);
    } else if constexpr (kDirection == Direction::backward_data) {
      copy_turned<Layout, T::kK, T::kThreads, alignment>(to, product.turned, k, end, column);
    } else {
      gather_tile<Layout, T::kK, T::kThreads, alignment>(to, product.image, table + step % T::kStages * T::kK,
                                                         column, product.columns);
    }
  }
  /// The next step's stage is whole, and nobody reads that of the step before any more.
  __device__ void pass_on() const {
    device::cp_async_wait<T::kStages - 2>();
    __syncthreads();
  }
};

}  // namespace breakeven::cuda
