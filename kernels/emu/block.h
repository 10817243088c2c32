// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector_types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels/emu/fault.h"
#include "kernels/emu/fiber.h"
#include "kernels/emu/shadow.h"
#include "kernels/emu/vector_clock.h"

// Threads, blocks and clusters as they run. A cluster belongs to one operating system thread; its CUDA
// threads are fibers that give way only inside the emulator's own functions.
//
// For an author of a primitive (kernels/emu/device/*.h calls a function, its .cpp does this):
//   RuntimeScope scope;                      // what follows is the emulator's own work, not the kernel's
//   Thread& thread = current_thread();
//   MyState& state = attached<MyState>(*thread.block);     // made when first asked for, gone with the block
//   check_access(pointer, bytes, {AccessKind::read});       // as if the kernel had touched it
//   while (!state.ready) wait_in(state.queue, {"thing {}", id});
//   state.sync.acquire(thread.clock, thread.block->cluster->actors);

namespace breakeven::emu {

struct Block;
struct Cluster;
struct Thread;

/// How a kernel is spread. `cluster` divides `grid`; `shared_bytes` is the dynamic shared memory of a block.
struct GridShape {
  dim3 grid, block;
  dim3 cluster = dim3(1);
  int64_t shared_bytes = 0;
};

/// What a thread waits for, in words: `what` with {0} and {1} for the numbers and {2} for the name; made into
/// a sentence only in a report.
struct Waiting {
  const char* what = nullptr;
  int64_t first = 0, second = 0;
  const char* name = "";
};

/// Threads that wait for one thing.
class WaitQueue {
 public:
  bool empty() const { return threads_.empty(); }

 private:
  friend void wait_in(WaitQueue&, Waiting);
  friend void wake_all(WaitQueue&);
  std::vector<Thread*> threads_;
};

/// Things of any type attached to a thread, a block or a cluster: state of primitives that this file does not
/// know. Few of them, searched one by one.
class Attachments {
 public:
  template <class T>
  T& get() {
    static char key;  // its address is T's name
    for (const auto& [k, value] : held_) {
      if (k == &key) return *static_cast<T*>(value.get());
    }
    auto made = std::make_shared<T>();
    held_.emplace_back(&key, made);
    return *made;
  }
  void clear() { held_.clear(); }

 private:
  std::vector<std::pair<const void*, std::shared_ptr<void>>> held_;
};

enum class ThreadState : uint8_t { ready, waiting, sleeping, exited };

/// A CUDA thread.
struct Thread {
  Block* block = nullptr;
  uint3 index = {};
  int linear = 0;  // in its block, x fastest
  int lane() const { return linear % 32; }
  int warp() const { return linear / 32; }

  ActorClock clock;
  ThreadState state = ThreadState::ready;
  Waiting waiting;
  const void* pc = nullptr;  // of the access that is being judged, where known
  int votes = 0;             // what the barrier that just ended counted
  int polls = 0;
  Fiber fiber;
  Attachments attachments;

  // Where it may read and write outside shared memory, as far as it has been asked: a few arrays in turn.
  struct Range {
    uintptr_t begin = 0;
    size_t bytes = 0;
    bool holds(uintptr_t at, size_t size) const { return at - begin < bytes && size <= bytes - (at - begin); }
  };
  std::array<Range, 4> allowed;
  uint32_t allowed_next = 0;
};

/// One of the 16 barriers of a block; barrier 0 is __syncthreads.
struct BlockBarrier {
  int expected = 0, arrived = 0;  // threads; expected 0: nobody has arrived
  int votes = 0;                  // how many of them with a predicate that is not 0
  SyncClock clock;
  std::vector<Thread*> waiting;
};

using Lanes = std::array<void*, 32>;  // what each lane brought, null for those that take no part
using WarpgroupThreads = std::array<void*, 128>;

enum class Missing : uint8_t { waited_for, left_out };  // lanes of a mask that have exited

/// Lanes of a warp that meet in a collective operation.
struct Warp {
  struct Arrival {
    const char* what = nullptr;  // null: this lane has not arrived
    uint32_t mask = 0;
    Missing missing = Missing::waited_for;
    void* data = nullptr;
    const std::function<void(Lanes&)>* together = nullptr;
  };
  std::array<Arrival, 32> lanes;
  uint32_t alive = 0;    // lanes that exist and have not exited
  uint32_t arrived = 0;  // lanes that wait in here
};

/// Four warps that meet (wgmma).
struct Warpgroup {
  const char* what = nullptr;
  int arrived = 0;
  WarpgroupThreads data = {};
};

struct Block {
  Cluster* cluster = nullptr;
  int rank = 0;  // in its cluster, x fastest
  uint3 index = {};
  std::byte* window = nullptr;  // kWindowBytes of shared memory addresses
  Shadow* shadow = nullptr;
  std::vector<Thread> threads;
  std::array<BlockBarrier, 16> barriers;
  std::vector<Warp> warps;
  std::vector<Warpgroup> warpgroups;
  std::array<uint32_t, kAsyncActors> async_ticks = {};
  std::array<uint32_t, 2> async_issued = {};  // by proxy
  int running = 0;  // threads that have not exited; 0: the block is gone and so is its shared memory
  Attachments attachments;
};

/// A static object in shared memory; at the same place in every block of the cluster.
struct StaticObject {
  const void* key;
  std::string type;
  uint32_t offset, bytes;
};

class Scheduler;

struct Cluster {
  const char* kernel = "";
  GridShape shape;
  uint3 index = {};            // of its first block
  std::vector<Block> blocks;   // by rank
  uint32_t thread_actors = 0;  // actors that are threads; the others are asynchronous operations
  uint32_t actors = 0;
  std::byte* window = nullptr;  // the blocks' windows, one after another
  size_t window_bytes = 0;
  std::vector<StaticObject> static_objects;
  Scheduler* scheduler = nullptr;
  Attachments attachments;
  std::vector<void (*)(Thread&)> at_thread_exit;  // of primitives that mind; see at_exit
};

// --- Where am I -----------------------------------------------------------------------------------------

/// The thread that runs, or null outside kernels and inside an operation that completes by itself.
Thread* running_thread();
/// The same where there must be one.
Thread& current_thread();
/// The cluster of this operating system thread; it must have one.
Cluster& current_cluster();

template <class T>
T& attached(Thread& thread) {
  return thread.attachments.get<T>();
}
template <class T>
T& attached(Block& block) {
  return block.attachments.get<T>();
}
template <class T>
T& attached(Cluster& cluster) {
  return cluster.attachments.get<T>();
}

/// While one lives, memory accesses are the emulator's own and not judged.
class RuntimeScope {
 public:
  RuntimeScope();
  ~RuntimeScope();
  RuntimeScope(const RuntimeScope&) = delete;
  RuntimeScope& operator=(const RuntimeScope&) = delete;

 private:
  Thread* judged_;
};

/// Calls `function` for every thread of the current cluster that exits from now on, on its stack; once,
/// however often it is asked for.
void at_exit(void (*function)(Thread&));

// --- Waiting (of a thread) --------------------------------------------------------------------------------

/// Gives way until wake_all; the caller tests its condition again. Never polled.
void wait_in(WaitQueue& queue, Waiting why);
void wake_all(WaitQueue& queue);
/// Gives others a chance, as the seed likes; every primitive that could be followed by a race calls it.
void give_way();
/// __nanosleep and polling of device memory: others go first.
void sleep_a_little(const char* what);
/// A look at memory that others of the grid may change while this thread looks: now and then sleeps.
void polled(const char* what);

// --- Meeting others ---------------------------------------------------------------------------------------

/// Barrier `id` of the block for `threads` of its threads; returns how many arrived with `vote` not 0.
int barrier_sync(int id, int threads, int vote = 0);
void barrier_arrive(int id, int threads);

/// Meets the other lanes of `mask` at the same operation. The last to come calls `together` once, with what
/// each lane brought, and all go on. Orders no memory. Lanes that do not exist or have exited are waited for
/// in vain, or left out, as __shfl_sync and its kin have it.
void warp_meet(uint32_t mask, const char* what, void* mine, const std::function<void(Lanes&)>& together,
               Missing missing = Missing::waited_for);
/// __syncwarp: orders memory.
void warp_sync(uint32_t mask);
/// As warp_meet, for the 128 threads of a warpgroup.
void warpgroup_meet(const char* what, void* mine, const std::function<void(WarpgroupThreads&)>& together);

// --- Memory -----------------------------------------------------------------------------------------------

/// Faults unless the current thread may touch [address, address + bytes): as if its code had. Remembered in
/// the shadow of shared memory.
void check_access(const void* address, int64_t bytes, Access);

/// The block of the cluster whose shared memory holds `address`, or null.
Block* block_of(const void* address);
/// Offset of a shared memory address in its block's window, and back: what 32-bit addresses are made of.
uint32_t shared_offset(const void* address);
std::byte* shared_pointer(Block& block, uint32_t offset);
/// "dynamic shared memory + 128 (of 49152 bytes)": an address in words, whatever it is.
std::string describe_address(const void* address);

/// The block's own memory: kernels/device/language.h.
std::byte* dynamic_shared();
void* static_shared(const void* key, const char* type, size_t bytes, size_t alignment);

}  // namespace breakeven::emu
