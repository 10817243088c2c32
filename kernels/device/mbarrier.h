// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// mbarriers: barriers in shared memory that count arrivals of threads and bytes of asynchronous copies. A
// phase completes when all `arrivals` have come and all expected bytes have been written; the next begins at
// once, and phases alternate in parity: 0, 1, 0, ...
// Trap: a wait names the parity of the phase it waits for. A fresh barrier is in phase 0, so waiting for
// parity 1 returns at once: that is how a producer passes its first round over empty stages.

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/mbarrier.h"
#else

#include "kernels/device/language.h"

namespace breakeven::device {

using Mbarrier = uint64_t;  // opaque; never read or written but by the functions here

/// mbarrier.init: by one thread, followed by fence_mbarrier_init and a barrier before anybody else's use.
__device__ inline void mbarrier_init([[maybe_unused]] Mbarrier* barrier, [[maybe_unused]] int arrivals) {
#if BREAKEVEN_ARCH >= 900
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)), "r"(arrivals)
               : "memory");
#endif
}

/// mbarrier.arrive (release, block): one arrival.
__device__ inline void mbarrier_arrive([[maybe_unused]] Mbarrier* barrier) {
#if BREAKEVEN_ARCH >= 900
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barrier)) : "memory");
#endif
}

/// mbarrier.arrive.expect_tx: one arrival that also promises `bytes` of asynchronous copies to this phase.
/// Trap: a copy counts its whole box, also the part outside the tensor (which is filled with zeros).
__device__ inline void mbarrier_arrive_expect([[maybe_unused]] Mbarrier* barrier,
                                              [[maybe_unused]] int bytes) {
#if BREAKEVEN_ARCH >= 900
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)),
               "r"(bytes)
               : "memory");
#endif
}

/// mbarrier.try_wait.parity (acquire, block), until the phase of that parity has completed.
__device__ inline void mbarrier_wait([[maybe_unused]] const Mbarrier* barrier, [[maybe_unused]] int parity) {
#if BREAKEVEN_ARCH >= 900
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "again_%=:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@!done bra again_%=;\n"
      "}" ::"r"(shared_address(barrier)),
      "r"(parity)
      : "memory");
#endif
}

/// The same with acquire.cluster: for a barrier at which threads of other blocks arrive.
__device__ inline void mbarrier_wait_cluster([[maybe_unused]] const Mbarrier* barrier,
                                             [[maybe_unused]] int parity) {
#if BREAKEVEN_ARCH >= 900
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "again_%=:\n"
      "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 done, [%0], %1;\n"
      "@!done bra again_%=;\n"
      "}" ::"r"(shared_address(barrier)),
      "r"(parity)
      : "memory");
#endif
}

/// mapa + mbarrier.arrive.release.cluster: one arrival at the barrier that lies at the same place in block
/// `rank` of the cluster (its own rank included).
/// Trap: that block must not have exited: end the kernel with a cluster barrier.
__device__ inline void mbarrier_arrive_cluster([[maybe_unused]] Mbarrier* barrier,
                                               [[maybe_unused]] int rank) {
#if BREAKEVEN_ARCH >= 900
  asm volatile(
      "{\n"
      ".reg .b32 remote;\n"
      "mapa.shared::cluster.u32 remote, %0, %1;\n"
      "mbarrier.arrive.release.cluster.shared::cluster.b64 _, [remote];\n"
      "}" ::"r"(shared_address(barrier)),
      "r"(rank)
      : "memory");
#endif
}

}  // namespace breakeven::device

#endif
