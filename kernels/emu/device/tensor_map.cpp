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
constexpr uint32_t kMostPixels = 1024;

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

bool box_allowed(uint32_t elements) { return elements >= 1 && elements <= kMostBox; }

bool inner_box_allowed(uint64_t bytes, Swizzle swizzle) {
  return bytes % kUnit == 0 && (swizzle == Swizzle::none || bytes <= static_cast<uint64_t>(swizzle));
}

/// What both forms of the call say of a map as a whole.
struct Call {
  CUtensorMapDataType type;
  cuuint32_t rank;
  void* base;
  CUtensorMapInterleave interleave;
  CUtensorMapSwizzle swizzle;
  CUtensorMapL2promotion promotion;
  CUtensorMapFloatOOBfill fill;
};

CUresult begin(TensorMapContents& contents, const CUtensorMap* map, const Call& call) {
  if (!map || !call.base || !is_aligned(map, 64) || !is_aligned(static_cast<std::byte*>(call.base), kUnit)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (is_packed(call.type) || call.interleave != CU_TENSOR_MAP_INTERLEAVE_NONE)
    return CUDA_ERROR_NOT_SUPPORTED;
  const std::optional<Swizzle> mode = swizzle_of(call.swizzle);
  if (!mode && call.swizzle <= CU_TENSOR_MAP_SWIZZLE_128B_ATOM_64B)
    return CUDA_ERROR_NOT_SUPPORTED;  // not of sm_90
  const bool nan = call.fill == CU_TENSOR_MAP_FLOAT_OOB_FILL_NAN_REQUEST_ZERO_FMA;
  const uint8_t bytes = element_bytes(call.type);
  if (!mode || bytes == 0 || call.promotion > CU_TENSOR_MAP_L2_PROMOTION_L2_256B ||
      (call.fill != CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE && !(nan && is_floating(call.type)))) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  contents.seal = kMapSeal;
  contents.base = static_cast<std::byte*>(call.base);
  contents.rank = static_cast<uint8_t>(call.rank);
  contents.element_bytes = bytes;
  contents.type = call.type;
  contents.swizzle = *mode;
  contents.fill_with_nan = nan;
  return CUDA_SUCCESS;
}

/// Dimensions, strides in bytes, strides in elements.
bool add_dimensions(TensorMapContents& contents, const cuuint64_t* dimensions, const cuuint64_t* stride_bytes,
                    const cuuint32_t* element_strides) {
  for (cuuint32_t i = 0; i < contents.rank; ++i) {
    const bool step = element_strides[i] >= 1 && element_strides[i] <= kMostElementStride;
    if (dimensions[i] < 1 || dimensions[i] > kMostElements || !step) return false;
    contents.last[i] = static_cast<uint32_t>(dimensions[i] - 1);
    contents.element_stride[i] = static_cast<uint8_t>(i == 0 ? 1 : element_strides[i]);
    if (i == 0) continue;
    if (stride_bytes[i - 1] % kUnit != 0 || stride_bytes[i - 1] >= kStrideLimit) return false;
    contents.stride_bytes[i - 1] = stride_bytes[i - 1];
  }
  return true;
}

/// The range of a corner's coordinates: 16 bits for one of them, 8 for two, 5 for three.
bool corner_allowed(int coordinate, cuuint32_t rank) {
  constexpr int limits[] = {32768, 128, 16};
  const int limit = limits[rank - 3];
  return coordinate >= -limit && coordinate < limit;
}

/// Corners in range, and a box between them that is not empty.
bool add_corners(TensorMapContents& contents, const int* lower, const int* upper) {
  for (cuuint32_t i = 0; i + 2 < contents.rank; ++i) {
    if (!corner_allowed(lower[i], contents.rank) || !corner_allowed(upper[i], contents.rank)) return false;
    if (int64_t{contents.last[i + 1]} + upper[i] < lower[i]) return false;
    contents.lower[i] = static_cast<int16_t>(lower[i]);
    contents.upper[i] = static_cast<int16_t>(upper[i]);
  }
  return true;
}

CUresult finish(CUtensorMap* map, const TensorMapContents& contents) {
  std::memset(map, 0, sizeof *map);
  std::memcpy(map, &contents, sizeof contents);
  return CUDA_SUCCESS;
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
    raise_fault(FaultKind::invalid_use,
                "a tensor map that neither cuTensorMapEncodeTiled nor cuTensorMapEncodeIm2col has made");
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
  if (rank < 1 || rank > 5 || !dimensions || !box || !element_strides || (rank > 1 && !stride_bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  TensorMapContents contents = {};
  const CUresult begun = begin(contents, map, {type, rank, base, interleave, swizzle, promotion, fill});
  if (begun != CUDA_SUCCESS) return begun;
  if (!add_dimensions(contents, dimensions, stride_bytes, element_strides)) return CUDA_ERROR_INVALID_VALUE;
  for (cuuint32_t i = 0; i < rank; ++i) {
    if (!box_allowed(box[i])) return CUDA_ERROR_INVALID_VALUE;
    contents.box[i] = static_cast<uint16_t>(box[i]);
  }
  if (!inner_box_allowed(uint64_t{box[0]} * contents.element_bytes, contents.swizzle)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  contents.mode = MapMode::tiled;
  return finish(map, contents);
}

CUresult encode_im2col(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank, void* base,
                       const cuuint64_t* dimensions, const cuuint64_t* stride_bytes, const int* lower_corner,
                       const int* upper_corner, cuuint32_t channels_per_pixel, cuuint32_t pixels_per_column,
                       const cuuint32_t* element_strides, CUtensorMapInterleave interleave,
                       CUtensorMapSwizzle swizzle, CUtensorMapL2promotion promotion,
                       CUtensorMapFloatOOBfill fill) {
  if (rank < 3 || rank > 5 || !dimensions || !stride_bytes || !lower_corner || !upper_corner ||
      !element_strides) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  TensorMapContents contents = {};
  const CUresult begun = begin(contents, map, {type, rank, base, interleave, swizzle, promotion, fill});
  if (begun != CUDA_SUCCESS) return begun;
  if (!add_dimensions(contents, dimensions, stride_bytes, element_strides) ||
      !add_corners(contents, lower_corner, upper_corner) || !box_allowed(channels_per_pixel) ||
      pixels_per_column < 1 || pixels_per_column > kMostPixels ||
      !inner_box_allowed(uint64_t{channels_per_pixel} * contents.element_bytes, contents.swizzle)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  contents.box = {static_cast<uint16_t>(channels_per_pixel), static_cast<uint16_t>(pixels_per_column), 1, 1,
                  1};
  contents.mode = MapMode::im2col;
  return finish(map, contents);
}

}  // namespace breakeven::emu
