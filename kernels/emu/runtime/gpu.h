// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "kernels/emu/runtime/queue.h"

namespace breakeven::emu {

inline constexpr int kGpus = 2;  // two, so that a stream of another one can be held against the runtime
inline constexpr int64_t kGpuMemory = int64_t{256} << 20;  // of each, unless a test says otherwise
int64_t gpu_memory();
void set_gpu_memory(int64_t bytes);

/// A piece of work on a stream. Numbers rise over all streams: they tell what was enqueued before what.
struct Operation {
  uint64_t number = 0;
  std::string what;
  std::function<void()> run;
  Begin begin = Begin::any_time;
};

/// legacy: the stream 0, which waits for all blocking streams of its GPU and which they wait for.
enum class QueueKind : uint8_t { legacy, blocking, non_blocking };

/// What a stream that captures was given to do: recorded, not done.
struct Capture {
  std::thread::id thread;  // that began it
  std::vector<Operation> recorded;
  std::optional<std::string> broken;  // by what
};

struct Queue {
  int gpu = 0;
  QueueKind kind = QueueKind::non_blocking;
  std::deque<Operation> waiting;
  std::optional<Capture> capture;
};

/// A graph, or one that can be launched: what was captured, in its order.
struct Graph {
  int gpu = 0;
  std::shared_ptr<const std::vector<Operation>> operations;
};

/// One recording of an event: the place in a queue, and the time when it was reached.
struct Mark {
  Queue* queue = nullptr;  // lives at least until the mark is reached: destroying a stream finishes it
  uint64_t number = 0;
  std::optional<double> seconds;
};

struct Event {
  int gpu = 0;
  bool timed = true;
  std::shared_ptr<Mark> last;  // null: never recorded
};

/// What killed a GPU: every later call returns it.
struct Death {
  cudaError_t status;
  std::string sentence;
};

struct Gpu {
  int ordinal = 0;
  Queue legacy;
  std::optional<Death> dead;
  int64_t allocated = 0;  // bytes
};

}  // namespace breakeven::emu
