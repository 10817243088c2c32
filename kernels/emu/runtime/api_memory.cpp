// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Allocating memory, on a device and page-locked on the host.

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "kernels/emu/runtime/failures.h"
#include "kernels/emu/runtime/memory.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

/// Freeing waits for the devices, as the driver does, so that no work meets memory that is gone.
void finish_everything(Runtime& runtime) {
  for (int i = 0; i < kGpus; ++i) runtime.finish(runtime.gpu(i));
}

Allocation at_its_start(const void* pointer, Place place, const char* kind) {
  const Allocation found = allocation_at(pointer);
  if (found.place != place) throw Misuse(fmt::format("{} is no {}", pointer, kind));
  if (found.freed) throw Misuse(fmt::format("{} was freed before", pointer));
  if (found.base != pointer) {
    throw Misuse(fmt::format("{} lies {} bytes inside an allocation, not at its start", pointer,
                             static_cast<const std::byte*>(pointer) - found.base));
  }
  return found;
}

}  // namespace
}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cudaError_t cudaMalloc(void** made, size_t bytes) {
  return call_outside_capture("cudaMalloc", [&](Runtime& runtime) {
    if (!made) throw Misuse("no place for the pointer");
    *made = nullptr;
    if (bytes == 0) return;
    Gpu& gpu = runtime.current();
    if (failing("no_memory") || bytes > static_cast<size_t>(gpu_memory() - gpu.allocated)) {
      throw Error(cudaErrorMemoryAllocation, fmt::format("out of memory: {} bytes wanted, {} of {} free",
                                                         bytes, gpu_memory() - gpu.allocated, gpu_memory()));
    }
    *made = allocate_device(gpu, bytes);
  });
}

cudaError_t cudaFree(void* pointer) {
  return call_outside_capture("cudaFree", [&](Runtime& runtime) {
    if (!pointer) return;
    const Allocation gone = at_its_start(pointer, Place::device, "device memory");
    finish_everything(runtime);
    free_device(runtime.gpu(gone.gpu), pointer);
    runtime.living();
  });
}

cudaError_t cudaHostAlloc(void** made, size_t bytes, unsigned flags) {
  return call_outside_capture("cudaHostAlloc", [&](Runtime&) {
    if (!made) throw Misuse("no place for the pointer");
    constexpr unsigned kKnown = cudaHostAllocPortable | cudaHostAllocMapped | cudaHostAllocWriteCombined;
    if (flags & ~kKnown) throw Misuse(fmt::format("flags {:#x} are none of cudaHostAlloc", flags));
    *made = bytes == 0 ? nullptr : allocate_pinned(bytes, (flags & cudaHostAllocMapped) != 0);
  });
}

cudaError_t cudaFreeHost(void* pointer) {
  return call_outside_capture("cudaFreeHost", [&](Runtime& runtime) {
    if (!pointer) return;
    at_its_start(pointer, Place::pinned, "page-locked memory");
    finish_everything(runtime);
    free_pinned(pointer);
    runtime.living();
  });
}

cudaError_t cudaHostGetDevicePointer(void** found, void* pointer, unsigned flags) {
  return call("cudaHostGetDevicePointer", [&](Runtime&) {
    if (!found || flags != 0) throw Misuse("no place for the pointer, or flags, of which there are none");
    const Allocation allocation = allocation_at(pointer);
    if (allocation.place != Place::pinned || allocation.freed)
      throw Misuse(fmt::format("{} is no page-locked memory", pointer));
    if (!allocation.mapped)
      throw Misuse(fmt::format("{} was not allocated with cudaHostAllocMapped", pointer));
    *found = pointer;  // unified addressing: the same on both sides
  });
}

}  // extern "C"
