// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/wmma.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "kernels/emu/block.h"
#include "kernels/emu/device/narrow.h"

namespace breakeven::emu {
namespace {

constexpr uint32_t kAllLanes = 0xFFFFFFFF;

struct Lane {
  void* d;
  const void* a;
  const void* b;
};

/// All lanes' parts of one matrix, row by row.
template <class T, class Pick>
std::vector<T> gather(const std::array<void*, 32>& lanes, int elements, Pick pick) {
  std::vector<T> whole(static_cast<size_t>(elements));
  for (int lane = 0; lane < 32; ++lane) {
    for (int i = 0; i < elements / 32; ++i) {
      whole[static_cast<size_t>(wmma_element(lane, i, elements))] =
          pick(*static_cast<const Lane*>(lanes[static_cast<size_t>(lane)]), i);
    }
  }
  return whole;
}

template <Precision P, class Sum>
void multiply(const WmmaProduct& shape, const std::array<void*, 32>& lanes) {
  const auto a = gather<Accumulator<P>>(lanes, shape.m * shape.k,
                                        [](const Lane& lane, int i) { return element<P>(lane.a, i); });
  const auto b = gather<Accumulator<P>>(lanes, shape.k * shape.n,
                                        [](const Lane& lane, int i) { return element<P>(lane.b, i); });
  const int elements = shape.m * shape.n;
  for (int lane = 0; lane < 32; ++lane) {
    Sum* d = static_cast<Sum*>(static_cast<const Lane*>(lanes[static_cast<size_t>(lane)])->d);
    for (int i = 0; i < elements / 32; ++i) {
      const int e = wmma_element(lane, i, elements);
      for (int k = 0; k < shape.k; ++k) {
        d[i] += a[static_cast<size_t>(e / shape.n * shape.k + k)] *
                b[static_cast<size_t>(k * shape.n + e % shape.n)];
      }
    }
  }
}

void multiply(const WmmaProduct& shape, const std::array<void*, 32>& lanes) {
  switch (shape.precision) {
    case Precision::fp16:
      return multiply<Precision::fp16, float>(shape, lanes);
    case Precision::bf16:
      return multiply<Precision::bf16, float>(shape, lanes);
    case Precision::tf32:
      return multiply<Precision::tf32, float>(shape, lanes);
    case Precision::int8:
      return multiply<Precision::int8, int32_t>(shape, lanes);
    case Precision::fp64:
      return multiply<Precision::fp64, double>(shape, lanes);
    default:
      raise_fault(FaultKind::invalid_use, "wmma of a precision that has none");
  }
}

}  // namespace

int wmma_lane() {
  RuntimeScope scope;
  return current_thread().lane();
}

void wmma_check(const void* address, int64_t stride_bytes, const char* what) {
  RuntimeScope scope;
  if (reinterpret_cast<uintptr_t>(address) % 32 != 0 || stride_bytes % 16 != 0) {
    raise_fault(FaultKind::misaligned,
                fmt::format("{} at {} with rows {} bytes apart: addresses are multiples of 32, strides of 16",
                            what, describe_address(address), stride_bytes));
  }
  int nothing = 0;
  warp_meet(kAllLanes, what, &nothing, [](std::array<void*, 32>&) {});
}

void wmma_multiply(WmmaProduct shape, void* d, const void* a, const void* b) {
  RuntimeScope scope;
  Lane mine = {d, a, b};
  warp_meet(kAllLanes, "wmma_multiply", &mine,
            [&shape](std::array<void*, 32>& lanes) { multiply(shape, lanes); });
}

}  // namespace breakeven::emu
