// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "kernels/emu/async.h"
#include "kernels/emu/device/wgmma_tile.h"

namespace breakeven::emu {

/// Accumulators of a warpgroup while multiplications that write them are under way.
struct InFlight {
  Sums sums;
};

/// One wgmma of a warpgroup.
struct Multiplication {
  WgmmaShape shape;
  uint64_t a, b;
  Accumulate accumulate;
  std::shared_ptr<InFlight> accumulators;
  ActorClock first_clock;  // of the thread that came first: it must have seen the operands as any other
  int issued = 0;          // threads
  int retired = 0;         // threads
  AsyncHandle operation;   // from the moment when all 128 have issued it
  SyncClock done;          // it and all before it
};

/// The multiplications of a warpgroup in order; those that all threads have retired are gone.
struct WgmmaQueue {
  uint64_t first = 0;  // number of front()
  std::deque<std::shared_ptr<Multiplication>> waiting;
  WaitQueue issued;
  Multiplication& at(uint64_t number) { return *waiting[number - first]; }
  uint64_t end() const { return first + waiting.size(); }
};
struct WgmmaQueues {  // of a block, by warpgroup
  std::deque<WgmmaQueue> of;
};

/// An array of a thread that it has used as accumulators.
struct Registers128 {
  uint32_t* d = nullptr;
  int count = 0;
  int under_way = 0;                       // multiplications
  std::shared_ptr<InFlight> accumulators;  // while there are any
  std::vector<uint32_t> known;             // what the hardware has in them: after the last wait or fence
};

/// Of a thread.
struct WgmmaThread {
  uint64_t issued = 0, retired = 0;
  std::deque<uint64_t> groups;  // numbers behind the last multiplication of each committed group
  bool fenced = false;
  std::deque<Registers128> registers;
  std::deque<Registers128*> targets;  // of the multiplications from `retired` on
};

}  // namespace breakeven::emu
