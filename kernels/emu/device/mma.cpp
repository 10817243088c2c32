// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/mma.h"

#include <array>
#include <bit>

#include "kernels/emu/block.h"
#include "kernels/emu/device/narrow.h"

// Arithmetic as in wgmma: products exact, sums in the accumulator's type, one after the other in k. Hardware
// adds several at once and cuts off bits; the difference is within what a check of a GEMM allows.

namespace breakeven::emu {
namespace {

constexpr uint32_t kAllLanes = 0xFFFFFFFF;
constexpr int kN = 8;

/// What a lane brings: its registers.
struct Lane {
  void* d;
  const void* a;
  const void* b;
};

/// Where an element of A or B lies, by the PTX ISA: element `index` of the registers of `lane`. Registers
/// hold `packed` neighbours in k (4 bytes; fp64: one of 8), columns of k in groups of 4 lanes x packed.
struct Place {
  int lane, index;
};
Place place_in_a(int row, int k, int packed) {
  const int group = k / (4 * packed);  // registers: row, row + 8, then the next group of k
  return {row % 8 * 4 + k / packed % 4, (group * 2 + row / 8) * packed + k % packed};
}
Place place_in_b(int k, int column, int packed) {
  return {column * 4 + k / packed % 4, k / (4 * packed) * packed + k % packed};
}

template <Precision P, class Sum>
void multiply(const std::array<void*, 32>& lanes, int m, int depth) {
  constexpr int packed =
      sizeof(typename Operand<P>::Bits) >= 4 ? 1 : 4 / static_cast<int>(sizeof(typename Operand<P>::Bits));
  const auto lane = [&](int i) { return static_cast<const Lane*>(lanes[static_cast<size_t>(i)]); };
  for (int row = 0; row < m; ++row) {
    for (int column = 0; column < kN; ++column) {
      Sum* d = static_cast<Sum*>(lane(row % 8 * 4 + column / 2)->d) + row / 8 * 2 + column % 2;
      Accumulator<P> sum = *d;
      for (int k = 0; k < depth; ++k) {
        const Place a = place_in_a(row, k, packed), b = place_in_b(k, column, packed);
        sum += element<P>(lane(a.lane)->a, a.index) * element<P>(lane(b.lane)->b, b.index);
      }
      *d = sum;
    }
  }
}

void multiply(MmaShape shape, const std::array<void*, 32>& lanes) {
  switch (shape.precision) {
    case Precision::bf16:
      return multiply<Precision::bf16, float>(lanes, shape.m, shape.k);
    case Precision::fp16:
      return multiply<Precision::fp16, float>(lanes, shape.m, shape.k);
    case Precision::tf32:
      return multiply<Precision::tf32, float>(lanes, shape.m, shape.k);
    case Precision::fp8e4m3:
      return multiply<Precision::fp8e4m3, float>(lanes, shape.m, shape.k);
    case Precision::int8:
      return multiply<Precision::int8, int32_t>(lanes, shape.m, shape.k);
    case Precision::fp64:
      return multiply<Precision::fp64, double>(lanes, shape.m, shape.k);
    default:
      raise_fault(FaultKind::invalid_use, "mma of a precision that has none");
  }
}

}  // namespace

void mma(MmaShape shape, void* d, const void* a, const void* b) {
  RuntimeScope scope;
  Lane mine = {d, a, b};
  warp_meet(kAllLanes, "mma", &mine, [shape](std::array<void*, 32>& lanes) { multiply(shape, lanes); });
}

uint32_t round_to_tf32(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7F800000u) == 0x7F800000u) return bits & 0xFFFFE000u;  // infinity; NaN keeps its upper bits
  return (bits + 0x1000u) & 0xFFFFE000u;                               // ties away from zero
}

}  // namespace breakeven::emu
