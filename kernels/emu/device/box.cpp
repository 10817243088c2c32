// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/box.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include "harness/rounding.h"

namespace breakeven::emu {
namespace {

constexpr int kUnit = 16, kSharedAlignment = 128;

[[noreturn]] void refuse(const char* what, const std::string& why) {
  raise_fault(FaultKind::invalid_use, fmt::format("{}: {}", what, why));
}

/// The place of the unit at `offset` of an unswizzled box. The pattern goes by shared memory addresses.
std::byte* unit_at(const TensorMapContents& map, std::byte* shared, int offset) {
  const uint32_t begin = shared_offset(shared), address = begin + static_cast<uint32_t>(offset);
  return shared + (static_cast<int64_t>(swizzled(address, map.swizzle)) - begin);
}

void require_mode(const TensorMapContents& map, MapMode mode, const char* what) {
  if (map.mode != mode) {
    refuse(what,
           mode == MapMode::tiled ? "the tensor map is an im2col one" : "the tensor map is a tiled one");
  }
  const int rank = mode == MapMode::tiled ? 3 : 4;
  if (map.rank != rank) refuse(what, fmt::format("the tensor map has {} dimensions, not {}", map.rank, rank));
  const bool strided = mode == MapMode::tiled ? map.element_stride[1] != 1 || map.element_stride[2] != 1
                                              : map.element_stride[3] != 1;
  if (strided) refuse(what, "element strides other than 1 (im2col: of n) are not emulated");
}

void require_modelled(const TensorMapContents& map, MapMode mode, const char* what) {
  require_mode(map, mode, what);
  if (map.fill_with_nan) refuse(what, "filling with NaN is not emulated");
  if (map.type >= CU_TENSOR_MAP_DATA_TYPE_FLOAT32_FTZ) {
    refuse(what, "types that change values on the way (tf32, flush to zero) are not emulated: copy fp32");
  }
  if (map.swizzle != Swizzle::none && row_bytes(map) != static_cast<int>(map.swizzle)) {
    refuse(what, fmt::format("rows of {} bytes under a swizzle over {}: only whole spans are emulated",
                             row_bytes(map), static_cast<int>(map.swizzle)));
  }
}

template <class Bits, class Sum>
void add(std::byte* global, const std::byte* from, int bytes, Sum sum) {
  for (int i = 0; i < bytes; i += static_cast<int>(sizeof(Bits))) {
    Bits addend;
    std::memcpy(&addend, from + i, sizeof addend);
    std::atomic_ref<Bits> element(*reinterpret_cast<Bits*>(global + i));
    Bits old = element.load();
    while (!element.compare_exchange_weak(old, static_cast<Bits>(sum(old, addend)))) {
    }
  }
}

uint32_t sum_fp32(uint32_t a, uint32_t b) {
  return std::bit_cast<uint32_t>(std::bit_cast<float>(a) + std::bit_cast<float>(b));
}

}  // namespace

int row_count(const TensorMapContents& map) { return map.box[1] * map.box[2]; }
int row_bytes(const TensorMapContents& map) { return map.box[0] * map.element_bytes; }

BoxRow box_row(const TensorMapContents& map, BoxPlace place, int row) {
  const int64_t y = int64_t{place.y} + row % map.box[1], z = int64_t{place.z} + row / map.box[1];
  if (y < 0 || y > map.last[1] || z < 0 || z > map.last[2]) return {nullptr, 0, 0};
  const int64_t begin = std::max<int64_t>(place.x, 0);
  const int64_t end = std::min<int64_t>(int64_t{place.x} + map.box[0], int64_t{map.last[0]} + 1);
  if (begin >= end) return {nullptr, 0, 0};
  std::byte* global = map.base + static_cast<int64_t>(map.stride_bytes[1]) * z +
                      static_cast<int64_t>(map.stride_bytes[0]) * y + begin * map.element_bytes;
  return {global, static_cast<int>(begin - place.x) * map.element_bytes,
          static_cast<int>(end - begin) * map.element_bytes};
}

TensorMapContents usable_map(const CUtensorMap* map, const void* shared, const char* what, MapMode mode) {
  const TensorMapContents contents = map_contents(map);
  require_modelled(contents, mode, what);
  if (block_of(shared) != current_thread().block) {
    refuse(what, fmt::format("{} is not in the own block's shared memory", describe_address(shared)));
  }
  if (shared_offset(shared) % kSharedAlignment != 0) {
    raise_fault(FaultKind::misaligned, fmt::format("{}: {} is not aligned to {} bytes", what,
                                                   describe_address(shared), kSharedAlignment));
  }
  return contents;
}

void copy_row_in(const TensorMapContents& map, std::byte* shared, int row, const std::byte* bytes) {
  const int size = row_bytes(map);
  for (int i = 0; i < size; i += kUnit) std::memcpy(unit_at(map, shared, row * size + i), bytes + i, kUnit);
}

void copy_row_out(const TensorMapContents& map, const std::byte* shared, int row, std::byte* bytes) {
  const int size = row_bytes(map);
  for (int i = 0; i < size; i += kUnit) {
    std::memcpy(bytes + i, unit_at(map, const_cast<std::byte*>(shared), row * size + i), kUnit);
  }
}

void add_elements(const TensorMapContents& map, std::byte* global, const std::byte* from, int bytes) {
  switch (map.type) {
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32:
      return add<uint32_t>(global, from, bytes, sum_fp32);
    case CU_TENSOR_MAP_DATA_TYPE_UINT32:
    case CU_TENSOR_MAP_DATA_TYPE_INT32:
      return add<uint32_t>(global, from, bytes, [](uint32_t a, uint32_t b) { return a + b; });
    case CU_TENSOR_MAP_DATA_TYPE_UINT64:
      return add<uint64_t>(global, from, bytes, [](uint64_t a, uint64_t b) { return a + b; });
    case CU_TENSOR_MAP_DATA_TYPE_BFLOAT16:
      return add<uint16_t>(global, from, bytes, [](uint16_t a, uint16_t b) {
        return to_bf16(sum_fp32(from_bf16(a), from_bf16(b)));
      });
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT16:
      return add<uint16_t>(global, from, bytes, [](uint16_t a, uint16_t b) {
        return to_fp16(sum_fp32(from_fp16(a), from_fp16(b)));
      });
    default:
      refuse("tma_reduce_add",
             fmt::format("elements of CUtensorMapDataType {} cannot be added", static_cast<int>(map.type)));
  }
}

}  // namespace breakeven::emu
