// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/emu/device_memory.h"
#include "kernels/emu/grid.h"
#include "kernels/emu/here.h"
#include "kernels/emu/scheduler.h"
#include "kernels/emu/window.h"

namespace breakeven::emu {

thread_local Here here __attribute__((tls_model("initial-exec")));
thread_local Thread* judged __attribute__((tls_model("initial-exec"))) = nullptr;

Thread* running_thread() { return here.thread; }

Thread& current_thread() {
  if (here.thread == nullptr) throw std::logic_error("a device function was called outside a kernel");
  return *here.thread;
}

Cluster& current_cluster() {
  if (here.cluster == nullptr) throw std::logic_error("a device function was called outside a kernel");
  return *here.cluster;
}

RuntimeScope::RuntimeScope() : judged_(judged) { judged = nullptr; }
RuntimeScope::~RuntimeScope() { judged = judged_; }

void wait_in(WaitQueue& queue, Waiting why) {
  const RuntimeScope scope;
  Thread& thread = current_thread();
  queue.threads_.push_back(&thread);
  thread.block->cluster->scheduler->wait(thread, why);
}

void wake_all(WaitQueue& queue) {
  for (Thread* thread : queue.threads_) thread->block->cluster->scheduler->make_ready(*thread);
  queue.threads_.clear();
}

void give_way() {
  const RuntimeScope scope;
  Thread& thread = current_thread();
  thread.block->cluster->scheduler->give_way(thread);
}

void sleep_a_little(const char* what) {
  const RuntimeScope scope;
  Thread& thread = current_thread();
  thread.block->cluster->scheduler->sleep(thread, what);
}

void polled(const char* what) {
  constexpr int kLooks = 16;
  if (++current_thread().polls % kLooks == 0) sleep_a_little(what);
}

namespace {

std::string name_of(const uint3& index) { return fmt::format("({},{},{})", index.x, index.y, index.z); }

/// "block (0,0,0), thread (5,0,0)".
std::string place(const Thread& thread) {
  return fmt::format("block {}, thread {}", name_of(thread.block->index), name_of(thread.index));
}

/// Who did something at `epoch`, seen from `block`.
std::string name_of(const Cluster& cluster, const Block& block, Epoch epoch) {
  uint32_t actor = actor_of(epoch);
  if (actor >= cluster.thread_actors) {
    return (actor - cluster.thread_actors) % kAsyncActors < kAsyncActors / 2
               ? "an asynchronous operation (TMA or wgmma)"
               : "a cp.async";
  }
  const auto per_block = static_cast<uint32_t>(block.threads.size());
  const Block& other = cluster.blocks[actor / per_block];
  const std::string thread = "thread " + name_of(other.threads[actor % per_block].index);
  return &other == &block ? thread : thread + " of block " + name_of(other.index);
}

}  // namespace

void raise_fault(FaultKind kind, std::string what) {
  judged = nullptr;
  if (here.cluster == nullptr) throw Fault(kind, what);
  std::string where;
  if (here.op != nullptr) {
    where = fmt::format("{}, {}", place(*here.op->issuer), here.op->name);
  } else if (here.thread != nullptr) {
    where = place(*here.thread) + code_place(here.thread->pc);
  }
  Fault fault(kind, fmt::format("{}: {}: {}", here.cluster->kernel, where, what));
  std::string().swap(what);  // the frames are left without unwinding
  std::string().swap(where);
  here.cluster->scheduler->fail(std::move(fault));
}

void raise_conflict(const Block& block, const Conflict& conflict, const std::string& what) {
  const std::string object = describe_address(block.window + conflict.offset);
  const std::string other = name_of(*block.cluster, block, conflict.other);
  switch (conflict.refusal) {
    case Refusal::unwritten:
      raise_fault(FaultKind::uninitialised,
                  fmt::format("{} of shared memory that nobody has written: {}", what, object));
    case Refusal::written:
      raise_fault(
          FaultKind::race,
          fmt::format("{} of shared memory races with a write by {}, which nothing orders before it: {}",
                      what, other, object));
    case Refusal::read:
      raise_fault(
          FaultKind::race,
          fmt::format("{} of shared memory races with a read by {}, which nothing orders before it: {}", what,
                      other, object));
    case Refusal::unfenced:
      raise_fault(FaultKind::missing_proxy_fence,
                  fmt::format("{} of shared memory that {} wrote with an ordinary store, and no "
                              "fence.proxy.async between: {}",
                              what, other, object));
    default:
      break;
  }
  if (block.running == 0) {
    raise_fault(FaultKind::exited_block, fmt::format("{} of shared memory of block {}, which has exited: {}",
                                                     what, name_of(block.index), object));
  }
  raise_fault(FaultKind::out_of_bounds,
              fmt::format("{} of shared memory outside every object: {}", what, object));
}

}  // namespace breakeven::emu
