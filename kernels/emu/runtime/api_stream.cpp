// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Streams and events.

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

/// Waits, then says what the waiting brought to light.
void finish_and_look(Runtime& runtime, Queue& queue, uint64_t number = UINT64_MAX) {
  const int gpu = queue.gpu;
  runtime.finish(queue, number);
  runtime.require_alive(gpu);
}

/// Of a stream that captures nothing can be known, whoever asks.
Queue& not_capturing(Runtime& runtime, Queue& queue) {
  if (queue.capture) runtime.break_capture(queue, cudaErrorStreamCaptureUnsupported, "the stream captures");
  return queue;
}

const Mark& recorded(const Event& event, const char* which) {
  if (!event.last)
    throw Error(cudaErrorInvalidResourceHandle, fmt::format("the {} event was never recorded", which));
  if (!event.timed)
    throw Error(cudaErrorInvalidResourceHandle, fmt::format("the {} event takes no time", which));
  return *event.last;
}

void create_event(Runtime& runtime, cudaEvent_t* created, unsigned flags) {
  if (!created) throw Misuse("no place for the event");
  constexpr unsigned kKnown = cudaEventBlockingSync | cudaEventDisableTiming;
  if (flags & ~kKnown) throw Misuse(fmt::format("flags {:#x} are not known to the emulator", flags));
  *created = runtime.events.add(std::make_unique<Event>(
      Event{runtime.current().ordinal, (flags & cudaEventDisableTiming) == 0, nullptr}));
}

}  // namespace
}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* created, unsigned flags) {
  return call("cudaStreamCreateWithFlags", [&](Runtime& runtime) {
    if (!created) throw Misuse("no place for the stream");
    if (flags != cudaStreamDefault && flags != cudaStreamNonBlocking)
      throw Misuse(fmt::format("flags {:#x} are none of a stream", flags));
    const QueueKind kind = flags == cudaStreamNonBlocking ? QueueKind::non_blocking : QueueKind::blocking;
    *created = runtime.streams.add(
        std::make_unique<Queue>(Queue{runtime.current().ordinal, kind, {}, std::nullopt}));
  });
}

cudaError_t cudaStreamCreate(cudaStream_t* created) {
  return cudaStreamCreateWithFlags(created, cudaStreamDefault);
}

/// What is still on it is done: late, but before anything else can know.
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return call("cudaStreamDestroy", [&](Runtime& runtime) {
    finish_and_look(runtime, not_capturing(runtime, runtime.streams.get(stream)));
    runtime.streams.remove(stream);
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return call_outside_capture("cudaStreamSynchronize", [&](Runtime& runtime) {
    finish_and_look(runtime, not_capturing(runtime, runtime.queue(stream)));
  });
}

/// Somebody who asks again and again sees the work go on, one step an asking.
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return call_outside_capture("cudaStreamQuery", [&](Runtime& runtime) {
    Queue& queue = not_capturing(runtime, runtime.queue(stream));
    if (queue.waiting.empty()) return;
    runtime.advance(queue);
    runtime.require_alive(queue.gpu);
    throw Error(cudaErrorNotReady, "the stream has work left");
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags) {
  return call("cudaStreamWaitEvent", [&](Runtime& runtime) {
    if (flags != cudaEventWaitDefault) throw Misuse("the emulator knows no flags here");
    const std::shared_ptr<Mark> mark = runtime.events.get(event).last;
    Queue& queue = runtime.queue(stream);
    if (!mark) return;
    if (queue.capture) {
      runtime.break_capture(queue, cudaErrorStreamCaptureIsolation,
                            "a capture cannot wait for an event that was recorded outside of it");
    }
    runtime.submit(queue, "waiting for an event", [mark, &runtime] {
      if (!mark->seconds) runtime.finish(*mark->queue, mark->number);
    });
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* created, unsigned flags) {
  return call("cudaEventCreateWithFlags", [&](Runtime& runtime) { create_event(runtime, created, flags); });
}

cudaError_t cudaEventCreate(cudaEvent_t* created) {
  return cudaEventCreateWithFlags(created, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return call("cudaEventDestroy", [&](Runtime& runtime) { runtime.events.remove(event); });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return call("cudaEventRecord", [&](Runtime& runtime) {
    Event& recorded = runtime.events.get(event);
    Queue& queue = runtime.queue(stream);
    if (recorded.gpu != queue.gpu) {
      throw Error(cudaErrorInvalidResourceHandle,
                  fmt::format("the event belongs to device {}, the stream to {}", recorded.gpu, queue.gpu));
    }
    if (queue.capture) runtime.break_capture(queue, cudaErrorNotSupported, "the emulator captures no events");
    const auto mark = std::make_shared<Mark>(Mark{&queue, 0, std::nullopt});
    recorded.last = mark;
    mark->number =
        runtime.submit(queue, "recording an event", [mark, &runtime] { mark->seconds = runtime.now(); });
  });
}

/// An event that was never recorded is complete.
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return call_outside_capture("cudaEventSynchronize", [&](Runtime& runtime) {
    const Event& awaited = runtime.events.get(event);
    if (awaited.last && !awaited.last->seconds)
      finish_and_look(runtime, *awaited.last->queue, awaited.last->number);
  });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return call_outside_capture("cudaEventQuery", [&](Runtime& runtime) {
    const Event& asked = runtime.events.get(event);
    if (!asked.last || asked.last->seconds) return;
    runtime.advance(*asked.last->queue);
    runtime.require_alive(asked.gpu);
    throw Error(cudaErrorNotReady, "the stream has not reached the event");
  });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t stop) {
  return call("cudaEventElapsedTime", [&](Runtime& runtime) {
    const Event &first = runtime.events.get(start), &last = runtime.events.get(stop);
    if (!milliseconds) throw Misuse("no place for the time");
    if (first.gpu != last.gpu)
      throw Error(cudaErrorInvalidResourceHandle, "the events belong to different devices");
    const Mark &from = recorded(first, "first"), &to = recorded(last, "second");
    if (!from.seconds || !to.seconds) throw Error(cudaErrorNotReady, "an event was not waited for");
    *milliseconds = static_cast<float>((*to.seconds - *from.seconds) * 1e3);
  });
}

}  // extern "C"
