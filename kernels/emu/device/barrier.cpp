// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/barrier.h"

#include <fmt/format.h>

#include "kernels/emu/block.h"

namespace breakeven::emu {
namespace {

void require_whole_warps(int threads) {
  const int present = static_cast<int>(current_thread().block->threads.size());
  if (threads <= 0 || threads % 32 != 0 || threads > present) {
    raise_fault(
        FaultKind::invalid_use,
        fmt::format("a named barrier for {} threads: it must be a multiple of 32, at most the block's {}",
                    threads, present));
  }
}

}  // namespace

void named_barrier_sync(int id, int threads) {
  RuntimeScope scope;
  require_whole_warps(threads);
  barrier_sync(id, threads);
}

void named_barrier_arrive(int id, int threads) {
  RuntimeScope scope;
  require_whole_warps(threads);
  barrier_arrive(id, threads);
}

}  // namespace breakeven::emu
