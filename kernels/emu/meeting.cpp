// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Where threads meet: barriers of a block, collective operations of a warp and of a warpgroup.

#include "kernels/emu/meeting.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernels/emu/here.h"
#include "kernels/emu/scheduler.h"

namespace breakeven::emu {
namespace {

constexpr Waiting kAtSyncthreads = {"__syncthreads"};

/// One more arrival; true when it was the last that the barrier wanted.
bool arrive(BlockBarrier& barrier, Thread& thread, int id, int threads, int vote) {
  const auto size = static_cast<int>(thread.block->threads.size());
  if (threads <= 0 || threads > size) {
    raise_fault(FaultKind::invalid_use,
                fmt::format("barrier {} for {} threads in a block of {}", id, threads, size));
  }
  if (barrier.expected == 0) barrier.expected = threads;
  if (barrier.expected != threads) {
    raise_fault(FaultKind::divergence,
                fmt::format("barrier {} for {} threads, while others wait at it for {}", id, threads,
                            barrier.expected));
  }
  barrier.clock.release(thread.clock, thread.block->cluster->actors);
  barrier.votes += vote != 0 ? 1 : 0;
  return ++barrier.arrived == barrier.expected;
}

/// All have come: those who wait know what all did, and go on.
void open(BlockBarrier& barrier, Thread* last) {
  const auto let_go = [&](Thread& thread) {
    barrier.clock.adopt(thread.clock);
    thread.votes = barrier.votes;
  };
  for (Thread* waiting : barrier.waiting) {
    let_go(*waiting);
    waiting->block->cluster->scheduler->make_ready(*waiting);
  }
  if (last != nullptr) let_go(*last);
  barrier.waiting.clear();
  barrier.clock.clear();
  barrier.expected = barrier.arrived = barrier.votes = 0;
}

uint32_t bit(int lane) { return 1u << lane; }

bool same(const char* a, const char* b) { return a == b || std::strcmp(a, b) == 0; }

/// Whether `needed` has come whole to what lane `lane` waits for. A lane at another operation may still come;
/// one that waits there for this lane cannot.
bool all_there(const Warp& warp, int lane, uint32_t needed) {
  if ((warp.arrived & needed) != needed) return false;
  const Warp::Arrival& mine = warp.lanes[static_cast<size_t>(lane)];
  bool whole = true;
  for (uint32_t left = needed; left != 0; left &= left - 1) {
    const int other_lane = std::countr_zero(left);
    const Warp::Arrival& other = warp.lanes[static_cast<size_t>(other_lane)];
    const bool agrees = same(other.what, mine.what) && other.mask == mine.mask;
    whole = whole && agrees;
    if (agrees || (other.mask & bit(lane)) == 0) continue;
    raise_fault(FaultKind::divergence,
                fmt::format("{} for lanes {:#010x}, while lane {} is at {} for lanes {:#010x}", mine.what,
                            mine.mask, other_lane, other.what, other.mask));
  }
  return whole;
}

/// When all that lane `lane` waits for have come, they do it together and those that waited go on.
bool try_together(Block& block, int warp_index, int lane, const Thread* caller) {
  Warp& warp = block.warps[static_cast<size_t>(warp_index)];
  const Warp::Arrival& arrival = warp.lanes[static_cast<size_t>(lane)];
  const uint32_t needed = arrival.missing == Missing::left_out ? arrival.mask & warp.alive : arrival.mask;
  if (!all_there(warp, lane, needed)) return false;
  const auto& together = *arrival.together;
  Lanes data = {};
  for (uint32_t left = needed; left != 0; left &= left - 1) {
    Warp::Arrival& one = warp.lanes[static_cast<size_t>(std::countr_zero(left))];
    data[static_cast<size_t>(std::countr_zero(left))] = one.data;
    one.what = nullptr;
  }
  warp.arrived &= ~needed;
  together(data);
  for (uint32_t left = needed; left != 0; left &= left - 1) {
    Thread& one = block.threads[static_cast<size_t>(warp_index * 32 + std::countr_zero(left))];
    if (&one != caller) block.cluster->scheduler->make_ready(one);
  }
  return true;
}

}  // namespace

int barrier_sync(int id, int threads, int vote) {
  const RuntimeScope scope;
  Thread& thread = current_thread();
  Scheduler& scheduler = *thread.block->cluster->scheduler;
  BlockBarrier& barrier = thread.block->barriers.at(static_cast<size_t>(id));
  if (arrive(barrier, thread, id, threads, vote)) {
    open(barrier, &thread);
    scheduler.give_way(thread);
  } else {
    barrier.waiting.push_back(&thread);
    scheduler.wait(thread, id == 0 ? kAtSyncthreads : Waiting{"barrier {0} for {1} threads", id, threads});
  }
  return thread.votes;
}

void barrier_arrive(int id, int threads) {
  const RuntimeScope scope;
  Thread& thread = current_thread();
  BlockBarrier& barrier = thread.block->barriers.at(static_cast<size_t>(id));
  if (arrive(barrier, thread, id, threads, 0)) open(barrier, nullptr);
  thread.block->cluster->scheduler->give_way(thread);
}

void warp_meet(uint32_t mask, const char* what, void* mine, const std::function<void(Lanes&)>& together,
               Missing missing) {
  const RuntimeScope scope;
  Thread& thread = current_thread();
  Block& block = *thread.block;
  const int lane = thread.lane();
  if ((mask & bit(lane)) == 0) {
    raise_fault(
        FaultKind::divergence,
        fmt::format("{} for lanes {:#010x}, called by lane {}, which is not among them", what, mask, lane));
  }
  Warp& warp = block.warps[static_cast<size_t>(thread.warp())];
  warp.lanes[static_cast<size_t>(lane)] = {what, mask, missing, mine, &together};
  warp.arrived |= bit(lane);
  if (try_together(block, thread.warp(), lane, &thread)) {
    block.cluster->scheduler->give_way(thread);
  } else {
    block.cluster->scheduler->wait(thread, {"{2} for lanes {0:#010x}", mask, 0, what});
  }
}

void warp_sync(uint32_t mask) {
  const auto together = [](Lanes& lanes) {
    SyncClock clock;
    const uint32_t actors = here.cluster->actors;
    for (void* lane : lanes) {
      if (lane != nullptr) clock.release(*static_cast<ActorClock*>(lane), actors);
    }
    for (void* lane : lanes) {
      if (lane != nullptr) clock.adopt(*static_cast<ActorClock*>(lane));
    }
  };
  const RuntimeScope scope;
  warp_meet(mask, "__syncwarp", &current_thread().clock, together, Missing::left_out);
}

void warpgroup_meet(const char* what, void* mine, const std::function<void(WarpgroupThreads&)>& together) {
  const RuntimeScope scope;
  Thread& thread = current_thread();
  Block& block = *thread.block;
  const auto number = static_cast<size_t>(thread.linear / 128),
             place = static_cast<size_t>(thread.linear % 128);
  if ((number + 1) * 128 > block.threads.size()) {
    raise_fault(FaultKind::invalid_use,
                fmt::format("{} in a warpgroup that is not whole: the block has {} threads", what,
                            block.threads.size()));
  }
  Warpgroup& group = block.warpgroups[number];
  if (group.arrived == 0) group.what = what;
  if (!same(group.what, what)) {
    raise_fault(FaultKind::divergence,
                fmt::format("{}, while other threads of the warpgroup are at {}", what, group.what));
  }
  group.data[place] = mine;
  if (++group.arrived < 128)
    return block.cluster->scheduler->wait(thread, {"{2} (of all 128 threads)", 0, 0, what});
  group.arrived = 0;
  together(group.data);
  for (size_t i = 0; i < 128; ++i) {
    if (i != place) block.cluster->scheduler->make_ready(block.threads[number * 128 + i]);
  }
  block.cluster->scheduler->give_way(thread);
}

void at_exit(void (*function)(Thread&)) {
  auto& functions = current_cluster().at_thread_exit;
  if (std::find(functions.begin(), functions.end(), function) == functions.end())
    functions.push_back(function);
}

void exit_thread(Thread& thread) {
  Block& block = *thread.block;
  for (size_t i = 0; i < block.cluster->at_thread_exit.size(); ++i) block.cluster->at_thread_exit[i](thread);
  thread.state = ThreadState::exited;
  --block.running;
  Warp& warp = block.warps[static_cast<size_t>(thread.warp())];
  warp.alive &= ~bit(thread.lane());
  for (int lane = 0; lane < 32; ++lane) {
    const Warp::Arrival& arrival = warp.lanes[static_cast<size_t>(lane)];
    if (arrival.what != nullptr && arrival.missing == Missing::left_out &&
        (arrival.mask & bit(thread.lane())) != 0)
      try_together(block, thread.warp(), lane, nullptr);
  }
}

}  // namespace breakeven::emu
