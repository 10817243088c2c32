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

  /// On a stream that captures, what is submitted is recorded.
  uint64_t submit(Queue&, std::string what, std::function<void()> run, Begin = Begin::any_time);
  /// Runs a queue up to and with operation `number`, after all that those wait for.
  void finish(Queue&, uint64_t number = UINT64_MAX);
  void finish(Gpu&);
  /// One operation, if there is one: what a host that polls sees.
  void advance(Queue&);

  /// A stream's capture is of no use any more; throws.
  [[noreturn]] void break_capture(Queue&, cudaError_t, const std::string& why);
  /// The same for all that `concerned` picks of the streams that capture, if there are any.
  void forbid_captures(const std::function<bool(const Queue&)>& concerned, cudaError_t,
                       const std::string& why);
  void forbid_captures_of_this_thread();

  /// Virtual seconds of all devices: rises with every operation.
  double now() const { return now_; }
  /// What is still alive on a device, one sentence each; memory, streams, events, graphs.
  std::vector<std::string> leaks();
  /// Everything as after the start of the process; for tests.
  void reset();

  std::recursive_mutex mutex;  // recursive: a queued operation of a library may call back
  Handles<cudaStream_t, Queue> streams{"stream", 0x5E0000000040};
  Handles<cudaEvent_t, Event> events{"event", 0x5F0000000040};
  Handles<cudaGraph_t, Graph> graphs{"graph", 0x5C0000000040};
  Handles<cudaGraphExec_t, Graph> executable_graphs{"executable graph", 0x5D0000000040};

 private:
  Runtime();
  void run(Queue&, Operation);
  uint64_t record(Queue&, Operation);
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

/// One that a thread may not make while a stream of its own captures: it waits, allocates or frees.
template <class Body>
cudaError_t call_outside_capture(const char* function, const Body& body) {
  return call(function, [&](Runtime& runtime) {
    runtime.forbid_captures_of_this_thread();
    body(runtime);
  });
}

/// The sentences of all devices' leaks, with the lock taken; for tests.
std::vector<std::string> leaks();
void reset_runtime();

}  // namespace breakeven::emu
