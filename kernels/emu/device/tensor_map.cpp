// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/device/tensor_map.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>

#include "kernels/emu/block.h"

namespace breakeven::emu {
namespace {

constexpr uint64_t kMostElements = uint64_t{1} << 32, kStrideLimit = uint64_t{1} << 40;
constexpr uint32_t kMostBox = 256, kMostElementStride = 8, kUnit = 16;  // TMA moves units of 16 bytes

uint8_t element_bytes(CUtensorMapDataType type) {
  switch (type) {
    case CU_TENSOR_MAP_DATA_TYPE_UINT8:
      return 1;
    case CU_TENSOR_MAP_DATA_TYPE_UINT16:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT16:
    case CU_TENSOR_MAP_DATA_TYPE_BFLOAT16:
      return 2;
    case CU_TENSOR_MAP_DATA_TYPE_UINT32:
    case CU_TENSOR_MAP_DATA_TYPE_INT32:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT32_FTZ:
    case CU_TENSOR_MAP_DATA_TYPE_TFLOAT32:
    case CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ:
      return 4;
    case CU_TENSOR_MAP_DATA_TYPE_UINT64:
    case CU_TENSOR_MAP_DATA_TYPE_INT64:
    case CU_TENSOR_MAP_DATA_TYPE_FLOAT64:
      return 8;
    default:
      return 0;
  }
}

bool is_packed(CUtensorMapDataType type) {
  return type == CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN8B || type == CU_TENSOR_MAP_DATA_TYPE_16U4_ALIGN16B ||
         type == CU_TENSOR_MAP_DATA_TYPE_16U6_ALIGN16B;
}

bool is_floating(CUtensorMapDataType type) {
  return type >= CU_TENSOR_MAP_DATA_TYPE_FLOAT16 && type <= CU_TENSOR_MAP_DATA_TYPE_TFLOAT32_FTZ;
}

std::optional<Swizzle> swizzle_of(CUtensorMapSwizzle swizzle) {
  switch (swizzle) {
    case CU_TENSOR_MAP_SWIZZLE_NONE:
      return Swizzle::none;
    case CU_TENSOR_MAP_SWIZZLE_32B:
      return Swizzle::bytes_32;
    case CU_TENSOR_MAP_SWIZZLE_64B:
      return Swizzle::bytes_64;
    case CU_TENSOR_MAP_SWIZZLE_128B:
      return Swizzle::bytes_128;
    default:
      return std::nullopt;
  }
}

template <class T>
bool is_aligned(const T* pointer, uintptr_t alignment) {
  return reinterpret_cast<uintptr_t>(pointer) % alignment == 0;
}

bool dimension_allowed(uint64_t elements, uint32_t box, uint32_t element_stride) {
  return elements >= 1 && elements <= kMostElements && box >= 1 && box <= kMostBox && element_stride >= 1 &&
         element_stride <= kMostElementStride;
}

bool inner_box_allowed(uint64_t bytes, Swizzle swizzle) {
  return bytes % kUnit == 0 && (swizzle == Swizzle::none || bytes <= static_cast<uint64_t>(swizzle));
}

}  // namespace

TensorMapContents map_contents(const CUtensorMap* map) {
  if (block_of(map) || !is_aligned(map, 64)) {
    raise_fault(
        FaultKind::invalid_use,
        fmt::format("a tensor map at {}: pass it as const __grid_constant__ parameter, aligned to 64 bytes",
                    describe_address(map)));
  }
  check_access(map, sizeof *map, {AccessKind::read});
  TensorMapContents contents;
  std::memcpy(&contents, map, sizeof contents);
  if (contents.seal != kMapSeal) {
    raise_fault(FaultKind::invalid_use, "a tensor map that cuTensorMapEncodeTiled has not made");
  }
  return contents;
}

int64_t box_bytes(const TensorMapContents& map) {
  int64_t bytes = map.element_bytes;
  for (int i = 0; i < map.rank; ++i) bytes *= map.box[static_cast<size_t>(i)];
  return bytes;
}

CUresult encode_tiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank, void* base,
                      const cuuint64_t* dimensions, const cuuint64_t* stride_bytes, const cuuint32_t* box,
                      const cuuint32_t* element_strides, CUtensorMapInterleave interleave,
                      CUtensorMapSwizzle swizzle, CUtensorMapL2promotion promotion,
                      CUtensorMapFloatOOBfill fill) {
  const bool null = !map || !base || !dimensions || !box || !element_strides || (rank > 1 && !stride_bytes);
  if (null || rank < 1 || rank > 5 || !is_aligned(map, 64) || !is_aligned(base, kUnit)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (is_packed(type) || interleave != CU_TENSOR_MAP_INTERLEAVE_NONE) return CUDA_ERROR_NOT_SUPPORTED;
  const std::optional<Swizzle> mode = swizzle_of(swizzle);
  if (!mode && swizzle <= CU_TENSOR_MAP_SWIZZLE_128B_ATOM_64B)
    return CUDA_ERROR_NOT_SUPPORTED;  // not of sm_90
  const bool nan = fill == CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA;
  const uint8_t bytes = element_bytes(type);
  if (!mode || bytes == 0 || promotion > CU_TENSOR_MAP_L2_PROMOTION_L2_256B ||
      (fill != CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE && !(nan && is_floating(type)))) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  TensorMapContents contents = {};
  for (cuuint32_t i = 0; i < rank; ++i) {
    if (!dimension_allowed(dimensions[i], box[i], element_strides[i])) return CUDA_ERROR_INVALID_VALUE;
    contents.last[i] = static_cast<uint32_t>(dimensions[i] - 1);
    contents.box[i] = static_cast<uint16_t>(box[i]);
    contents.element_stride[i] = static_cast<uint8_t>(i == 0 ? 1 : element_strides[i]);
    if (i == 0) continue;
    if (stride_bytes[i - 1] % kUnit != 0 || stride_bytes[i - 1] >= kStrideLimit)
      return CUDA_ERROR_INVALID_VALUE;
    contents.stride_bytes[i - 1] = stride_bytes[i - 1];
  }
  if (!inner_box_allowed(uint64_t{box[0]} * bytes, *mode)) return CUDA_ERROR_INVALID_VALUE;
  contents.seal = kMapSeal;
  contents.base = static_cast<std::byte*>(base);
  contents.rank = static_cast<uint8_t>(rank);
  contents.element_bytes = bytes;
  contents.type = type;
  contents.swizzle = *mode;
  contents.mode = MapMode::tiled;
  contents.fill_with_nan = nan;
  std::memset(map, 0, sizeof *map);
  std::memcpy(map, &contents, sizeof contents);
  return CUDA_SUCCESS;
}

}  // namespace breakeven::emu
