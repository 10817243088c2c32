// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/registers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "kernels/emu/block.h"

namespace breakeven::emu {
namespace {

constexpr int kRegistersPerMultiprocessor = 65536, kGroup = 128, kMostRegisters = 256;

/// Registers per thread, of every warpgroup of a block. At launch each has an equal share: what ptxas gives a
/// kernel with one block per multiprocessor.
struct Registers {
  std::vector<int> per_thread;
  int pool = 0;  // per thread, summed over warpgroups
  WaitQueue waiting;
};

Registers& registers_of(Block& block) {
  auto& registers = attached<Registers>(block);
  if (registers.per_thread.empty()) {
    const size_t groups = (block.threads.size() + kGroup - 1) / kGroup;
    const int share = kRegistersPerMultiprocessor / (static_cast<int>(groups) * kGroup) / 8 * 8;
    registers.per_thread.assign(groups, std::min(share, kMostRegisters));
    registers.pool = std::min(share, kMostRegisters) * static_cast<int>(groups);
  }
  return registers;
}

int in_use(const Registers& registers) {
  int sum = 0;
  for (const int n : registers.per_thread) sum += n;
  return sum;
}

}  // namespace

/// Positive: an increase, negative: a decrease, both to |change|.
void set_registers(int change) {
  RuntimeScope scope;
  Thread& thread = current_thread();
  Registers& registers = registers_of(*thread.block);
  const int wanted = std::abs(change);
  int& mine = registers.per_thread[static_cast<size_t>(thread.linear / kGroup)];
  int asked = change;
  warpgroup_meet("setmaxnreg", &asked, [](std::array<void*, 128>& all) {
    for (void* other : all) {
      if (*static_cast<int*>(other) != *static_cast<int*>(all[0])) {
        raise_fault(FaultKind::divergence,
                    fmt::format("the threads of a warpgroup set their registers to {} and {}",
                                *static_cast<int*>(all[0]), *static_cast<int*>(other)));
      }
    }
  });
  if (mine == wanted) return;  // another thread of the group has done it
  if (change < 0) {
    mine = std::min(mine, wanted);
    wake_all(registers.waiting);
    return;
  }
  while (mine < wanted && in_use(registers) - mine + wanted > registers.pool) {
    wait_in(registers.waiting,
            {"{} registers per thread (the block has {} x 128 in all)", wanted, registers.pool});
  }
  mine = std::max(mine, wanted);
}

}  // namespace breakeven::emu
