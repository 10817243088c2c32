// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

// Twin of kernels/device/mbarrier.h.

namespace breakeven::device {

using Mbarrier = uint64_t;

}  // namespace breakeven::device

namespace breakeven::emu {

/// Whose arrivals a wait learns from: those of its own block (and the copy engines), or of the whole cluster.
enum class AcquireScope : uint8_t { block, cluster };

void mbarrier_init(device::Mbarrier*, int arrivals);
void mbarrier_arrive(device::Mbarrier*, int rank);  // in block `rank` of the cluster; -1: the own
void mbarrier_arrive_expect(device::Mbarrier*, int bytes);
void mbarrier_wait(const device::Mbarrier*, int parity, AcquireScope);

}  // namespace breakeven::emu

namespace breakeven::device {

inline void mbarrier_init(Mbarrier* barrier, int arrivals) { emu::mbarrier_init(barrier, arrivals); }
inline void mbarrier_arrive(Mbarrier* barrier) { emu::mbarrier_arrive(barrier, -1); }
inline void mbarrier_arrive_expect(Mbarrier* barrier, int bytes) {
  emu::mbarrier_arrive_expect(barrier, bytes);
}
inline void mbarrier_wait(const Mbarrier* barrier, int parity) {
  emu::mbarrier_wait(barrier, parity, emu::AcquireScope::block);
}
inline void mbarrier_wait_cluster(const Mbarrier* barrier, int parity) {
  emu::mbarrier_wait(barrier, parity, emu::AcquireScope::cluster);
}
inline void mbarrier_arrive_cluster(Mbarrier* barrier, int rank) { emu::mbarrier_arrive(barrier, rank); }

}  // namespace breakeven::device
