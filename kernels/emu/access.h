// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/emu/here.h"

namespace breakeven::emu {

/// Judges what the thread's own code does with [address, address + bytes). `pc`: where, for the fault.
void judge_access(Thread& thread, const void* address, size_t bytes, Access, const void* pc);

/// The same, for the instrumentation of plain accesses of 1 to 16 bytes: the common cases at once.
template <uint32_t bytes, AccessKind kind>
inline void judge_quickly(Thread& thread, const void* address, const void* pc) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  const Block& block = *thread.block;
  const uintptr_t offset = at - reinterpret_cast<uintptr_t>(block.window);
  if (offset <= kWindowBytes - bytes) {
    const auto place = static_cast<uint32_t>(offset);
    const bool quick = kind == AccessKind::read ? block.shadow->quick_read<bytes>(thread.clock, place)
                                                : block.shadow->quick_write<bytes>(thread.clock, place);
    if (quick) return;
  } else if (at - reinterpret_cast<uintptr_t>(thread.fiber.stack_bottom()) < FiberStack::kBytes) {
    return;
  } else {
    for (const Thread::Range& range : thread.allowed) {
      if (range.holds(at, bytes)) return;
    }
  }
  judge_access(thread, address, bytes, {kind}, pc);
}

}  // namespace breakeven::emu
