// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Fences between the ordinary ("generic") path to shared memory and that of the asynchronous engines (TMA,
// wgmma: the "async proxy"). They order this thread's accesses and those it has observed through a barrier;
// they are no rendezvous. The usual order: every thread stores, every thread fences, barrier, one thread
// issues.

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/fence.h"
#else

#include "kernels/device/language.h"

namespace breakeven::device {

/// fence.proxy.async.shared::cta: ordinary stores to shared memory so far become visible to TMA and wgmma.
/// Trap: without it the answer is right nearly always (wrong in some per cent of calls).
__device__ inline void fence_proxy_async() {
#if BREAKEVEN_ARCH >= 900
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}

/// fence.mbarrier_init.release.cluster: mbarriers this thread has initialised become visible to the
/// asynchronous engines and, after a cluster barrier, to the other blocks of the cluster.
__device__ inline void fence_mbarrier_init() {
#if BREAKEVEN_ARCH >= 900
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
#endif
}

}  // namespace breakeven::device

#endif
