// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/device_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <shared_mutex>
#include <stdexcept>

namespace breakeven::emu {
namespace {

constexpr size_t kReserved = size_t{1} << 40, kSlot = 64 << 10;  // addresses cost nothing until they are used
constexpr size_t kSparse = size_t{1} << 30;  // from here on memory is not filled by writing it

/// Everything about the range. Readers are many (kernels on several threads), writers rare.
struct Memory {
  Memory() {
    void* mapped = mmap(nullptr, kReserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    base = static_cast<std::byte*>(mapped);
    next = kSlot;
  }
  std::byte* base;
  size_t next;                                               // offset of the first slot that was never used
  std::map<const std::byte*, DeviceAllocation> allocations;  // live and freed, by start
  std::map<const std::byte*, size_t> host;
  std::shared_mutex mutex;
};

Memory& memory() {
  static auto& kept = *new Memory;
  return kept;
}

/// A file of `value`s, mapped again and again, each page copied when it is written. Both multiples of a slot.
void map_pattern(std::byte* at, int value, size_t bytes) {
  constexpr size_t kPattern = 16 << 20;
  const int file = memfd_create("fill", MFD_CLOEXEC);
  const std::vector<unsigned char> pattern(kPattern, static_cast<unsigned char>(value));
  bool done = file >= 0 && write(file, pattern.data(), kPattern) == static_cast<ssize_t>(kPattern);
  for (size_t start = 0; done && start < bytes; start += kPattern) {
    done = mmap(at + start, std::min(kPattern, bytes - start), PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file, 0) != MAP_FAILED;
  }
  if (file >= 0) close(file);
  if (!done) throw std::bad_alloc();
}

size_t slots(size_t bytes) { return (bytes + kSlot - 1) / kSlot * kSlot; }

}  // namespace

bool DeviceAllocation::holds(const void* address, size_t size) const {
  const auto offset = reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(begin);
  return state == State::live && offset <= bytes && size <= bytes - offset;
}

std::byte* allocate_device_memory(size_t bytes) {
  Memory& m = memory();
  const std::unique_lock lock(m.mutex);
  const size_t wanted = slots(bytes > 0 ? bytes : 1);
  if (wanted + kSlot > kReserved - m.next) throw std::bad_alloc();
  std::byte* begin = m.base + m.next;
  if (mprotect(begin, wanted, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  fill_device_memory(begin, 0xFF, bytes);
  m.next += wanted + kSlot;  // the slot between two allocations stays unmapped
  const uint64_t serial = m.allocations.size() + 1;
  m.allocations[begin] = {DeviceAllocation::State::live, begin, bytes, serial};
  return begin;
}

void fill_device_memory(std::byte* at, int value, size_t bytes) {
  if (bytes < kSparse) {
    std::memset(at, value, bytes);
    return;
  }
  const auto ragged = static_cast<size_t>(-reinterpret_cast<uintptr_t>(at) % kSlot);
  const size_t whole = (bytes - ragged) / kSlot * kSlot;
  std::memset(at, value, ragged);
  map_pattern(at + ragged, value, whole);
  std::memset(at + ragged + whole, value, bytes - ragged - whole);
}

void free_device_memory(void* pointer) {
  Memory& m = memory();
  const std::unique_lock lock(m.mutex);
  const auto found = m.allocations.find(static_cast<std::byte*>(pointer));
  if (found == m.allocations.end() || found->second.state != DeviceAllocation::State::live)
    throw std::invalid_argument(fmt::format("{} is not the start of live device memory", pointer));
  found->second.state = DeviceAllocation::State::freed;
  // The pages go back; the addresses stay reserved for good.
  mmap(pointer, slots(found->second.bytes), PROT_NONE,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

bool in_device_memory(const void* address) {
  return reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(memory().base) < kReserved;
}

DeviceAllocation find_device_memory(const void* address) {
  if (!in_device_memory(address)) return {};
  Memory& m = memory();
  const std::shared_lock lock(m.mutex);
  const auto* at = static_cast<const std::byte*>(address);
  auto after = m.allocations.upper_bound(at);
  if (after != m.allocations.end() && static_cast<size_t>(after->first - at) <= kSlot / 2)
    return after->second;
  if (after == m.allocations.begin()) return {};
  const DeviceAllocation& before = std::prev(after)->second;
  return static_cast<size_t>(at - before.begin) < slots(before.bytes) + kSlot ? before : DeviceAllocation{};
}

std::vector<DeviceAllocation> live_device_memory() {
  Memory& m = memory();
  const std::shared_lock lock(m.mutex);
  std::vector<DeviceAllocation> live;
  for (const auto& [begin, allocation] : m.allocations) {
    if (allocation.state == DeviceAllocation::State::live) live.push_back(allocation);
  }
  return live;
}

void allow_host_memory(const void* begin, size_t bytes) {
  const std::unique_lock lock(memory().mutex);
  memory().host[static_cast<const std::byte*>(begin)] = bytes;
}

void forbid_host_memory(const void* begin) {
  const std::unique_lock lock(memory().mutex);
  memory().host.erase(static_cast<const std::byte*>(begin));
}

DeviceAllocation find_host_memory(const void* address) {
  Memory& m = memory();
  const std::shared_lock lock(m.mutex);
  const auto* at = static_cast<const std::byte*>(address);
  auto after = m.host.upper_bound(at);
  if (after == m.host.begin()) return {};
  const auto& [begin, bytes] = *std::prev(after);
  return {DeviceAllocation::State::live, const_cast<std::byte*>(begin), bytes, 0};
}

std::string describe_device_address(const void* address) {
  const DeviceAllocation found = find_device_memory(address);
  if (found.state == DeviceAllocation::State::none) return fmt::format("{}, near no device memory", address);
  const auto* at = static_cast<const std::byte*>(address);
  const std::string name = fmt::format("device memory {} ({} bytes{})", found.serial, found.bytes,
                                       found.state == DeviceAllocation::State::freed ? ", freed" : "");
  if (at < found.begin) return fmt::format("{} bytes before {}", found.begin - at, name);
  const auto offset = static_cast<size_t>(at - found.begin);
  if (offset < found.bytes) return fmt::format("{} bytes into {}", offset, name);
  return fmt::format("{} bytes behind {}", offset - found.bytes, name);
}

}  // namespace breakeven::emu
