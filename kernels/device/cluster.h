// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Thread-block clusters (compute capability 9.0 and newer): blocks that run at the same time and reach each
// other's shared memory. Elsewhere every block is a cluster of its own.
// Trap: a block that exits takes its shared memory along: whoever is written to or arrived at from outside
// must wait at a cluster barrier before it ends.

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/cluster.h"
#else

#include "kernels/device/language.h"

namespace breakeven::device {

/// This block's place in its cluster, 0 .. cluster_size() - 1.
__device__ inline int cluster_rank() {
  uint32_t rank = 0;
#if BREAKEVEN_ARCH >= 900
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
#endif
  return static_cast<int>(rank);
}

__device__ inline int cluster_size() {
  uint32_t size = 1;
#if BREAKEVEN_ARCH >= 900
  asm("mov.u32 %0, %%cluster_nctarank;" : "=r"(size));
#endif
  return static_cast<int>(size);
}

/// barrier.cluster.arrive (release). All lanes of a warp together; each arrive needs its wait.
__device__ inline void cluster_arrive() {
#if BREAKEVEN_ARCH >= 900
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
#endif
}

/// barrier.cluster.wait (acquire): until every thread of every block of the cluster has arrived.
__device__ inline void cluster_wait() {
#if BREAKEVEN_ARCH >= 900
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
#endif
}

__device__ inline void cluster_sync() {
  cluster_arrive();
  cluster_wait();
}

}  // namespace breakeven::device

#endif
