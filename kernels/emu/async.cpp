// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/async.h"

#include <fmt/format.h>

#include <cstring>

#include "kernels/emu/device_memory.h"
#include "kernels/emu/here.h"
#include "kernels/emu/scheduler.h"

namespace breakeven::emu {
namespace {

/// The clock of an operation that the current thread issues now; later accesses of the thread are not ordered
/// with it.
ActorClock fork_clock(Thread& issuer, Proxy proxy) {
  Block& block = *issuer.block;
  const auto half = proxy == Proxy::async ? 0u : 1u;
  const uint32_t number = block.async_issued[half]++ % (kAsyncActors / 2) + half * (kAsyncActors / 2);
  ActorClock clock;
  clock.seen = issuer.clock.seen;
  clock.fenced = issuer.clock.fenced;
  clock.actor = block.cluster->thread_actors + static_cast<uint32_t>(block.rank) * kAsyncActors + number;
  clock.tick = ++block.async_ticks[number];
  clock.parent = issuer.clock.actor;
  clock.parent_tick = issuer.clock.tick;
  clock.parent_fenced_tick = issuer.clock.fenced_tick;
  if (clock.tick >= kMaxTick)
    raise_fault(FaultKind::limit,
                "more asynchronous operations than the emulator can count: use a smaller problem");
  issuer.clock.advance();
  return clock;
}

}  // namespace

AsyncHandle async_submit(const char* name, Proxy proxy, std::function<void(AsyncOp&)> run) {
  const RuntimeScope scope;
  Thread& thread = current_thread();
  auto op =
      std::make_shared<AsyncOp>(AsyncOp{name, &thread, proxy, fork_clock(thread, proxy), std::move(run)});
  thread.block->cluster->scheduler->submit(op);
  thread.block->cluster->scheduler->give_way(thread);
  return op;
}

void async_complete(const AsyncHandle& op) {
  const RuntimeScope scope;
  current_cluster().scheduler->complete(*op);
}

void async_observe(const AsyncHandle& op) {
  const RuntimeScope scope;
  const uint32_t actors = current_cluster().actors;
  SyncClock clock;
  clock.release(op->clock, actors);
  clock.acquire(current_thread().clock, actors);
}

void async_access(AsyncOp& op, const void* address, int64_t bytes, AccessKind kind) {
  const RuntimeScope scope;
  const char* verb = kind == AccessKind::read ? "read" : "write";
  Block* block = block_of(address);
  if (block == nullptr) {
    check_outside_shared(address, static_cast<size_t>(bytes), verb);
    return;
  }
  const Conflict conflict =
      shared_access(*block, op.clock, {kind, Ordering::plain, op.proxy}, address, bytes);
  if (conflict.refusal != Refusal::none)
    raise_conflict(*block, conflict, fmt::format("{} of {} bytes", verb, bytes));
}

void async_read(AsyncOp& op, void* to, const void* from, int64_t bytes) {
  async_access(op, from, bytes, AccessKind::read);
  std::memcpy(to, from, static_cast<size_t>(bytes));
}

void async_write(AsyncOp& op, void* to, const void* from, int64_t bytes) {
  async_access(op, to, bytes, AccessKind::write);
  std::memcpy(to, from, static_cast<size_t>(bytes));
}

}  // namespace breakeven::emu
