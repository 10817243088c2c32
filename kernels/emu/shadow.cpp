// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/shadow.h"

namespace breakeven::emu {

Shadow::Shadow() : planes_(std::make_unique<Epoch[]>((kReaders + 1) * kPlane)) { close(0, kWindowBytes); }

void Shadow::fill(uint32_t offset, uint32_t bytes, Epoch writer) {
  std::fill_n(writers() + offset, bytes, writer);
  for (int i = 0; i < kReaders; ++i) std::fill_n(readers(i) + offset, bytes, kUnwritten);
}

bool Shadow::written_by_async_proxy(Epoch epoch) const {
  const uint32_t actor = actor_of(epoch);
  return actor >= thread_actors_ && (actor - thread_actors_) % kAsyncActors < kAsyncActors / 2;
}

Conflict Shadow::judge_byte(const ActorClock& by, Access access, uint32_t offset) const {
  const Epoch written = writers()[offset];
  if (written == kNoObject) return {Refusal::no_object, offset, 0};
  if (written == kUnwritten) {
    if (access.kind == AccessKind::read) return {Refusal::unwritten, offset, 0};
  } else {
    const bool both_atomic = access.ordering == Ordering::atomic && (written & kAtomic) != 0;
    if (!both_atomic && !by.has_seen(written)) return {Refusal::written, offset, written};
    if (access.proxy == Proxy::async && !written_by_async_proxy(written) && !by.has_fenced(written))
      return {Refusal::unfenced, offset, written};
  }
  if (access.kind == AccessKind::read) return {};
  for (int i = 0; i < kReaders; ++i) {
    const Epoch read = readers(i)[offset];
    if (read != 0 && !by.has_seen(read)) return {Refusal::read, offset, read};
  }
  return {};
}

Conflict Shadow::judge(const ActorClock& by, Access access, uint32_t offset, uint32_t bytes) const {
  Epoch last[kReaders + 1] = {};
  bool judged = false;  // neighbours with the same history are judged once
  for (uint32_t i = offset; i < offset + bytes; ++i) {
    bool same = judged && writers()[i] == last[0];
    for (int reader = 0; same && reader < kReaders; ++reader) same = readers(reader)[i] == last[reader + 1];
    if (same) continue;
    if (const Conflict found = judge_byte(by, access, i); found.refusal != Refusal::none) return found;
    judged = true;
    last[0] = writers()[i];
    for (int reader = 0; reader < kReaders; ++reader) last[reader + 1] = readers(reader)[i];
  }
  return {};
}

Conflict Shadow::access(const ActorClock& by, Access access, uint32_t offset, uint32_t bytes) {
  const Conflict conflict = judge(by, access, offset, bytes);
  if (conflict.refusal != Refusal::none) return conflict;
  if (access.kind == AccessKind::write) {
    std::fill_n(writers() + offset, bytes, by.epoch() | (access.ordering == Ordering::atomic ? kAtomic : 0));
  } else if (access.ordering == Ordering::plain) {
    std::fill_n(readers(reader_class(by)) + offset, bytes, by.epoch());
  }
  return {};
}

}  // namespace breakeven::emu
