// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "kernels/emu/block.h"
#include "kernels/emu/device/mma.h"

// ldmatrix and stmatrix: 8 x 8 matrices of 16-bit elements between shared memory and a warp's registers. Lane
// 8 i + j names row j of matrix i; register i of lane 4 j + t holds elements 2t and 2t + 1 of row
// (transposed: column) j.

namespace breakeven::emu {
namespace {

constexpr uint32_t kAllLanes = 0xFFFFFFFF;
constexpr int kSide = 8, kRowBytes = 16;

/// What a lane brings or takes away.
struct Lane {
  std::array<uint16_t, kSide> row = {};
  std::array<uint32_t, 4> registers = {};
};

void check_row(const void* row, AccessKind kind, const char* what) {
  if (block_of(row) != current_thread().block) {
    raise_fault(FaultKind::invalid_use, fmt::format("{} of {}: rows lie in the own block's shared memory",
                                                    what, describe_address(row)));
  }
  if (reinterpret_cast<uintptr_t>(row) % kRowBytes != 0) {
    raise_fault(FaultKind::misaligned,
                fmt::format("{} of {}: rows are aligned to 16 bytes", what, describe_address(row)));
  }
  check_access(row, kRowBytes, {kind});
}

/// For both directions: calls move(register's half, element's row) for every element.
template <class Move>
void exchange(std::array<void*, 32>& lanes, int matrices, Transpose transpose, Move move) {
  const auto lane = [&](int i) { return static_cast<Lane*>(lanes[static_cast<size_t>(i)]); };
  for (int matrix = 0; matrix < matrices; ++matrix) {
    for (int i = 0; i < kSide * kSide; ++i) {
      const int j = i / kSide, element = i % kSide;
      uint32_t& word = lane(j * 4 + element / 2)->registers[static_cast<size_t>(matrix)];
      const int row = transpose == Transpose::no ? j : element,
                column = transpose == Transpose::no ? element : j;
      move(word, 16 * (element % 2), lane(matrix * kSide + row)->row[static_cast<size_t>(column)]);
    }
  }
}

}  // namespace

void load_matrices(uint32_t* registers, int matrices, Transpose transpose, const void* row) {
  RuntimeScope scope;
  Lane mine;
  if (current_thread().lane() < matrices * kSide) {
    check_row(row, AccessKind::read, "ldmatrix");
    std::memcpy(mine.row.data(), row, kRowBytes);
  }
  warp_meet(kAllLanes, transpose == Transpose::no ? "ldmatrix" : "ldmatrix.trans", &mine,
            [=](std::array<void*, 32>& lanes) {
              exchange(lanes, matrices, transpose, [](uint32_t& word, int shift, uint16_t element) {
                word |= static_cast<uint32_t>(element) << shift;
              });
            });
  std::memcpy(registers, mine.registers.data(), sizeof(uint32_t) * static_cast<size_t>(matrices));
}

void store_matrices(void* row, const uint32_t* registers, int matrices, Transpose transpose) {
  RuntimeScope scope;
  Lane mine;
  std::memcpy(mine.registers.data(), registers, sizeof(uint32_t) * static_cast<size_t>(matrices));
  warp_meet(kAllLanes, transpose == Transpose::no ? "stmatrix" : "stmatrix.trans", &mine,
            [=](std::array<void*, 32>& lanes) {
              exchange(lanes, matrices, transpose, [](uint32_t word, int shift, uint16_t& element) {
                element = static_cast<uint16_t>(word >> shift);
              });
            });
  if (current_thread().lane() >= matrices * kSide) return;
  check_row(row, AccessKind::write, "stmatrix");
  std::memcpy(row, mine.row.data(), kRowBytes);
}

}  // namespace breakeven::emu
