// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/runtime/memory.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstring>
#include <iterator>
#include <map>

#include "kernels/emu/device_memory.h"
#include "kernels/emu/runtime/copy.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

int64_t memory_of_each = kGpuMemory;

/// By start: device and page-locked memory share one address space. Freed ones stay known until their place
/// is used again, so that a late use can be called what it is.
std::map<const std::byte*, Allocation>& allocations() {
  static auto& table = *new std::map<const std::byte*, Allocation>;
  return table;
}

void remember(const Allocation& made) {
  auto& all = allocations();
  auto next = all.lower_bound(made.base);
  while (next != all.begin() && std::prev(next)->first + std::prev(next)->second.bytes > made.base) --next;
  while (next != all.end() && next->first < made.base + made.bytes) next = all.erase(next);
  all.emplace(made.base, made);
}

void give_back(const Allocation& gone) {
  if (gone.place == Place::device) {
    free_device_memory(gone.base);
  } else {
    // The addresses stay ours, so that nothing else comes to lie there and pass for what was freed; who
    // touches them dies of SIGSEGV.
    forbid_host_memory(gone.base);
    const auto bytes = static_cast<size_t>(gone.bytes);
    mmap(gone.base, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  }
}

/// Its memory goes; what is known of it stays.
void release(void* start) {
  Allocation& gone = allocations().at(static_cast<std::byte*>(start));
  gone.freed = true;
  give_back(gone);
}

}  // namespace

int64_t gpu_memory() { return memory_of_each; }
void set_gpu_memory(int64_t bytes) { memory_of_each = bytes; }

void* allocate_device(Gpu& gpu, size_t bytes) {
  std::byte* base = allocate_device_memory(bytes);
  remember({Place::device, base, static_cast<int64_t>(bytes), gpu.ordinal});
  gpu.allocated += static_cast<int64_t>(bytes);
  return base;
}

void* allocate_pinned(size_t bytes, bool mapped) {
  void* made = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  auto* base = static_cast<std::byte*>(made);
  if (made == MAP_FAILED)
    throw Error(cudaErrorMemoryAllocation, fmt::format("the host has no {} bytes to lock", bytes));
  std::memset(base, kUnwritten, bytes);
  allow_host_memory(base, bytes);
  remember({Place::pinned, base, static_cast<int64_t>(bytes), 0, mapped});
  return base;
}

void free_device(Gpu& gpu, void* pointer) {
  gpu.allocated -= allocation_at(pointer).bytes;
  release(pointer);
}

void free_pinned(void* pointer) { release(pointer); }

std::vector<std::string> memory_leaks() {
  std::vector<std::string> found;
  for (const auto& [base, one] : allocations()) {
    if (one.freed) continue;
    found.push_back(one.place == Place::device
                        ? fmt::format("{} bytes of device {}'s memory were never freed", one.bytes, one.gpu)
                        : fmt::format("{} bytes of page-locked memory were never freed", one.bytes));
  }
  return found;
}

void release_all_memory() {
  for (auto& [base, one] : allocations()) {
    if (!one.freed) give_back(one);
  }
  allocations().clear();
}

Allocation allocation_at(const void* pointer) {
  const auto* at = static_cast<const std::byte*>(pointer);
  auto found = allocations().upper_bound(at);
  if (found == allocations().begin()) return {};
  --found;
  return at < found->first + found->second.bytes ? found->second : Allocation{};
}

void require_region(std::string_view what, const Region& region, int gpu) {
  const auto* at = static_cast<const std::byte*>(region.pointer);
  if (!at) throw Misuse(fmt::format("{} is null", what));
  const Allocation found = allocation_at(at);
  if (found.place != Place::device) {
    throw Misuse(fmt::format("{} at {} is no device memory{}", what, region.pointer,
                             found.place == Place::pinned ? " but the host's" : ""));
  }
  if (found.freed) throw Misuse(fmt::format("{} at {} was freed", what, region.pointer));
  if (found.gpu != gpu)
    throw Misuse(fmt::format("{} lies on device {}, the work runs on {}", what, found.gpu, gpu));
  if (region.bytes > found.bytes - (at - found.base)) {
    throw Misuse(fmt::format("{} needs {} bytes, and its allocation ends after {}", what, region.bytes,
                             found.bytes - (at - found.base)));
  }
  if (reinterpret_cast<uintptr_t>(at) % static_cast<uintptr_t>(region.alignment) != 0)
    throw Misuse(fmt::format("{} at {} is not aligned to {} bytes", what, region.pointer, region.alignment));
}

}  // namespace breakeven::emu
