// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/device/cluster.h"
#include "kernels/device/fence.h"
#include "kernels/device/tma.h"
#include "kernels/emu/device/kernel_test.h"
#include "kernels/emu/device/tensor_map.h"

// What the tests of TMA share: a tensor with ragged borders, and kernels that move one box of it.

namespace breakeven::emu {

using device::Mbarrier;
using device::TensorMap;

inline constexpr int kColumns = 100, kRows = 37, kBatches = 2,
                     kBoxRows = 16;  // 16-bit elements, rows 208 bytes apart
inline constexpr int kPitch = 104, kBoxColumns = 64, kBoxBytes = kBoxColumns * 2 * kBoxRows;

inline TensorMap map_of(const void* base, CUtensorMapSwizzle swizzle, cuuint32_t box_columns = kBoxColumns,
                        CUtensorMapDataType type = CU_TENSOR_MAP_DATA_TYPE_UINT16) {
  TensorMap map;
  const cuuint64_t dimensions[] = {kColumns, kRows, kBatches}, strides[] = {kPitch * 2, kPitch * 2 * kRows};
  const cuuint32_t box[] = {box_columns, kBoxRows, 1}, ones[] = {1, 1, 1};
  EXPECT_EQ(encode_tiled(&map, type, 3, const_cast<void*>(base), dimensions, strides, box, ones,
                         CU_TENSOR_MAP_INTERLEAVE_NONE, swizzle, CU_TENSOR_MAP_L2_PROMOTION_NONE,
                         CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE),
            CUDA_SUCCESS);
  return map;
}

inline const GridShape kShape = {dim3(1), dim3(64), dim3(1), 16384};

/// One box into shared memory and, as it lies there, out again by ordinary loads.
inline auto load_kernel(TensorMap map, std::byte* out, int bytes, int x, int y, int z) {
  return [=] {
    auto& full = device::static_shared<Mbarrier>();
    std::byte* tile = device::dynamic_shared();
    if (threadIdx.x == 0) {
      device::mbarrier_init(&full, 1);
      device::fence_mbarrier_init();
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      device::mbarrier_arrive_expect(&full, bytes);
      device::tma_load(tile, &map, &full, x, y, z);
    }
    device::mbarrier_wait(&full, 0);
    for (int i = static_cast<int>(threadIdx.x); i < bytes; i += 64) out[i] = tile[i];
  };
}

/// Shared memory filled by ordinary stores, then one box stored or added.
inline auto store_kernel(TensorMap map, const uint16_t* from, int x, int y, int z, StoreMode mode,
                         bool fenced = true) {
  return [=] {
    auto* tile = reinterpret_cast<uint16_t*>(device::dynamic_shared());
    for (int i = static_cast<int>(threadIdx.x); i < kBoxBytes / 2; i += 64) tile[i] = from[i];
    if (fenced) device::fence_proxy_async();
    __syncthreads();
    if (threadIdx.x == 0) {
      emu::tma_store(&map, tile, {x, y, z}, mode);
      device::tma_store_commit();
      device::tma_store_wait<0>();
    }
  };
}

}  // namespace breakeven::emu
