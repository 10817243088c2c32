// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/emu/runtime/gpu.h"
#include "kernels/emu/strict/answer.h"
#include "kernels/emu/strict/handles.h"

namespace breakeven::emu {

using Error = Refused<cudaError_t>;

/// The state behind the emulated CUDA runtime. Streams are lazy: what is enqueued runs when somebody waits
/// for it, or, by seed, at some moment before; so a host or a stream that forgets to wait meets old bytes.
/// Everything here is called with the lock held (`call` below takes it).
class Runtime {
 public:
  static Runtime& get();

  /// The calling thread's device, and the same after asking that nothing has killed it.
  Gpu& current();
  Gpu& living();
  Gpu& gpu(int ordinal) { return gpus_.at(static_cast<size_t>(ordinal)); }
  void require_alive(int ordinal);
  void set_current(int ordinal);

  /// The queue of a stream, of any device. Null and cudaStreamLegacy: that of the current device's stream 0.
  Queue& queue(cudaStream_t);
  /// For work that only runs on a stream of the current device: kernels, memset.
  Queue& own_queue(cudaStream_t);

  uint64_t submit(Queue&, std::string what, std::function<void()> run, Begin = Begin::any_time);
  /// Runs a queue up to and with operation `number`, after all that those wait for.
  void finish(Queue&, uint64_t number = UINT64_MAX);
  void finish(Gpu&);
  /// One operation, if there is one: what a host that polls sees.
  void advance(Queue&);

  /// Virtual seconds of all devices: rises with every operation.
  double now() const { return now_; }
  /// What is still alive on a device, one sentence each; memory, streams, events.
  std::vector<std::string> leaks();
  /// Everything as after the start of the process; for tests.
  void reset();

  std::recursive_mutex mutex;  // recursive: a queued operation of a library may call back
  Handles<cudaStream_t, Queue> streams{"stream", 0x5E0000000040};
  Handles<cudaEvent_t, Event> events{"event", 0x5F0000000040};

 private:
  Runtime();
  void run(Queue&, Operation);
  void wait_for_others(const Queue&, uint64_t number);
  void die(int gpu, cudaError_t, const std::string& sentence);
  void perhaps_run_something(int gpu);
  std::vector<Queue*> queues_of(int gpu);

  std::array<Gpu, kGpus> gpus_;
  uint64_t next_number_ = 1;
  double now_ = 0;
  std::mt19937_64 random_;
};

/// What cudaGetLastError will return to this thread; a call that succeeds leaves it alone.
cudaError_t& unread_error();

/// The border of the runtime: lock, error to status, memory of the last error.
cudaError_t border(const char* function, const std::function<void(Runtime&)>& body);

/// A call that a dead device refuses.
template <class Body>
cudaError_t call(const char* function, const Body& body) {
  return border(function, [&](Runtime& runtime) {
    runtime.living();
    body(runtime);
  });
}

/// The sentences of all devices' leaks, with the lock taken; for tests.
std::vector<std::string> leaks();
void reset_runtime();

}  // namespace breakeven::emu
