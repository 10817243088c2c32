// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm/hopper_maps.h"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <stdexcept>

#include "harness/backend.h"
#include "kernels/cuda/cuda_check.h"

namespace breakeven::cuda {
namespace {

constexpr unsigned kSince = 12000;  // the CUDA version whose form of the function is meant

void* entry_point(const char* name) {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
  check_cuda(cudaGetDriverEntryPointByVersion(name, &function, kSince, cudaEnableDefault, &found),
             "cudaGetDriverEntryPointByVersion");
  if (found != cudaDriverEntryPointSuccess || !function) {
    throw Unsupported(fmt::format("the driver has no {}: a driver for CUDA 12.0 or newer is needed", name));
  }
  return function;
}

CUtensorMapDataType data_type(Element element) {
  switch (element) {
    case Element::fp32:
      return CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
    case Element::bf16:
      return CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
    case Element::fp16:
      return CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
    case Element::int32:
      return CU_TENSOR_MAP_DATA_TYPE_INT32;
    case Element::fp8e4m3:
    case Element::int8:
      return CU_TENSOR_MAP_DATA_TYPE_UINT8;
    default:
      throw std::logic_error("a tensor map was asked for elements that no Hopper kernel has");
  }
}

}  // namespace

CUtensorMap tensor_map(const MappedMatrix& m) {
  static const auto encode =
      reinterpret_cast<decltype(&cuTensorMapEncodeTiled)>(entry_point("cuTensorMapEncodeTiled"));
  const cuuint64_t sizes[] = {static_cast<cuuint64_t>(m.columns), static_cast<cuuint64_t>(m.rows),
                              static_cast<cuuint64_t>(m.batch)};
  const int64_t batch_pitch = m.batch_pitch == 0 ? m.pitch * m.rows : m.batch_pitch;
  const cuuint64_t strides[] = {static_cast<cuuint64_t>(m.pitch), static_cast<cuuint64_t>(batch_pitch)};
  const cuuint32_t box[] = {static_cast<cuuint32_t>(m.box_columns), static_cast<cuuint32_t>(m.box_rows), 1};
  const cuuint32_t every[] = {1, 1, 1};
  CUtensorMap map = {};
  const CUresult status = encode(&map, data_type(m.element), 3, const_cast<void*>(m.data), sizes, strides,
                                 box, every, CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
                                 CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (status != CUDA_SUCCESS) {
    throw std::runtime_error(
        fmt::format("cuTensorMapEncodeTiled refused {} x {} x {} of {} at a pitch of {} bytes in boxes of {} "
                    "x {} (error {})",
                    m.batch, m.rows, m.columns, name(m.element), m.pitch, m.box_rows, m.box_columns,
                    static_cast<int>(status)));
  }
  return map;
}

CUtensorMap im2col_map(const MappedPixels& m) {
  static const auto encode =
      reinterpret_cast<decltype(&cuTensorMapEncodeIm2col)>(entry_point("cuTensorMapEncodeIm2col"));
  const int64_t row = m.w.extent * m.pitch;
  const cuuint64_t sizes[] = {static_cast<cuuint64_t>(m.channels), static_cast<cuuint64_t>(m.w.extent),
                              static_cast<cuuint64_t>(m.h.extent), static_cast<cuuint64_t>(m.n)};
  const cuuint64_t strides[] = {static_cast<cuuint64_t>(m.pitch), static_cast<cuuint64_t>(row),
                                static_cast<cuuint64_t>(row * m.h.extent)};
  const int lower[] = {m.w.first, m.h.first};  // w first, see kernels/device/tma.h
  const int upper[] = {static_cast<int>(upper_corner(m.w)), static_cast<int>(upper_corner(m.h))};
  const cuuint32_t steps[] = {1, static_cast<cuuint32_t>(m.w.step), static_cast<cuuint32_t>(m.h.step), 1};
  CUtensorMap map = {};
  const CUresult status =
      encode(&map, data_type(m.element), 4, const_cast<void*>(m.data), sizes, strides, lower, upper,
             static_cast<cuuint32_t>(m.box_channels), static_cast<cuuint32_t>(m.box_pixels), steps,
             CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
             CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (status != CUDA_SUCCESS) {
    throw std::runtime_error(fmt::format(
        "cuTensorMapEncodeIm2col refused {} x {} x {} x {} of {} at a pitch of {} bytes, corners {}, {} to "
        "{}, {} in steps of {} and {} (error {})",
        m.n, m.h.extent, m.w.extent, m.channels, name(m.element), m.pitch, lower[1], lower[0], upper[1],
        upper[0], m.h.step, m.w.step, static_cast<int>(status)));
  }
  return map;
}

}  // namespace breakeven::cuda
