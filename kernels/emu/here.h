// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/emu/block.h"

// Where this operating system thread is. The emulator's own files only.

namespace breakeven::emu {

struct AsyncOp;

struct Here {
  Cluster* cluster = nullptr;   // null: no kernel runs here
  Thread* thread = nullptr;     // whose fiber runs; null: the scheduler's own stack
  const AsyncOp* op = nullptr;  // that completes at this moment
};
extern thread_local Here here __attribute__((tls_model("initial-exec")));

/// The thread whose own code runs at this moment: its memory accesses are judged. Read at every access, so it
/// lies where one instruction reaches it.
extern thread_local Thread* judged __attribute__((tls_model("initial-exec")));

/// Judges an access of shared memory and remembers it when it is in order. A block that has exited has none.
Conflict shared_access(Block& block, const ActorClock& by, Access, const void* address, int64_t bytes);

/// Why `conflict` is a fault, as a fault. `what`: "read of 4 bytes".
[[noreturn]] void raise_conflict(const Block& block, const Conflict& conflict, const std::string& what);

}  // namespace breakeven::emu
