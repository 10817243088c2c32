// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

// Twin of kernels/device/barrier.h.

namespace breakeven::emu {

void named_barrier_sync(int id, int threads);
void named_barrier_arrive(int id, int threads);

}  // namespace breakeven::emu

namespace breakeven::device {

template <int id>
inline void barrier_sync(int threads) {
  static_assert(1 <= id && id <= 15);
  emu::named_barrier_sync(id, threads);
}

template <int id>
inline void barrier_arrive(int threads) {
  static_assert(1 <= id && id <= 15);
  emu::named_barrier_arrive(id, threads);
}

}  // namespace breakeven::device
