// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "kernels/emu/block.h"

// Operations that a thread starts and something else finishes: TMA, cp.async, wgmma. An operation's whole
// effect (its reads, its writes, its arrival at an mbarrier) happens when it completes, at a moment that the
// scheduler chooses between issue and the wait for it: at the latest moment allowed as readily as at once, in
// any order.

namespace breakeven::emu {

struct AsyncOp {
  const char* name;  // "tma_load": a fault names it
  Thread* issuer;    // a fault names it
  Proxy proxy;
  ActorClock clock;                   // its own, forked from the issuer's
  std::function<void(AsyncOp&)> run;  // called once
  bool done = false;
};
using AsyncHandle = std::shared_ptr<AsyncOp>;

/// Starts an operation for the current thread. `run` is called later, maybe on another stack: it captures by
/// value. Inside it shared memory is touched through async_read and async_write, or checked by async_access
/// first, and mbarriers learn of it by SyncClock::release(op.clock, ...).
AsyncHandle async_submit(const char* name, Proxy, std::function<void(AsyncOp&)> run);

/// Completes `op` now unless it has completed already: what a wait for it does. The waiting thread then
/// acquires its clock: async_observe.
void async_complete(const AsyncHandle& op);

/// The current thread knows from now on what `op` did (it waited for it): later accesses do not race with it.
void async_observe(const AsyncHandle& op);

/// Checks that `op` may touch [address, address + bytes) and remembers that it did. Shared memory (any block
/// of the cluster): object, initialised, ordered, fenced. Device memory: inside one allocation. Faults
/// otherwise.
void async_access(AsyncOp& op, const void* address, int64_t bytes, AccessKind);

/// With the check.
void async_read(AsyncOp& op, void* to, const void* from, int64_t bytes);
void async_write(AsyncOp& op, void* to, const void* from, int64_t bytes);

}  // namespace breakeven::emu
