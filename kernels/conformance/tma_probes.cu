// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <stdexcept>
#include <string>

#include "kernels/conformance/module.h"
#include "kernels/conformance/tensor.h"
#include "kernels/cuda/cuda_check.h"
#include "kernels/device/cluster.h"
#include "kernels/device/fence.h"
#include "kernels/device/launch.h"
#include "kernels/device/tma.h"

// Boxes of a tensor with ragged borders, out of and into shared memory; what lies there is copied as it lies.

#pragma nv_diag_suppress 177  // in the passes for architectures without the instruction, parts are unused

namespace breakeven::conformance {
namespace {

using device::Mbarrier;
using device::TensorMap;

constexpr int kThreads = 128, kBlocksOfCluster = 2;
constexpr uint16_t kWholeCluster = (1 << kBlocksOfCluster) - 1;

struct Mode {
  CUtensorMapDataType type;
  int element_bytes;
  CUtensorMapSwizzle swizzle;
  int row_bytes;  // of the box
};

void* entry_point(const char* name) {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
  cuda::check_cuda(cudaGetDriverEntryPointByVersion(name, &function, 12000, cudaEnableDefault, &found),
                   "cudaGetDriverEntryPointByVersion");
  if (!function) throw std::runtime_error(std::string("the driver has no ") + name);
  return function;
}

/// Pixels of kImages images, kBoxRows of them in a box, 128 bytes of channels.
TensorMap map_of_pixels(const std::byte* tensor, const Mode& mode, const Walk& walk) {
  const auto encode =
      reinterpret_cast<decltype(&cuTensorMapEncodeIm2col)>(entry_point("cuTensorMapEncodeIm2col"));
  const cuuint64_t sizes[] = {static_cast<cuuint64_t>(pixel_channels(mode.element_bytes)), kImageColumns,
                              kImageRows, kImages};
  const cuuint64_t strides[] = {kPixelPitch, cuuint64_t{kPixelPitch} * kImageColumns,
                                cuuint64_t{kPixelPitch} * kImageColumns * kImageRows};
  const int lower[] = {walk.lower_w, walk.lower_h}, upper[] = {walk.upper_w, walk.upper_h};
  const cuuint32_t steps[] = {1, static_cast<cuuint32_t>(walk.step_w), static_cast<cuuint32_t>(walk.step_h),
                              1};
  TensorMap map = {};
  const CUresult status = encode(&map, mode.type, 4, const_cast<std::byte*>(tensor), sizes, strides, lower,
                                 upper, static_cast<cuuint32_t>(mode.row_bytes / mode.element_bytes),
                                 kBoxRows, steps, CU_TENSOR_MAP_INTERLEAVE_NONE, mode.swizzle,
                                 CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (status != CUDA_SUCCESS)
    throw std::runtime_error("cuTensorMapEncodeIm2col: error " + std::to_string(status));
  return map;
}

TensorMap map_of(const std::byte* tensor, const Mode& mode) {
  const auto encode =
      reinterpret_cast<decltype(&cuTensorMapEncodeTiled)>(entry_point("cuTensorMapEncodeTiled"));
  const cuuint64_t sizes[] = {static_cast<cuuint64_t>(tensor_columns(mode.element_bytes)), kTensorRows,
                              kTensorBatches};
  const cuuint64_t strides[] = {kTensorPitch, cuuint64_t{kTensorPitch} * kTensorRows};
  const cuuint32_t box[] = {static_cast<cuuint32_t>(mode.row_bytes / mode.element_bytes), kBoxRows, 1},
                   every[] = {1, 1, 1};
  TensorMap map = {};
  const CUresult status = encode(&map, mode.type, 3, const_cast<std::byte*>(tensor), sizes, strides, box,
                                 every, CU_TENSOR_MAP_INTERLEAVE_NONE, mode.swizzle,
                                 CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (status != CUDA_SUCCESS)
    throw std::runtime_error("cuTensorMapEncodeTiled: error " + std::to_string(status));
  return map;
}

__device__ Place place_of(int i) {
  constexpr Place places[] = {kPlaces[0], kPlaces[1], kPlaces[2], kPlaces[3],
                              kPlaces[4], kPlaces[5], kPlaces[6]};
  static_assert(kPlaceCount == 7);
  return places[i];
}

__device__ void copy_out(const std::byte* tile, int bytes, std::byte* output) {
  for (int i = static_cast<int>(threadIdx.x); i < bytes; i += kThreads) output[i] = tile[i];
}

/// Block i loads the box at place i.
__global__ void load_kernel([[maybe_unused]] const __grid_constant__ TensorMap map,
                            [[maybe_unused]] int bytes, [[maybe_unused]] std::byte* output) {
#if BREAKEVEN_ARCH >= 900
  auto& full = device::static_shared<Mbarrier>();
  std::byte* tile = device::dynamic_shared();
  if (threadIdx.x == 0) {
    device::tma_prefetch_map(&map);
    device::mbarrier_init(&full, 1);
    device::fence_mbarrier_init();
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    const Place at = place_of(static_cast<int>(blockIdx.x));
    device::mbarrier_arrive_expect(&full, bytes);
    device::tma_load(tile, &map, &full, at.x, at.y, at.z);
  }
  device::mbarrier_wait(&full, 0);
  copy_out(tile, bytes, output + blockIdx.x * bytes);
#endif
}

__device__ PixelLoad pixel_load(int i) {
  constexpr PixelLoad loads[] = {kPixelLoads[0], kPixelLoads[1], kPixelLoads[2], kPixelLoads[3],
                                 kPixelLoads[4]};
  static_assert(kPixelLoadCount == 5);
  return loads[i];
}

/// Block i does load i.
__global__ void im2col_kernel([[maybe_unused]] const __grid_constant__ TensorMap map,
                              [[maybe_unused]] Walk walk, [[maybe_unused]] int bytes,
                              [[maybe_unused]] std::byte* output) {
#if BREAKEVEN_ARCH >= 900
  auto& full = device::static_shared<Mbarrier>();
  std::byte* tile = device::dynamic_shared();
  if (threadIdx.x == 0) {
    device::mbarrier_init(&full, 1);
    device::fence_mbarrier_init();
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    const PixelLoad load = pixel_load(static_cast<int>(blockIdx.x));
    const int columns = (kImageColumns - 1 + walk.upper_w - walk.lower_w) / walk.step_w + 1;
    const int rows = (kImageRows - 1 + walk.upper_h - walk.lower_h) / walk.step_h + 1;
    const int row = load.corner / columns;
    device::mbarrier_arrive_expect(&full, bytes);
    device::tma_load_im2col(tile, &map, &full, load.c, walk.lower_w + load.corner % columns * walk.step_w,
                            walk.lower_h + row % rows * walk.step_h, row / rows,
                            static_cast<uint16_t>(load.offset_w), static_cast<uint16_t>(load.offset_h));
  }
  device::mbarrier_wait(&full, 0);
  copy_out(tile, bytes, output + blockIdx.x * bytes);
#endif
}

/// Both blocks of a cluster receive the box that one of them loads.
__global__ void multicast_kernel([[maybe_unused]] const __grid_constant__ TensorMap map,
                                 [[maybe_unused]] int bytes, [[maybe_unused]] std::byte* output) {
#if BREAKEVEN_HOPPER
  auto& full = device::static_shared<Mbarrier>();
  std::byte* tile = device::dynamic_shared();
  if (threadIdx.x == 0) {
    device::mbarrier_init(&full, 1);
    device::fence_mbarrier_init();
    device::mbarrier_arrive_expect(&full, bytes);
  }
  device::cluster_sync();
  const int number = static_cast<int>(blockIdx.x) / kBlocksOfCluster, rank = device::cluster_rank();
  if (threadIdx.x == 0 && rank == number % kBlocksOfCluster) {
    const Place at = place_of(number);
    device::tma_load_multicast(tile, &map, &full, at.x, at.y, at.z, kWholeCluster);
  }
  device::mbarrier_wait(&full, 0);
  copy_out(tile, bytes, output + blockIdx.x * bytes);
  device::cluster_sync();
#endif
}

/// Output: a copy of the input's tensor, into which the tile behind it is stored, or added, at places 1 and
/// 3: they do not overlap.
enum class Into { replace, add };
template <Into into>
__global__ void store_kernel([[maybe_unused]] const __grid_constant__ TensorMap map,
                             [[maybe_unused]] int bytes, [[maybe_unused]] const std::byte* input) {
#if BREAKEVEN_ARCH >= 900
  std::byte* tile = device::dynamic_shared();
  for (int i = static_cast<int>(threadIdx.x); i < bytes; i += kThreads) tile[i] = input[kTensorBytes + i];
  device::fence_proxy_async();
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int i = 1; i <= 3; i += 2) {
    const Place at = place_of(i);
    if constexpr (into == Into::replace) {
      device::tma_store(&map, tile, at.x, at.y, at.z);
    } else {
      device::tma_reduce_add(&map, tile, at.x, at.y, at.z);
    }
    device::tma_store_commit();
  }
  device::tma_store_wait_read<1>();
  device::tma_store_wait<0>();
#endif
}

constexpr Mode kUnswizzled = {CU_TENSOR_MAP_DATA_TYPE_UINT8, 1, CU_TENSOR_MAP_SWIZZLE_NONE, 48};
constexpr Mode k32 = {CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 2, CU_TENSOR_MAP_SWIZZLE_32B, 32};
constexpr Mode k64 = {CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 4, CU_TENSOR_MAP_SWIZZLE_64B, 64};
constexpr Mode k128 = {CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 2, CU_TENSOR_MAP_SWIZZLE_128B, 128};
constexpr Mode k128Bytes = {CU_TENSOR_MAP_DATA_TYPE_UINT8, 1, CU_TENSOR_MAP_SWIZZLE_128B, 128};
constexpr Mode k128Fp32 = {CU_TENSOR_MAP_DATA_TYPE_FLOAT32, 4, CU_TENSOR_MAP_SWIZZLE_128B, 128};
constexpr Mode k128Int32 = {CU_TENSOR_MAP_DATA_TYPE_INT32, 4, CU_TENSOR_MAP_SWIZZLE_128B, 128};

template <const Mode& mode>
void load(const std::byte* input, std::byte* output, cudaStream_t stream) {
  const int bytes = mode.row_bytes * kBoxRows;
  device::launch("tma_load probe", load_kernel,
                 {.grid = dim3(kPlaceCount), .block = dim3(kThreads), .shared_bytes = bytes}, stream,
                 map_of(input, mode), bytes, output);
}

template <const Mode& mode, const Walk& walk>
void load_im2col(const std::byte* input, std::byte* output, cudaStream_t stream) {
  const int bytes = mode.row_bytes * kBoxRows;
  device::launch("tma_load_im2col probe", im2col_kernel,
                 {.grid = dim3(kPixelLoadCount), .block = dim3(kThreads), .shared_bytes = bytes}, stream,
                 map_of_pixels(input, mode, walk), walk, bytes, output);
}

void multicast(const std::byte* input, std::byte* output, cudaStream_t stream) {
  const int bytes = k128.row_bytes * kBoxRows;
  device::launch("tma_load_multicast probe", multicast_kernel,
                 {.grid = dim3(kPlaceCount * kBlocksOfCluster),
                  .block = dim3(kThreads),
                  .shared_bytes = bytes,
                  .cluster = dim3(kBlocksOfCluster)},
                 stream, map_of(input, k128), bytes, output);
}

template <const Mode& mode, Into into>
void store(const std::byte* input, std::byte* output, cudaStream_t stream) {
  const int bytes = mode.row_bytes * kBoxRows;
  cuda::check_cuda(cudaMemcpyAsync(output, input, kTensorBytes, cudaMemcpyDeviceToDevice, stream),
                   "the tensor's copy");
  device::launch("tma_store probe", store_kernel<into>,
                 {.grid = dim3(1), .block = dim3(kThreads), .shared_bytes = bytes}, stream,
                 map_of(output, mode), bytes, input);
}

constexpr Launcher kProbes[] = {
    {"tma_load/uint8/unswizzled", Needs::hopper, load<kUnswizzled>},
    {"tma_load/bf16/swizzle32", Needs::hopper, load<k32>},
    {"tma_load/fp32/swizzle64", Needs::hopper, load<k64>},
    {"tma_load/bf16/swizzle128", Needs::hopper, load<k128>},
    {"tma_load/uint8/swizzle128", Needs::hopper, load<k128Bytes>},
    {"tma_load/fp32/swizzle128", Needs::hopper, load<k128Fp32>},
    {"tma_load_im2col/bf16/swizzle128", Needs::hopper, load_im2col<k128, kDense>},
    {"tma_load_im2col/uint8/unswizzled", Needs::hopper, load_im2col<kUnswizzled, kDense>},
    {"tma_load_im2col/bf16/strided", Needs::hopper, load_im2col<k128, kStrided>},
    {"tma_load_multicast/bf16/swizzle128", Needs::hopper, multicast},
    {"tma_store/uint8/unswizzled", Needs::hopper, store<kUnswizzled, Into::replace>},
    {"tma_store/bf16/swizzle128", Needs::hopper, store<k128, Into::replace>},
    {"tma_reduce_add/fp32/swizzle128", Needs::hopper, store<k128Fp32, Into::add>},
    {"tma_reduce_add/bf16/swizzle128", Needs::hopper, store<k128, Into::add>},
    {"tma_reduce_add/int32/swizzle128", Needs::hopper, store<k128Int32, Into::add>},
};

}  // namespace

std::span<const Launcher> tma_probes() { return kProbes; }

}  // namespace breakeven::conformance
