// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

// Who knows of whose work: happens-before by vector clocks (as in FastTrack). Everybody who touches shared
// memory in a cluster is an actor with a number: first all threads of all blocks, then the asynchronous
// operations of each block, which share kAsyncActors numbers in turn. A tick counts an actor's releases.
//
// A clock is shared by all who know the same and copied when one learns more: after a barrier a whole block
// shares one. All of it belongs to one operating system thread, that of the cluster.

namespace breakeven::emu {

/// A moment of an actor: actor << 18 | tick << 1 | atomic. 0 is never.
using Epoch = uint32_t;
constexpr int kActorShift = 18;
constexpr uint32_t kMaxActors = (1u << (32 - kActorShift)) - 1, kMaxTick = (1u << (kActorShift - 1)) - 1;
constexpr uint32_t actor_of(Epoch epoch) { return epoch >> kActorShift; }
constexpr uint32_t tick_of(Epoch epoch) { return (epoch >> 1) & kMaxTick; }

/// Asynchronous operations per block that have a number of their own at a time: the first half belong to the
/// asynchronous proxy (TMA, wgmma), the second to the generic one (cp.async).
constexpr int kAsyncActors = 64;

/// A counted reference to ticks[actor], `size` of them; null knows of nothing.
class ClockRef {
 public:
  ClockRef() = default;
  ClockRef(const ClockRef& other);
  ClockRef(ClockRef&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
  ClockRef& operator=(ClockRef other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~ClockRef();

  explicit operator bool() const { return body_ != nullptr; }
  friend bool operator==(const ClockRef& a, const ClockRef& b) { return a.body_ == b.body_; }
  uint32_t tick(uint32_t actor) const;

  /// Learns what `other` knows.
  void join(const ClockRef& other, uint32_t size);
  /// Learns of `actor` up to `tick`.
  void raise(uint32_t actor, uint32_t tick, uint32_t size);

 private:
  struct Body;
  void own(uint32_t size);  // nobody else sees what is written afterwards
  Body* body_ = nullptr;
};

/// What one actor knows. `seen`: whose accesses happened before its own. `fenced`: whose generic writes the
/// asynchronous proxy sees on its behalf (fence.proxy.async). Of an asynchronous operation, `parent` is the
/// thread that issued it, known up to the moment of issue.
struct ActorClock {
  ClockRef seen, fenced;
  uint32_t actor = 0, tick = 1, fenced_tick = 0;
  uint32_t parent = kMaxActors, parent_tick = 0, parent_fenced_tick = 0;

  Epoch epoch() const { return actor << kActorShift | tick << 1; }
  /// Whether the access at `epoch` happened before what this actor does now.
  bool has_seen(Epoch epoch) const;
  /// Whether the generic write at `epoch` is visible to the asynchronous proxy on this actor's behalf.
  bool has_fenced(Epoch epoch) const;
  /// Ends what others may have learned of: later accesses are not covered by earlier releases.
  void advance();
};

/// The clock of a thing that orders: a barrier, an mbarrier's phase.
class SyncClock {
 public:
  /// What `from` has done and knows passes to those who acquire. `from` advances.
  void release(ActorClock& from, uint32_t size);
  void acquire(ActorClock& to, uint32_t size);
  /// As acquire by one whose release is in here: cheaper.
  void adopt(ActorClock& to) const;
  void clear() { *this = SyncClock(); }

 private:
  ClockRef seen_, fenced_;
  ClockRef released_seen_, released_fenced_;  // joined last: not joined again
  ClockRef from_seen_, to_seen_;              // acquired last: who knew from_seen_ then knows to_seen_
  ClockRef from_fenced_, to_fenced_;
};

/// fence.proxy.async by the thread of `clock`: its own writes and those it has seen.
void fence_proxy(ActorClock& clock);

}  // namespace breakeven::emu
