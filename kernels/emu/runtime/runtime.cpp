// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/runtime/runtime.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/emu/dnn/leaks.h"
#include "kernels/emu/fault.h"
#include "kernels/emu/lt/leaks.h"
#include "kernels/emu/runtime/memory.h"
#include "kernels/emu/runtime/seed.h"

namespace breakeven::emu {
namespace {

thread_local int current_ordinal = 0;

// A virtual operation takes this long, and up to four times as long: enough that a clock of half a
// microsecond resolves it, and never the same twice.
constexpr double kOperationSeconds = 2e-3;

/// What a GPU calls it, where it notices.
cudaError_t status_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::out_of_bounds:
    case FaultKind::use_after_free:
    case FaultKind::host_memory:
    case FaultKind::exited_block:
      return cudaErrorIllegalAddress;
    case FaultKind::misaligned:
      return cudaErrorMisalignedAddress;
    case FaultKind::deadlock:
      return cudaErrorLaunchTimeout;
    default:
      return cudaErrorLaunchFailure;
  }
}

}  // namespace

Runtime& Runtime::get() {
  static Runtime& runtime = *new Runtime;  // never destroyed: jobs may outlive every static object
  return runtime;
}

Runtime::Runtime() { reset(); }

void Runtime::reset() {
  streams.clear();
  events.clear();
  graphs.clear();
  executable_graphs.clear();
  release_all_memory();
  for (int i = 0; i < kGpus; ++i) gpu(i) = Gpu{i, {i, QueueKind::legacy, {}, std::nullopt}, std::nullopt, 0};
  now_ = 0;
  random_.seed(seed());
}

Gpu& Runtime::current() { return gpu(current_ordinal); }

Gpu& Runtime::living() {
  require_alive(current_ordinal);
  return current();
}

void Runtime::require_alive(int ordinal) {
  if (const auto& dead = gpu(ordinal).dead) throw Error(dead->status, dead->sentence);
}

void Runtime::set_current(int ordinal) {
  if (ordinal < 0 || ordinal >= kGpus)
    throw Error(cudaErrorInvalidDevice, fmt::format("device {} of {}", ordinal, kGpus));
  current_ordinal = ordinal;
}

Queue& Runtime::queue(cudaStream_t stream) {
  if (!stream || stream == cudaStreamLegacy) return current().legacy;
  if (stream == cudaStreamPerThread)
    throw Error(cudaErrorNotSupported, "the emulator has no per-thread default stream");
  return streams.get(stream);
}

Queue& Runtime::own_queue(cudaStream_t stream) {
  Queue& found = queue(stream);
  if (found.gpu != current_ordinal) {
    throw Error(
        cudaErrorInvalidResourceHandle,
        fmt::format("the stream belongs to device {}, and device {} is current", found.gpu, current_ordinal));
  }
  return found;
}

uint64_t Runtime::submit(Queue& queue, std::string what, std::function<void()> run, Begin begin) {
  require_alive(queue.gpu);
  const uint64_t number = next_number_++;
  if (queue.capture) return record(queue, {number, std::move(what), std::move(run), begin});
  if (queue.kind == QueueKind::legacy) {
    forbid_captures(
        [&](const Queue& other) { return other.gpu == queue.gpu && other.kind == QueueKind::blocking; },
        cudaErrorStreamCaptureImplicit, "the legacy stream would wait for a stream that captures");
  }
  queue.waiting.push_back({number, std::move(what), std::move(run), begin});
  perhaps_run_something(queue.gpu);
  return number;
}

void Runtime::finish(Queue& queue, uint64_t number) {
  while (!queue.waiting.empty() && queue.waiting.front().number <= number) advance(queue);
}

void Runtime::advance(Queue& queue) {
  if (queue.waiting.empty()) return;
  Operation next = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  run(queue, std::move(next));
}

void Runtime::finish(Gpu& gpu) {
  std::vector<Queue*> queues = queues_of(gpu.ordinal);
  if (seed() != 0) std::ranges::shuffle(queues, random_);
  for (Queue* queue : queues) finish(*queue);
}

void Runtime::run(Queue& queue, Operation operation) {
  wait_for_others(queue, operation.number);
  if (gpu(queue.gpu).dead) return;
  now_ += kOperationSeconds * (1 + 3 * std::generate_canonical<double, 32>(random_));
  try {
    operation.run();
  } catch (const Error& fault) {
    die(queue.gpu, fault.status, fault.what());
  } catch (const Fault& fault) {
    die(queue.gpu, status_of(fault.kind), fault.what());
  } catch (const std::exception& fault) {
    die(queue.gpu, cudaErrorLaunchFailure, fmt::format("{}: {}", operation.what, fault.what()));
  }
}

/// The legacy stream and the blocking ones wait for each other; numbers fall with every step, so this ends.
void Runtime::wait_for_others(const Queue& queue, uint64_t number) {
  if (queue.kind == QueueKind::blocking) finish(gpu(queue.gpu).legacy, number);
  if (queue.kind != QueueKind::legacy) return;
  for (Queue* other : queues_of(queue.gpu)) {
    if (other->kind == QueueKind::blocking) finish(*other, number);
  }
}

void Runtime::die(int ordinal, cudaError_t status, const std::string& sentence) {
  gpu(ordinal).dead = {status, sentence};
  for (Queue* queue : queues_of(ordinal)) queue->waiting.clear();
}

void Runtime::perhaps_run_something(int ordinal) {
  if (seed() == 0 || random_() % 4 != 0) return;
  const std::vector<Queue*> queues = queues_of(ordinal);
  Queue& chosen = *queues[random_() % queues.size()];
  for (uint64_t steps = random_() % 4; steps > 0; --steps) {
    // What waits for the host could only time out: the host waits for it here.
    if (!chosen.waiting.empty() && chosen.waiting.front().begin == Begin::late) return;
    advance(chosen);
  }
}

std::vector<Queue*> Runtime::queues_of(int ordinal) {
  std::vector<Queue*> found{&gpu(ordinal).legacy};
  streams.each([&](cudaStream_t, Queue& queue) {
    if (queue.gpu == ordinal) found.push_back(&queue);
  });
  return found;
}

std::vector<std::string> Runtime::leaks() {
  std::vector<std::string> found = memory_leaks();
  streams.each([&](cudaStream_t, const Queue& queue) {
    found.push_back(fmt::format("a stream of device {} was never destroyed", queue.gpu));
  });
  events.each([&](cudaEvent_t, const Event& event) {
    found.push_back(fmt::format("an event of device {} was never destroyed", event.gpu));
  });
  graphs.each([&](cudaGraph_t, const Graph& graph) {
    found.push_back(fmt::format("a graph of device {} was never destroyed", graph.gpu));
  });
  executable_graphs.each([&](cudaGraphExec_t, const Graph& graph) {
    found.push_back(fmt::format("an executable graph of device {} was never destroyed", graph.gpu));
  });
  return found;
}

cudaError_t& unread_error() {
  thread_local cudaError_t error = cudaSuccess;
  return error;
}

cudaError_t border(const char* function, const std::function<void(Runtime&)>& body) {
  Runtime& runtime = Runtime::get();
  const std::lock_guard lock(runtime.mutex);
  constexpr Answers<cudaError_t> kAnswers{cudaErrorInvalidValue, cudaErrorInvalidResourceHandle};
  const cudaError_t status = answer(function, kAnswers, [&] { body(runtime); });
  if (status != cudaSuccess) unread_error() = status;
  return status;
}

std::vector<std::string> leaks() {
  Runtime& runtime = Runtime::get();
  const std::lock_guard lock(runtime.mutex);
  std::vector<std::string> found = runtime.leaks();
  for (std::string& one : lt_leaks()) found.push_back(std::move(one));
  for (std::string& one : dnn_leaks()) found.push_back(std::move(one));
  return found;
}

void reset_runtime() {
  Runtime& runtime = Runtime::get();
  const std::lock_guard lock(runtime.mutex);
  runtime.reset();
}

}  // namespace breakeven::emu
