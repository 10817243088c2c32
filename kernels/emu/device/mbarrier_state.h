// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "kernels/emu/async.h"
#include "kernels/emu/block.h"

// What the emulator knows of an mbarrier. The 8 bytes in shared memory hold only a seal, to notice ordinary
// stores over them.

namespace breakeven::emu {

struct MbarrierState {
  /// Who arrived in one phase: threads of the block and copy engines; threads of other blocks.
  struct Arrived {
    SyncClock near, far;
  };

  uint64_t seal = 0;
  int arrivals = 0;        // threads that complete a phase
  int pending = 0;         // of them, still to come in this phase
  int64_t bytes = 0;       // expected less written; may be negative for a while
  uint64_t phase = 0;      // phases completed
  Arrived now, completed;  // in the phase under way, in the one before
  Epoch initialised = 0;
  bool announced = false;  // its initialiser has fenced: engines and other blocks may use it
  WaitQueue waiting;
};

/// The mbarrier at `address` in shared memory of a block that still runs. Faults (as `what`) where none was
/// initialised, or its bytes have been overwritten.
MbarrierState& mbarrier_at(const void* address, const char* what);

/// Faults unless fence_mbarrier_init has made `state` known beyond the threads of its block.
void require_announced(const MbarrierState& state, const char* what);

/// What a copy does when its bytes have been written.
void mbarrier_complete_bytes(AsyncOp&, const void* address, int64_t bytes);

/// By a fence of the current thread: the mbarriers it has initialised are known to engines and other blocks.
void announce_mbarriers();

}  // namespace breakeven::emu
