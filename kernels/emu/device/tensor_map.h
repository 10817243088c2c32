// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/emu/device/swizzle.h"

namespace breakeven::emu {

/// im2col walks the windows of a convolution, see PixelRows.
enum class MapMode : uint8_t { tiled, im2col };

/// What stands in the 128 bytes of a CUtensorMap. Dimension 0 is the innermost.
struct TensorMapContents {
  uint64_t seal;                         // kMapSeal, or these bytes are no tensor map
  std::byte* base;                       // of the tensor, in global memory
  std::array<uint64_t, 4> stride_bytes;  // of dimensions 1 to 4
  std::array<uint32_t, 5> last;          // elements - 1: up to 2^32 elements
  std::array<uint16_t, 5> box;           // elements; im2col: channels, pixels, 1, ...
  std::array<int16_t, 3> lower, upper;   // im2col: corners of the box of filter corners, {w, h, d}
  std::array<uint8_t, 5> element_stride;
  uint8_t rank;
  uint8_t element_bytes;
  CUtensorMapDataType type;
  Swizzle swizzle;
  MapMode mode;
  bool fill_with_nan;
};
static_assert(sizeof(TensorMapContents) <= sizeof(CUtensorMap));

inline constexpr uint64_t kMapSeal = 0x70616D726F736E74;  // "tnsormap"

/// The contents of an encoded map; faults the kernel that uses bytes which are none.
TensorMapContents map_contents(const CUtensorMap*);

/// cuTensorMapEncodeTiled with all the driver's conditions (cuda.h states them); interleaved layouts and
/// packed 4- and 6-bit types are answered with CUDA_ERROR_NOT_SUPPORTED. Like the driver it does not look at
/// the memory.
CUresult encode_tiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank, void* base,
                      const cuuint64_t* dimensions, const cuuint64_t* stride_bytes, const cuuint32_t* box,
                      const cuuint32_t* element_strides, CUtensorMapInterleave interleave,
                      CUtensorMapSwizzle swizzle, CUtensorMapL2promotion promotion,
                      CUtensorMapFloatOOBfill fill);

/// cuTensorMapEncodeIm2col in the same way. Stricter than its documentation in one point: the channels of a
/// pixel must be a multiple of 16 bytes, as the inner dimension of a tiled box must.
CUresult encode_im2col(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank, void* base,
                       const cuuint64_t* dimensions, const cuuint64_t* stride_bytes, const int* lower_corner,
                       const int* upper_corner, cuuint32_t channels_per_pixel, cuuint32_t pixels_per_column,
                       const cuuint32_t* element_strides, CUtensorMapInterleave interleave,
                       CUtensorMapSwizzle swizzle, CUtensorMapL2promotion promotion,
                       CUtensorMapFloatOOBfill fill);

/// Bytes of the whole box in shared memory, which is what a load counts at its mbarrier.
int64_t box_bytes(const TensorMapContents&);

}  // namespace breakeven::emu
