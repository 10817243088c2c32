// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/access.h"

#include <fmt/format.h>
#include <link.h>

#include <vector>

#include "kernels/emu/device_memory.h"

namespace breakeven::emu {
namespace {

/// What a kernel may read besides device memory: constants, which lie in segments of a module that nobody
/// writes, or nobody writes once it is loaded.
Allowed constants_around(uintptr_t address) {
  struct Search {
    uintptr_t address;
    Allowed found;
  } search{address, {}};
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* argument) {
        auto& wanted = *static_cast<Search*>(argument);
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const ElfW(Phdr)& segment = info->dlpi_phdr[i];
          const bool constant =
              (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) == 0) || segment.p_type == PT_GNU_RELRO;
          const uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
          if (!constant || wanted.address - begin >= segment.p_memsz) continue;
          wanted.found = {begin, segment.p_memsz};
          return 1;
        }
        return 0;
      },
      &search);
  return search.found;
}

[[noreturn]] void raise_device_fault(const void* address, size_t bytes, const char* verb) {
  const std::string what = fmt::format("{} of {} bytes at {}", verb, bytes, describe_address(address));
  if (!in_device_memory(address)) {
    raise_fault(FaultKind::host_memory, fmt::format("{}: a kernel may not touch it", what));
  }
  const bool freed = find_device_memory(address).state == DeviceAllocation::State::freed;
  raise_fault(freed ? FaultKind::use_after_free : FaultKind::out_of_bounds,
              fmt::format("{}: {}", what, freed ? "it was freed" : "outside the allocation"));
}

bool is_read(const char* verb) { return verb[0] == 'r'; }

}  // namespace

Allowed check_outside_shared(const void* address, size_t bytes, const char* verb) {
  const DeviceAllocation found =
      in_device_memory(address) ? find_device_memory(address) : find_host_memory(address);
  if (found.holds(address, bytes)) return {reinterpret_cast<uintptr_t>(found.begin), found.bytes};
  const auto at = reinterpret_cast<uintptr_t>(address);
  if (is_read(verb) && !in_device_memory(address)) {
    const Allowed constants = constants_around(at);
    if (at + bytes - constants.begin <= constants.bytes) return {};  // not to be remembered: writes differ
  }
  raise_device_fault(address, bytes, verb);
}

void judge_access(Thread& thread, const void* address, size_t bytes, Access access, const void* pc) {
  const RuntimeScope scope;
  if (bytes == 0) return;
  thread.pc = pc;
  const char* verb = access.kind == AccessKind::read ? "read" : "write";
  const auto at = reinterpret_cast<uintptr_t>(address);
  if (Block* block = block_of(address)) {
    const Conflict conflict =
        shared_access(*block, thread.clock, access, address, static_cast<int64_t>(bytes));
    if (conflict.refusal != Refusal::none)
      raise_conflict(*block, conflict, fmt::format("{} of {} bytes", verb, bytes));
  } else if (at - reinterpret_cast<uintptr_t>(thread.fiber.stack_bottom()) >= FiberStack::kBytes) {
    const Allowed allowed = check_outside_shared(address, bytes, verb);
    if (allowed.bytes > 0)
      thread.allowed[thread.allowed_next++ % thread.allowed.size()] = {allowed.begin, allowed.bytes};
  }
  thread.pc = nullptr;
}

void check_access(const void* address, int64_t bytes, Access access) {
  judge_access(current_thread(), address, static_cast<size_t>(bytes), access, nullptr);
}

}  // namespace breakeven::emu
