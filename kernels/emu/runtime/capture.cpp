// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Streams that capture: what is submitted is recorded, and what may not be done meanwhile breaks the capture.

#include <fmt/format.h>

#include "kernels/emu/runtime/failures.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {

void Runtime::break_capture(Queue& queue, cudaError_t status, const std::string& why) {
  if (!queue.capture->broken) queue.capture->broken = why;
  throw Error(status, why);
}

void Runtime::forbid_captures(const std::function<bool(const Queue&)>& concerned, cudaError_t status,
                              const std::string& why) {
  bool any = false;
  streams.each([&](cudaStream_t, Queue& queue) {
    if (!queue.capture || !concerned(queue)) return;
    if (!queue.capture->broken) queue.capture->broken = why;
    any = true;
  });
  if (any) throw Error(status, why);
}

void Runtime::forbid_captures_of_this_thread() {
  forbid_captures(
      [](const Queue& queue) { return queue.capture->thread == std::this_thread::get_id(); },
      cudaErrorStreamCaptureUnsupported,
      "who waits, allocates or frees may not capture meanwhile, and a stream of this thread does");
}

uint64_t Runtime::record(Queue& queue, Operation operation) {
  Capture& capture = *queue.capture;
  if (capture.broken) {
    throw Error(cudaErrorStreamCaptureInvalidated,
                fmt::format("the stream's capture was broken before: {}", *capture.broken));
  }
  if (failing("no_capture", operation.what)) {
    break_capture(queue, cudaErrorStreamCaptureUnsupported,
                  fmt::format("{} cannot be captured (asked for by BREAKEVEN_EMU_FAIL)", operation.what));
  }
  capture.recorded.push_back(std::move(operation));
  return capture.recorded.back().number;
}

}  // namespace breakeven::emu
