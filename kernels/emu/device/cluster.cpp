// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/cluster.h"

#include "kernels/emu/block.h"

namespace breakeven::emu {
namespace {

struct ClusterBarrier {
  int arrived = 0;  // threads, in the phase under way
  int64_t phase = 0;
  SyncClock now, completed;
  WaitQueue waiting;
};

struct MyArrival {  // of a thread
  bool waits_for_me = false;
  int64_t phase = 0;
};

int running_threads(const Cluster& cluster) {
  int running = 0;
  for (const Block& block : cluster.blocks) running += block.running;
  return running;
}

/// All of `needed` threads have arrived: a new phase.
void turn(ClusterBarrier& barrier, int needed) {
  if (barrier.arrived == 0 || barrier.arrived < needed) return;
  barrier.completed = std::move(barrier.now);
  barrier.now = SyncClock();
  barrier.arrived = 0;
  ++barrier.phase;
  wake_all(barrier.waiting);
}

/// Nobody waits for threads that exit, arrived or not. `thread` still counts as running.
void leave(Thread& thread) {
  Cluster& cluster = *thread.block->cluster;
  auto& barrier = attached<ClusterBarrier>(cluster);
  const auto& mine = attached<MyArrival>(thread);
  if (mine.waits_for_me && mine.phase == barrier.phase) --barrier.arrived;
  turn(barrier, running_threads(cluster) - 1);
}

}  // namespace
}  // namespace breakeven::emu

namespace breakeven::device {

using namespace emu;

int cluster_rank() {
  RuntimeScope scope;
  return current_thread().block->rank;
}

int cluster_size() {
  RuntimeScope scope;
  return static_cast<int>(current_cluster().blocks.size());
}

void cluster_arrive() {
  RuntimeScope scope;
  Thread& thread = current_thread();
  Cluster& cluster = current_cluster();
  auto& mine = attached<MyArrival>(thread);
  if (mine.waits_for_me) {
    raise_fault(FaultKind::invalid_use, "cluster_arrive twice without a cluster_wait between");
  }
  auto& barrier = attached<ClusterBarrier>(cluster);
  at_exit(leave);
  mine = {true, barrier.phase};
  ++barrier.arrived;
  barrier.now.release(thread.clock, cluster.actors);
  turn(barrier, running_threads(cluster));
  give_way();
}

void cluster_wait() {
  RuntimeScope scope;
  Thread& thread = current_thread();
  Cluster& cluster = current_cluster();
  auto& mine = attached<MyArrival>(thread);
  if (!mine.waits_for_me)
    raise_fault(FaultKind::invalid_use, "cluster_wait without a cluster_arrive before it");
  auto& barrier = attached<ClusterBarrier>(cluster);
  while (barrier.phase == mine.phase) wait_in(barrier.waiting, {"the cluster barrier"});
  barrier.completed.acquire(thread.clock, cluster.actors);
  mine.waits_for_me = false;
}

}  // namespace breakeven::device
