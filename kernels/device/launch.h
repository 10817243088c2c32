// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "kernels/cuda/cuda_check.h"
#include "kernels/device/language.h"

namespace breakeven::device {

/// How a kernel is spread: `shared_bytes` is the dynamic shared memory of a block, `cluster` the blocks that
/// run together (it must divide the grid; at most 8 blocks).
struct Shape {
  dim3 grid, block;
  int64_t shared_bytes = 0;
  dim3 cluster = dim3(1);
  /// It spins until the host writes what it reads: then the emulator, whose host waits for a kernel that it
  /// has begun, leaves it for as long as it can. Nothing on a GPU.
  bool awaits_host = false;
};

}  // namespace breakeven::device

#ifdef BREAKEVEN_EMULATED
#include "kernels/emu/launch.h"  // IWYU pragma: export
#else

namespace breakeven::device {

/// Enqueues `kernel(arguments...)`, each argument converted to the kernel's parameter. Throws what check_cuda
/// throws, in the name of `name`; faults of the kernel itself come later, at a synchronisation.
template <class... Parameters, class... Arguments>
void launch(std::string_view name, void (*kernel)(Parameters...), const Shape& shape, cudaStream_t stream,
            Arguments&&... arguments) {
  constexpr int64_t kUnasked = 48 << 10;  // more dynamic shared memory than this has to be asked for
  if (shape.shared_bytes > kUnasked) {
    cuda::check_cuda(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                          static_cast<int>(shape.shared_bytes)),
                     name);
  }
  cudaLaunchAttribute cluster = {};
  cluster.id = cudaLaunchAttributeClusterDimension;
  cluster.val.clusterDim.x = shape.cluster.x;
  cluster.val.clusterDim.y = shape.cluster.y;
  cluster.val.clusterDim.z = shape.cluster.z;
  cudaLaunchConfig_t config = {};
  config.gridDim = shape.grid;
  config.blockDim = shape.block;
  config.dynamicSmemBytes = static_cast<size_t>(shape.shared_bytes);
  config.stream = stream;
  config.attrs = &cluster;
  // A cluster of one is asked for by silence: GPUs before sm_90 refuse the attribute itself.
  config.numAttrs = shape.cluster.x * shape.cluster.y * shape.cluster.z > 1 ? 1 : 0;
  cuda::check_cuda(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...), name);
}

}  // namespace breakeven::device

#endif
