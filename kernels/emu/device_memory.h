// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// The emulated GPUs' memory: one reserved range of addresses. Every allocation has a page of its own kind of
// silence behind and before it, and no address is given out twice, so that a stale or stray pointer is known
// for what it is. Safe to use from all threads.

namespace breakeven::emu {

struct DeviceAllocation {
  enum class State : uint8_t { none, live, freed };
  State state = State::none;
  std::byte* begin = nullptr;
  size_t bytes = 0;
  uint64_t serial = 0;  // from 1 on, never used twice
  bool holds(const void* address, size_t size) const;
};

/// `bytes` (at least 1) filled with 0xFF, which reads as NaN; aligned to 64 KiB. Throws std::bad_alloc when
/// the range is used up. How much a GPU has is the caller's business.
std::byte* allocate_device_memory(size_t bytes);
/// Throws std::invalid_argument when no live allocation begins there.
void free_device_memory(void*);

/// All of it inside one live allocation. Many GiB cost little memory and time: pages come to be when they are
/// written.
void fill_device_memory(std::byte* at, int value, size_t bytes);

/// What lies at `address`: the allocation (live or freed) that holds it or ends or begins next to it within
/// its red zone; state none for anything else.
DeviceAllocation find_device_memory(const void* address);
/// Whether `address` lies in the reserved range, allocated or not.
bool in_device_memory(const void* address);
std::vector<DeviceAllocation> live_device_memory();

/// Host memory that kernels may touch (pinned and mapped).
void allow_host_memory(const void* begin, size_t bytes);
void forbid_host_memory(const void* begin);

/// "128 bytes into allocation 7 (4096 bytes)", "12 bytes behind allocation 7 (...), which was freed".
std::string describe_device_address(const void* address);

/// The allowed host memory that begins at or before `address` (serial 0), or state none.
DeviceAllocation find_host_memory(const void* address);

/// Faults unless the running kernel may touch [address, address + bytes): inside one live allocation or one
/// range of allowed host memory, or (to read) constants of a loaded module. `verb`: "read". Returns a range
/// in which the answer is the same.
struct Allowed {
  uintptr_t begin = 0;
  size_t bytes = 0;
};
Allowed check_outside_shared(const void* address, size_t bytes, const char* verb);

}  // namespace breakeven::emu
