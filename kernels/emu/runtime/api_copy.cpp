// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Copying and filling.
//
// When the host's memory is touched follows the driver: ordinary (pageable) memory is read before an
// asynchronous copy to the device returns, and written before one from the device returns; page-locked memory
// is read and written when the stream gets there. Until then a page-locked destination holds poison, so that
// a host that looks too early is wrong.

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <cstring>
#include <vector>

#include "kernels/emu/device_memory.h"
#include "kernels/emu/runtime/copy.h"
#include "kernels/emu/runtime/memory.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

const char* words(Place place) {
  return place == Place::device ? "device" : place == Place::pinned ? "page-locked host" : "host";
}

/// One end of a copy, held against what the direction says it is.
Allocation end_of_copy(const char* which, const void* pointer, size_t bytes, bool on_device, bool any) {
  if (!pointer) throw Misuse(fmt::format("the {} is null", which));
  const Allocation found = allocation_at(pointer);
  if (found.freed) throw Misuse(fmt::format("the {} was freed before", which));
  if (!any && (found.place == Place::device) != on_device) {
    throw Error(cudaErrorInvalidValue,
                fmt::format("the {} is {} memory, against the copy's direction", which, words(found.place)));
  }
  if (found.place != Place::pageable) {
    const auto offset = static_cast<const std::byte*>(pointer) - found.base;
    if (static_cast<int64_t>(bytes) > found.bytes - offset) {
      throw Misuse(
          fmt::format("{} bytes from byte {} of the {} on, which has {}", bytes, offset, which, found.bytes));
    }
  }
  return found;
}

struct Copy {
  std::byte* to;
  const std::byte* from;
  size_t bytes;
  Allocation target, source;
};

Copy checked(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault)
    throw Error(cudaErrorInvalidMemcpyDirection, fmt::format("direction {}", static_cast<int>(kind)));
  const bool any = kind == cudaMemcpyDefault;
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  Copy copy{static_cast<std::byte*>(to), static_cast<const std::byte*>(from), bytes,
            end_of_copy("destination", to, bytes, to_device, any),
            end_of_copy("source", from, bytes, from_device, any)};
  if (copy.to < copy.from + bytes && copy.from < copy.to + bytes)
    throw Misuse("source and destination overlap");
  return copy;
}

/// A graph may outlive the memory that it was captured with: every launch asks anew.
void record_copy(Runtime& runtime, Queue& queue, const Copy& copy) {
  const Place from = copy.source.place, to = copy.target.place;
  if (from == Place::pageable || to == Place::pageable) {
    runtime.break_capture(queue, cudaErrorStreamCaptureUnsupported,
                          "a copy from or to ordinary host memory waits, which cannot be captured");
  }
  if (from == Place::pinned || to == Place::pinned)
    runtime.break_capture(queue, cudaErrorNotSupported, "the emulator captures no copies of host memory");
  runtime.submit(queue, "a copy", [to = copy.to, from = copy.from, bytes = copy.bytes] {
    checked(to, from, bytes, cudaMemcpyDeviceToDevice);
    copy_bytes(to, from, bytes);
  });
}

void enqueue_copy(Runtime& runtime, Queue& queue, const Copy& copy) {
  if (queue.capture) return record_copy(runtime, queue, copy);
  std::shared_ptr<std::vector<std::byte>> staged;
  if (copy.source.place == Place::pageable)
    staged = std::make_shared<std::vector<std::byte>>(copy.from, copy.from + copy.bytes);
  const bool late = copy.target.place == Place::pinned && !copy.target.mapped;
  if (late && !pinned_is_read(copy.to, copy.bytes)) std::memset(copy.to, kUnwritten, copy.bytes);
  const auto reading =
      copy.source.place == Place::pinned ? std::make_shared<PinnedRead>(copy.from, copy.bytes) : nullptr;
  const uint64_t number = runtime.submit(queue, "a copy", [copy, staged, reading] {
    copy_bytes(copy.to, staged ? staged->data() : copy.from, copy.bytes);
  });
  if (copy.target.place == Place::pageable) {
    runtime.finish(queue, number);
    runtime.require_alive(queue.gpu);
  }
}

/// One end of a copy between devices.
void require_on(const char* which, const void* pointer, int device) {
  const Allocation found = allocation_at(pointer);
  if (found.place != Place::device || found.gpu != device)
    throw Error(cudaErrorInvalidValue, fmt::format("the {} is not in device {}'s memory", which, device));
}

void require_fill(const void* at, size_t bytes) { end_of_copy("memory", at, bytes, true, false); }

void enqueue_fill(Runtime& runtime, Queue& queue, void* at, int value, size_t bytes) {
  if (bytes == 0) return;
  require_fill(at, bytes);
  runtime.submit(queue, "a fill", [at, value, bytes] {
    require_fill(at, bytes);  // again: a graph may outlive the memory that it was captured with
    fill_device_memory(static_cast<std::byte*>(at), value, bytes);
  });
}

}  // namespace
}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return call("cudaMemcpyAsync", [&](Runtime& runtime) {
    Queue& queue = runtime.queue(stream);
    if (bytes > 0) enqueue_copy(runtime, queue, checked(to, from, bytes, kind));
  });
}

cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device, size_t bytes,
                                cudaStream_t stream) {
  return call("cudaMemcpyPeerAsync", [&](Runtime& runtime) {
    Queue& queue = runtime.queue(stream);
    if (bytes == 0) return;
    require_on("destination", to, to_device);
    require_on("source", from, from_device);
    enqueue_copy(runtime, queue, checked(to, from, bytes, cudaMemcpyDeviceToDevice));
  });
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  return call_outside_capture("cudaMemcpy", [&](Runtime& runtime) {
    if (bytes == 0) return;
    Queue& queue = runtime.current().legacy;
    enqueue_copy(runtime, queue, checked(to, from, bytes, kind));
    runtime.finish(queue);
    runtime.living();
  });
}

cudaError_t cudaMemsetAsync(void* at, int value, size_t bytes, cudaStream_t stream) {
  return call("cudaMemsetAsync",
              [&](Runtime& runtime) { enqueue_fill(runtime, runtime.own_queue(stream), at, value, bytes); });
}

cudaError_t cudaMemset(void* at, int value, size_t bytes) {
  return call_outside_capture("cudaMemset", [&](Runtime& runtime) {
    enqueue_fill(runtime, runtime.current().legacy, at, value, bytes);
  });
}

}  // extern "C"
