// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// The tensor memory accelerator (compute capability 9.0 and newer): one thread starts the copy of a box of a
// tensor between global and shared memory. A tensor map, made on the host and passed as
// `const __grid_constant__ TensorMap`, tells address, shape, strides, box and swizzle. Always three
// dimensions here (four in im2col mode): x innermost (contiguous), y rows, z batch; coordinates in elements,
// and what lies outside the tensor is read as zero and not written.
// Traps: shared memory must be aligned to 128 bytes, with the 128-byte swizzle to 1024 (the pattern is a
// function of the address: 16-byte column ^= row % 8). A map must not outlive the allocation it points to.

#include <cuda.h>

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/tma.h"
#else

#include "kernels/device/language.h"
#include "kernels/device/mbarrier.h"

namespace breakeven::device {

using TensorMap = CUtensorMap;

/// prefetch.tensormap: brings the map itself near; a hint.
__device__ inline void tma_prefetch_map([[maybe_unused]] const TensorMap* map) {
#if BREAKEVEN_ARCH >= 900
  asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory");
#endif
}

/// cp.async.bulk.tensor.3d, global to shared: the box at (x, y, z); counts the whole box's bytes at `barrier`
/// when they are written.
__device__ inline void tma_load([[maybe_unused]] void* to, [[maybe_unused]] const TensorMap* map,
                                [[maybe_unused]] Mbarrier* barrier, [[maybe_unused]] int x,
                                [[maybe_unused]] int y, [[maybe_unused]] int z) {
#if BREAKEVEN_ARCH >= 900
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], "
      "[%2];" ::"r"(shared_address(to)),
      "l"(map), "r"(shared_address(barrier)), "r"(x), "r"(y), "r"(z)
      : "memory");
#endif
}

/// cp.async.bulk.tensor.4d in im2col mode, global to shared: channels from `c` on of the pixels that a map of
/// cuTensorMapEncodeIm2col walks: along w, then h, then n, through the box of filter corners that begins at
/// the map's lower corner; each is read at (w + offset_w, h + offset_h). Pixels outside are zero.
/// Traps (PTX ISA, "im2col mode"): (w, h) is the first filter corner, in the tensor's coordinates (negative
/// under padding), and must lie in the box; offsets are at most 255. The map's corners are in the order
/// {w, h}, as CUTLASS hands them over, although the driver's documentation names them {D, H, W}.
__device__ inline void tma_load_im2col([[maybe_unused]] void* to, [[maybe_unused]] const TensorMap* map,
                                       [[maybe_unused]] Mbarrier* barrier, [[maybe_unused]] int c,
                                       [[maybe_unused]] int w, [[maybe_unused]] int h, [[maybe_unused]] int n,
                                       [[maybe_unused]] uint16_t offset_w,
                                       [[maybe_unused]] uint16_t offset_h) {
#if BREAKEVEN_ARCH >= 900
  asm volatile(
      "cp.async.bulk.tensor.4d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes "
      "[%0], [%1, {%3, %4, %5, %6}], [%2], {%7, %8};" ::"r"(shared_address(to)),
      "l"(map), "r"(shared_address(barrier)), "r"(c), "r"(w), "r"(h), "r"(n), "h"(offset_w), "h"(offset_h)
      : "memory");
#endif
}

/// The same box into every block of the cluster whose bit is set in `block_mask`, each at its own copy of the
/// address `to` and counted at its own copy of `barrier`.
__device__ inline void tma_load_multicast([[maybe_unused]] void* to, [[maybe_unused]] const TensorMap* map,
                                          [[maybe_unused]] Mbarrier* barrier, [[maybe_unused]] int x,
                                          [[maybe_unused]] int y, [[maybe_unused]] int z,
                                          [[maybe_unused]] uint16_t block_mask) {
#if BREAKEVEN_HOPPER  // on other targets ptxas advises against it
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster "
      "[%0], [%1, {%4, %5, %6}], [%2], %3;" ::"r"(shared_address(to)),
      "l"(map), "r"(shared_address(barrier)), "h"(block_mask), "r"(x), "r"(y), "r"(z)
      : "memory");
#endif
}

/// cp.async.bulk.tensor.3d, shared to global. Trap: it reads shared memory later; nobody may write there
/// before tma_store_wait_read by the same thread. And fence_proxy_async must lie before it.
__device__ inline void tma_store([[maybe_unused]] const TensorMap* map, [[maybe_unused]] const void* from,
                                 [[maybe_unused]] int x, [[maybe_unused]] int y, [[maybe_unused]] int z) {
#if BREAKEVEN_ARCH >= 900
  asm volatile("cp.async.bulk.tensor.3d.global.shared::cta.bulk_group [%0, {%2, %3, %4}], [%1];" ::"l"(map),
               "r"(shared_address(from)), "r"(x), "r"(y), "r"(z)
               : "memory");
#endif
}

/// cp.reduce.async.bulk.tensor.3d.add: adds to what stands in global memory, in the tensor's element type,
/// each element atomically; the order of several additions is not defined.
__device__ inline void tma_reduce_add([[maybe_unused]] const TensorMap* map,
                                      [[maybe_unused]] const void* from, [[maybe_unused]] int x,
                                      [[maybe_unused]] int y, [[maybe_unused]] int z) {
#if BREAKEVEN_ARCH >= 900
  asm volatile(
      "cp.reduce.async.bulk.tensor.3d.global.shared::cta.add.bulk_group [%0, {%2, %3, %4}], [%1];" ::"l"(map),
      "r"(shared_address(from)), "r"(x), "r"(y), "r"(z)
      : "memory");
#endif
}

/// cp.async.bulk.commit_group: this thread's stores since the last commit become one group.
__device__ inline void tma_store_commit() {
#if BREAKEVEN_ARCH >= 900
  asm volatile("cp.async.bulk.commit_group;" ::: "memory");
#endif
}

/// cp.async.bulk.wait_group.read: waits until all but the newest `pending` groups have read shared memory.
template <int pending>
__device__ inline void tma_store_wait_read() {
#if BREAKEVEN_ARCH >= 900
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(pending) : "memory");
#endif
}

/// cp.async.bulk.wait_group: waits until all but the newest `pending` groups have written global memory.
template <int pending>
__device__ inline void tma_store_wait() {
#if BREAKEVEN_ARCH >= 900
  asm volatile("cp.async.bulk.wait_group %0;" ::"n"(pending) : "memory");
#endif
}

}  // namespace breakeven::device

#endif
