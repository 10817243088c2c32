// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "kernels/emu/async.h"
#include "kernels/emu/device/tensor_map.h"
#include "kernels/emu/device/tma.h"

// A box of a three-dimensional tensor, row by row: what TMA's loads and stores share.

namespace breakeven::emu {

constexpr int kMostRowBytes = 256 * 8;

/// One row of the box: `bytes` of the tensor begin at `global`, and belong `skipped` bytes into the row
/// (those before and after lie outside the tensor; bytes 0: the whole row does).
struct BoxRow {
  std::byte* global;
  int skipped, bytes;
};

int row_count(const TensorMapContents&);
int row_bytes(const TensorMapContents&);
BoxRow box_row(const TensorMapContents&, BoxPlace, int row);

/// The map, if it is one that loads and stores here can follow; faults (as `what`) otherwise. `shared` is the
/// box's place in shared memory.
TensorMapContents usable_map(const CUtensorMap*, const void* shared, const char* what,
                             MapMode = MapMode::tiled);

/// Row `row` of the box between `bytes` and its swizzled place in the box at `shared`; unchecked.
void copy_row_in(const TensorMapContents&, std::byte* shared, int row, const std::byte* bytes);
void copy_row_out(const TensorMapContents&, const std::byte* shared, int row, std::byte* bytes);

/// Adds `bytes` bytes of elements to those at `global`, each element as one atomic operation.
void add_elements(const TensorMapContents&, std::byte* global, const std::byte* from, int bytes);

}  // namespace breakeven::emu
