// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/mbarrier.h"

#include <fmt/format.h>

#include <cstring>
#include <unordered_map>
#include <vector>

#include "kernels/emu/device/fence.h"
#include "kernels/emu/device/mbarrier_state.h"

namespace breakeven::emu {
namespace {

constexpr int kMostArrivals = (1 << 20) - 1;
constexpr int64_t kMostBytes = (int64_t{1} << 20) - 1;
constexpr uint64_t kSealBits = 0xB1A5ED6A7E5EA1ED;

struct Mbarriers {  // of a block, by offset in its shared memory
  std::unordered_map<uint32_t, MbarrierState> at;
};
struct Unannounced {  // of a thread
  std::vector<MbarrierState*> barriers;
};

uint64_t seal_at(const void* address) {
  uint64_t bits;
  std::memcpy(&bits, address, sizeof bits);
  return bits;
}

Block& holder(const void* address, const char* what) {
  Block* block = block_of(address);
  if (!block || reinterpret_cast<uintptr_t>(address) % 8 != 0) {
    raise_fault(block ? FaultKind::misaligned : FaultKind::invalid_use,
                fmt::format("{}: an mbarrier is 8 aligned bytes of shared memory, and this is {}", what,
                            describe_address(address)));
  }
  if (block->running == 0) {
    raise_fault(
        FaultKind::exited_block,
        fmt::format("{} in shared memory of block {} of the cluster, which has ended", what, block->rank));
  }
  return *block;
}

/// After an arrival or a copy: has the phase completed?
void turn(MbarrierState& state) {
  if (state.pending != 0 || state.bytes != 0) return;
  state.completed = std::move(state.now);
  state.now = {};
  state.pending = state.arrivals;
  ++state.phase;
  wake_all(state.waiting);
}

void arrive(void* address, int64_t bytes, const char* what) {
  Thread& thread = current_thread();
  MbarrierState& state = mbarrier_at(address, what);
  Block& block = *block_of(address);
  if (&block != thread.block) require_announced(state, what);
  check_access(address, sizeof(uint64_t), {AccessKind::write, Ordering::atomic});
  if (state.pending == 0) {
    raise_fault(
        FaultKind::invalid_use,
        fmt::format("{}: one arrival too many: all {} of phase {} have come already, and {} bytes are "
                    "still to be copied",
                    what, state.arrivals, state.phase, state.bytes));
  }
  state.bytes += bytes;
  if (bytes < 0 || state.bytes > kMostBytes) {
    raise_fault(FaultKind::invalid_use, fmt::format("{}: {} bytes expected: an mbarrier counts to {}", what,
                                                    state.bytes, kMostBytes));
  }
  --state.pending;
  SyncClock& clock = &block == thread.block ? state.now.near : state.now.far;
  clock.release(thread.clock, thread.block->cluster->actors);
  turn(state);
  give_way();
}

}  // namespace

MbarrierState& mbarrier_at(const void* address, const char* what) {
  Block& block = holder(address, what);
  auto& all = attached<Mbarriers>(block).at;
  const auto found = all.find(shared_offset(address));
  if (found == all.end()) {
    raise_fault(FaultKind::uninitialised,
                fmt::format("{} at {}, where no mbarrier was initialised", what, describe_address(address)));
  }
  if (seal_at(address) != found->second.seal) {
    raise_fault(FaultKind::invalid_use, fmt::format("{} at {}: ordinary stores have overwritten the mbarrier",
                                                    what, describe_address(address)));
  }
  return found->second;
}

void require_announced(const MbarrierState& state, const char* what) {
  if (!state.announced) {
    raise_fault(
        FaultKind::missing_proxy_fence,
        fmt::format("{} with an mbarrier whose initialisation no fence_mbarrier_init has followed", what));
  }
}

void mbarrier_complete_bytes(AsyncOp& op, const void* address, int64_t bytes) {
  MbarrierState& state = mbarrier_at(address, op.name);
  if (!op.clock.has_seen(state.initialised)) {
    raise_fault(FaultKind::race,
                fmt::format("{} completes at {}, an mbarrier whose initialisation nothing orders before it",
                            op.name, describe_address(address)));
  }
  state.bytes -= bytes;
  if (state.bytes < -kMostBytes) {
    raise_fault(FaultKind::invalid_use, fmt::format("{}: {} bytes more written than expected at {}", op.name,
                                                    -state.bytes, describe_address(address)));
  }
  state.now.near.release(op.clock, current_cluster().actors);
  turn(state);
}

void announce_mbarriers() {
  auto& mine = attached<Unannounced>(current_thread()).barriers;
  for (MbarrierState* state : mine) state->announced = true;
  mine.clear();
}

void mbarrier_init(device::Mbarrier* barrier, int arrivals) {
  RuntimeScope scope;
  constexpr const char* what = "mbarrier_init";
  Thread& thread = current_thread();
  Block& block = holder(barrier, what);
  if (&block != thread.block || arrivals < 1 || arrivals > kMostArrivals) {
    raise_fault(
        FaultKind::invalid_use,
        fmt::format("mbarrier_init for {} arrivals in block {} of the cluster: 1 to {}, in the own block",
                    arrivals, block.rank, kMostArrivals));
  }
  auto& all = attached<Mbarriers>(block).at;
  const uint32_t offset = shared_offset(barrier);
  if (const auto old = all.find(offset); old != all.end() && seal_at(barrier) == old->second.seal) {
    raise_fault(
        FaultKind::invalid_use,
        fmt::format("mbarrier_init at {}, where an mbarrier is in use (phase {}, {} "
                    "of {} arrivals to come)",
                    describe_address(barrier), old->second.phase, old->second.pending, old->second.arrivals));
  }
  check_access(barrier, sizeof *barrier, {AccessKind::write});
  MbarrierState& state = all[offset] = MbarrierState();
  state.arrivals = state.pending = arrivals;
  state.seal = kSealBits ^ offset;
  state.initialised = thread.clock.epoch();
  std::memcpy(barrier, &state.seal, sizeof state.seal);
  attached<Unannounced>(thread).barriers.push_back(&state);
}

void mbarrier_arrive(device::Mbarrier* barrier, int rank) {
  RuntimeScope scope;
  if (rank < 0) return arrive(barrier, 0, "mbarrier_arrive");
  auto& blocks = current_cluster().blocks;
  if (block_of(barrier) != current_thread().block || rank >= static_cast<int>(blocks.size())) {
    raise_fault(
        FaultKind::invalid_use,
        fmt::format("mbarrier_arrive_cluster at rank {} of a cluster of {} blocks, {}: it takes the own "
                    "block's address and a rank of the cluster",
                    rank, blocks.size(), describe_address(barrier)));
  }
  arrive(shared_pointer(blocks[static_cast<size_t>(rank)], shared_offset(barrier)), 0,
         "mbarrier_arrive_cluster");
}

void mbarrier_arrive_expect(device::Mbarrier* barrier, int bytes) {
  RuntimeScope scope;
  if (block_of(barrier) != current_thread().block) {
    raise_fault(FaultKind::invalid_use, "mbarrier_arrive_expect at an mbarrier of another block");
  }
  arrive(barrier, bytes, "mbarrier_arrive_expect");
}

void mbarrier_wait(const device::Mbarrier* barrier, int parity, AcquireScope reach) {
  RuntimeScope scope;
  Thread& thread = current_thread();
  if ((parity != 0 && parity != 1) || block_of(barrier) != thread.block) {
    raise_fault(
        FaultKind::invalid_use,
        fmt::format("mbarrier_wait for parity {} at {}: parities are 0 and 1, and the mbarrier is the own "
                    "block's",
                    parity, describe_address(barrier)));
  }
  MbarrierState& state = mbarrier_at(barrier, "mbarrier_wait");
  check_access(barrier, sizeof *barrier, {AccessKind::read, Ordering::atomic});
  give_way();
  while (static_cast<int>(state.phase & 1) == parity) {
    wait_in(state.waiting, {"the phase of parity {} of the mbarrier at offset {} of shared memory", parity,
                            shared_offset(barrier)});
  }
  const uint32_t actors = thread.block->cluster->actors;
  state.completed.near.acquire(thread.clock, actors);
  if (reach == AcquireScope::cluster) state.completed.far.acquire(thread.clock, actors);
}

void fence_async_proxy() {
  RuntimeScope scope;
  fence_proxy(current_thread().clock);
  announce_mbarriers();
}

void fence_new_mbarriers() {
  RuntimeScope scope;
  announce_mbarriers();
}

}  // namespace breakeven::emu
