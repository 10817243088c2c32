// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/emu/async.h"
#include "kernels/emu/block.h"

namespace breakeven::emu {

/// splitmix64: small, and the same everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next();
  /// 0 to count - 1.
  size_t below(size_t count) { return static_cast<size_t>(next() % count); }
  bool one_in(size_t count) { return count != 0 && below(count) == 0; }

 private:
  uint64_t state_;
};

/// Runs the threads of one cluster and completes its asynchronous operations, on the operating system thread
/// that calls run. With seed 0 threads take turns in order. Otherwise it has moods, each for some tens of
/// turns: which thread comes next (any, the one that waited longest, the latest), which warps are held back
/// until nobody else can run, how soon asynchronous operations complete.
class Scheduler {
 public:
  Scheduler(Cluster&, uint64_t seed, const std::atomic<bool>& stop);

  /// `body` once per thread, until all have exited or `stop` is set. Throws Fault.
  void run(const std::function<void()>& body);

  // By the thread that runs:
  void wait(Thread&, Waiting why);
  void sleep(Thread&, const char* what);
  void give_way(Thread&);
  /// After what other blocks can see: now and then, as the seed likes, this cluster stands still for them to
  /// act on it while the rest of its own threads are not that far.
  void linger();
  /// Records the fault that ends this cluster; does not come back. From the scheduler's own stack: throws.
  [[noreturn]] void fail(Fault fault);

  // By anybody:
  void make_ready(Thread&);
  void submit(AsyncHandle op);
  void complete(AsyncOp& op);

 private:
  enum class Order : uint8_t { oldest, newest, any };
  struct Mood {
    int turns_left = 0;
    Order order = Order::oldest;
    uint64_t held_warps = 0;     // bit warp % 64 of the cluster: held back
    size_t completion_odds = 8;  // an operation completes one turn in so many; 0: only when nobody can run
  };

  static void enter(void* thread);
  Thread* next();
  Thread* take();
  void change_mood();
  bool is_held(const Thread&) const;
  void complete_some();
  bool wake_sleepers();
  void step(Thread&);

  Cluster& cluster_;
  const std::atomic<bool>& stop_;
  const bool adversarial_;
  Random random_;
  Mood mood_;
  const std::function<void()>* body_ = nullptr;
  std::vector<Thread*> ready_, held_, sleeping_;
  size_t first_ready_ = 0;  // ready_ before it is spent
  std::vector<AsyncHandle> pending_;
  int alive_ = 0;
  std::optional<std::chrono::steady_clock::time_point> idle_since_;  // nobody does anything but sleep
  std::optional<Fault> fault_;
};

/// "threads 0-63 of block (0,0,0) wait at __syncthreads; ...": what each thread of the cluster waits for.
std::string waiting_report(const Cluster&);

/// How long the threads of a cluster may do nothing but poll before that is called a deadlock; 20 s unless
/// set.
void set_patience(double seconds);

}  // namespace breakeven::emu
