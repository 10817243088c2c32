// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "kernels/emu/here.h"
#include "kernels/emu/meeting.h"

namespace breakeven::emu {
namespace {

std::atomic<double> patience_seconds = 20;

}  // namespace

void set_patience(double seconds) { patience_seconds = seconds; }

uint64_t Random::next() {
  uint64_t x = state_ += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

Scheduler::Scheduler(Cluster& cluster, uint64_t seed, const std::atomic<bool>& stop)
    : cluster_(cluster), stop_(stop), adversarial_(seed != 0), random_(seed) {
  cluster.scheduler = this;
}

void Scheduler::run(const std::function<void()>& body) {
  body_ = &body;
  for (Block& block : cluster_.blocks) {
    for (Thread& thread : block.threads) {
      thread.fiber.start(&Scheduler::enter, &thread);
      ++alive_;
      make_ready(thread);
    }
  }
  while (!stop_.load(std::memory_order_relaxed)) {
    Thread* thread = next();
    if (thread == nullptr) return;
    step(*thread);
    if (fault_) throw Fault(*fault_);
  }
}

/// One turn of `thread`.
void Scheduler::step(Thread& thread) {
  here.thread = &thread;
  thread.fiber.resume();
  here.thread = nullptr;
  judged = nullptr;
  if (thread.state == ThreadState::exited) --alive_;
  if (thread.state != ThreadState::sleeping) idle_since_.reset();
}

/// The first and the last of a thread's stack.
void Scheduler::enter(void* argument) {
  auto& thread = *static_cast<Thread*>(argument);
  judged = &thread;
  (*thread.block->cluster->scheduler->body_)();
  judged = nullptr;
  exit_thread(thread);
}

Thread* Scheduler::next() {
  if (adversarial_ && --mood_.turns_left < 0) change_mood();
  complete_some();
  while (true) {
    if (Thread* thread = take()) return thread;
    if (!held_.empty()) {
      ready_.swap(held_);
    } else if (!pending_.empty()) {
      complete(*pending_[adversarial_ ? random_.below(pending_.size()) : 0]);
    } else if (!sleeping_.empty()) {
      if (!wake_sleepers()) return nullptr;
    } else if (alive_ == 0) {
      return nullptr;
    } else {
      fail({FaultKind::deadlock, fmt::format("{}: deadlock: {}", cluster_.kernel, waiting_report(cluster_))});
    }
  }
}

void Scheduler::linger() {
  if (adversarial_ && random_.one_in(8))
    std::this_thread::sleep_for(std::chrono::microseconds(random_.below(5000)));
}

/// One of those that are ready, as the mood has it.
Thread* Scheduler::take() {
  if (first_ready_ == ready_.size()) {
    ready_.clear();
    first_ready_ = 0;
    return nullptr;
  }
  if (mood_.order == Order::oldest) return ready_[first_ready_++];
  if (mood_.order == Order::any)
    std::swap(ready_[first_ready_ + random_.below(ready_.size() - first_ready_)], ready_.back());
  Thread* taken = ready_.back();
  ready_.pop_back();
  return taken;
}

void Scheduler::change_mood() {
  constexpr std::array<size_t, 4> kOdds = {0, 64, 8, 1};
  mood_.turns_left = 1 + static_cast<int>(random_.below(256));
  mood_.order = static_cast<Order>(random_.below(3));
  mood_.held_warps = random_.one_in(2) ? 0 : random_.next() & random_.next();
  mood_.completion_odds = kOdds[random_.below(kOdds.size())];
  ready_.insert(ready_.end(), held_.begin(), held_.end());
  held_.clear();
  if (random_.one_in(4)) {
    for (Thread* thread : sleeping_) make_ready(*thread);
    sleeping_.clear();
  }
}

bool Scheduler::is_held(const Thread& thread) const {
  const int warp = thread.warp() + thread.block->rank * static_cast<int>(thread.block->warps.size());
  return (mood_.held_warps >> (warp % 64) & 1) != 0;
}

void Scheduler::make_ready(Thread& thread) {
  thread.state = ThreadState::ready;
  (adversarial_ && is_held(thread) ? held_ : ready_).push_back(&thread);
}

void Scheduler::complete_some() {
  if (!pending_.empty() && random_.one_in(mood_.completion_odds))
    complete(*pending_[adversarial_ ? random_.below(pending_.size()) : 0]);
}

/// Nobody can do anything but look again. Others of the grid may have something for them to see: this
/// operating system thread gives way. False when the grid has been stopped.
bool Scheduler::wake_sleepers() {
  const auto now = std::chrono::steady_clock::now();
  if (!idle_since_) idle_since_ = now;
  const double idle = std::chrono::duration<double>(now - *idle_since_).count();
  if (idle > patience_seconds) {
    fail({FaultKind::deadlock,
          fmt::format("{}: no progress for {:.3g} s: {}", cluster_.kernel, idle, waiting_report(cluster_))});
  }
  if (idle > 1e-3) {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  } else {
    std::this_thread::yield();
  }
  for (Thread* thread : sleeping_) make_ready(*thread);
  sleeping_.clear();
  return !stop_.load(std::memory_order_relaxed);
}

void Scheduler::wait(Thread& thread, Waiting why) {
  thread.state = ThreadState::waiting;
  thread.waiting = why;
  thread.fiber.suspend();
}

void Scheduler::sleep(Thread& thread, const char* what) {
  thread.state = ThreadState::sleeping;
  thread.waiting = {"{2}", 0, 0, what};
  sleeping_.push_back(&thread);
  thread.fiber.suspend();
}

void Scheduler::give_way(Thread& thread) {
  if (!adversarial_ || !random_.one_in(4)) return;
  make_ready(thread);
  thread.fiber.suspend();
}

void Scheduler::fail(Fault fault) {
  if (here.thread == nullptr) throw fault;
  fault_ = std::move(fault);
  here.op = nullptr;
  here.thread->fiber.abandon();
}

void Scheduler::submit(AsyncHandle op) { pending_.push_back(std::move(op)); }

void Scheduler::complete(AsyncOp& op) {
  if (op.done) return;
  op.done = true;
  const auto found =
      std::find_if(pending_.begin(), pending_.end(), [&](const auto& p) { return p.get() == &op; });
  const AsyncHandle kept = *found;
  if (adversarial_) {
    std::swap(*found, pending_.back());
    pending_.pop_back();
  } else {
    pending_.erase(found);
  }
  idle_since_.reset();
  here.op = &op;
  op.run(op);
  here.op = nullptr;
  op.run = nullptr;
}

}  // namespace breakeven::emu
