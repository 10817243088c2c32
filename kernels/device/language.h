// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// What a kernel file may say: the CUDA language, either nvcc's own or the emulator's
// (kernels/emu/language.h), and shared memory. A kernel file has no asm, no <<<>>> and no __shared__; PTX
// stands in this folder.
//
// BREAKEVEN_ARCH:   900 and the like in a device pass and in the emulator, 0 in nvcc's host pass.
// BREAKEVEN_HOPPER: 1 where wgmma, TMA and setmaxnreg exist, which is sm_90a alone and not sm_90.

#ifdef BREAKEVEN_EMULATED
#include "kernels/emu/language.h"  // IWYU pragma: export
#else

#include <cuda_runtime.h>

#ifdef __CUDA_ARCH__
#define BREAKEVEN_ARCH __CUDA_ARCH__
#else
#define BREAKEVEN_ARCH 0
#endif
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
#define BREAKEVEN_HOPPER 1
#else
#define BREAKEVEN_HOPPER 0
#endif

#ifdef __CUDACC__  // host files include headers that say __device__, and no more than that
namespace breakeven::device {

/// The block's object of type T in shared memory, uninitialised; `tag` tells two of one type apart.
template <class T, int tag = 0>
__device__ inline T& static_shared() {
  __shared__ T object;
  return object;
}

/// The `shared_bytes` of the launch, aligned to 1024 (what TMA and wgmma want of 128-byte swizzled tiles).
__device__ inline std::byte* dynamic_shared() {
  extern __shared__ __align__(1024) std::byte dynamic_shared_bytes[];
  return dynamic_shared_bytes;
}

/// The 32-bit address that PTX and wgmma descriptors know shared memory by.
__device__ inline uint32_t shared_address(const void* generic) {
  return static_cast<uint32_t>(__cvta_generic_to_shared(generic));
}

}  // namespace breakeven::device
#endif

#endif
