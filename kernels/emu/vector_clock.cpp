// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/vector_clock.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/emu/fault.h"

namespace breakeven::emu {

struct ClockRef::Body {
  int references;
  uint32_t size;
  std::vector<uint32_t> ticks;
};

namespace {

uint32_t padded(uint32_t size) { return (size + 15) / 16 * 16; }

/// into[i] = max(into[i], from[i]); written so that compilers make vector instructions of it.
void maximum(uint32_t* __restrict__ into, const uint32_t* __restrict__ from, size_t count) {
  for (size_t i = 0; i < count; ++i) into[i] = into[i] < from[i] ? from[i] : into[i];
}

}  // namespace

ClockRef::ClockRef(const ClockRef& other) : body_(other.body_) {
  if (body_ != nullptr) ++body_->references;
}

ClockRef::~ClockRef() {
  if (body_ != nullptr && --body_->references == 0) delete body_;
}

uint32_t ClockRef::tick(uint32_t actor) const {
  return body_ != nullptr && actor < body_->ticks.size() ? body_->ticks[actor] : 0;
}

void ClockRef::own(uint32_t size) {
  if (body_ != nullptr && body_->references == 1) return;
  auto* fresh = new Body{1, size, body_ != nullptr ? body_->ticks : std::vector<uint32_t>(padded(size))};
  *this = ClockRef();
  body_ = fresh;
}

void ClockRef::join(const ClockRef& other, uint32_t size) {
  if (other.body_ == nullptr || other.body_ == body_) return;
  if (body_ == nullptr) {
    *this = other;
    return;
  }
  own(size);
  maximum(body_->ticks.data(), other.body_->ticks.data(),
          std::min(body_->ticks.size(), other.body_->ticks.size()));
}

void ClockRef::raise(uint32_t actor, uint32_t tick, uint32_t size) {
  if (this->tick(actor) >= tick) return;
  own(size);
  body_->ticks[actor] = tick;
}

bool ActorClock::has_seen(Epoch epoch) const {
  const uint32_t who = actor_of(epoch), when = tick_of(epoch);
  if (who == actor) return true;
  if (who == parent && when <= parent_tick) return true;
  return seen.tick(who) >= when;
}

bool ActorClock::has_fenced(Epoch epoch) const {
  const uint32_t who = actor_of(epoch), when = tick_of(epoch);
  if (who == actor) return when <= fenced_tick;
  if (who == parent && when <= parent_fenced_tick) return true;
  return fenced.tick(who) >= when;
}

void ActorClock::advance() {
  if (tick == kMaxTick) {
    raise_fault(
        FaultKind::limit,
        "a thread has passed more barriers than the emulator can count (131071): use a smaller problem");
  }
  ++tick;
}

void SyncClock::release(ActorClock& from, uint32_t size) {
  if (from.seen && !(from.seen == released_seen_)) {
    seen_.join(from.seen, size);
    released_seen_ = from.seen;
  }
  seen_.raise(from.actor, from.tick, size);
  if (from.parent != kMaxActors) seen_.raise(from.parent, from.parent_tick, size);
  if (from.fenced && !(from.fenced == released_fenced_)) {
    fenced_.join(from.fenced, size);
    released_fenced_ = from.fenced;
  }
  if (from.fenced_tick > 0) fenced_.raise(from.actor, from.fenced_tick, size);
  if (from.parent_fenced_tick > 0) fenced_.raise(from.parent, from.parent_fenced_tick, size);
  from_seen_ = to_seen_ = from_fenced_ = to_fenced_ = ClockRef();
  from.advance();
}

namespace {

/// `clock` learns `more`. Many threads that knew the same learn the same in turn: they then share the result.
void learn(ClockRef& clock, const ClockRef& more, ClockRef& from, ClockRef& to, uint32_t size) {
  if (!more || clock == more) return;
  if (clock && clock == from) {
    clock = to;
    return;
  }
  const ClockRef before = clock;
  clock.join(more, size);
  from = before;
  to = clock;
}

}  // namespace

void SyncClock::acquire(ActorClock& to, uint32_t size) {
  learn(to.seen, seen_, from_seen_, to_seen_, size);
  learn(to.fenced, fenced_, from_fenced_, to_fenced_, size);
}

void SyncClock::adopt(ActorClock& to) const {
  to.seen = seen_;
  to.fenced = fenced_;
}

void fence_proxy(ActorClock& clock) {
  clock.fenced = clock.seen;
  clock.fenced_tick = clock.tick;
  clock.advance();
}

}  // namespace breakeven::emu
