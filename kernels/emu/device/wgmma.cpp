// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/wgmma.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/emu/device/wgmma_state.h"

namespace breakeven::emu {
namespace {

constexpr uint32_t kPoison = 0xFFBADBAD;  // a NaN; as an integer large and odd

WgmmaQueue& queue_of(Thread& thread) {
  auto& queues = attached<WgmmaQueues>(*thread.block).of;
  const auto group = static_cast<size_t>(thread.linear / kWgmmaThreads);
  if (thread.block->threads.size() < (group + 1) * kWgmmaThreads) {
    raise_fault(FaultKind::invalid_use,
                fmt::format("wgmma in a warpgroup that is not whole: the block has {} threads",
                            thread.block->threads.size()));
  }
  while (queues.size() <= group) queues.emplace_back();
  return queues[group];
}

/// The thread's record of array d; a new one takes the place of those that lay there before it.
Registers128& registers_at(WgmmaThread& mine, uint32_t* d, int count) {
  for (Registers128& known : mine.registers) {
    if (known.d == d && known.count == count) return known;
    if (known.count > 0 && d < known.d + known.count && known.d < d + count) {
      if (known.under_way > 0) {
        raise_fault(FaultKind::invalid_use, "wgmma into accumulators that overlap others still under way");
      }
      known.d = nullptr;
      known.count = 0;
    }
  }
  mine.registers.push_back({d, count, 0, nullptr, {}});
  return mine.registers.back();
}

void require_untouched(const Registers128& registers) {
  const auto touched =
      std::find_if(registers.d, registers.d + registers.count, [](uint32_t v) { return v != kPoison; });
  if (touched == registers.d + registers.count) return;
  raise_fault(FaultKind::invalid_use,
              fmt::format("accumulator {} was written between wgmma and wgmma_wait", touched - registers.d));
}

/// Whether the hardware is known to have in its registers what the program has in d.
void require_fenced(const WgmmaThread& mine, const Registers128& registers, Accumulate accumulate) {
  if (!mine.fenced) raise_fault(FaultKind::invalid_use, "wgmma without a wgmma_fence before it");
  if (accumulate == Accumulate::yes && !registers.known.empty() &&
      !std::equal(registers.known.begin(), registers.known.end(), registers.d)) {
    raise_fault(FaultKind::invalid_use,
                "wgmma into accumulators that were written after the last wgmma_fence");
  }
}

std::string shape_words(const Multiplication& m) {
  return fmt::format("m64n{} {} a {:#x} b {:#x}{}", m.shape.n, name(m.shape.precision), m.a, m.b,
                     m.accumulate == Accumulate::yes ? " accumulating" : "");
}

/// The thread's next multiplication: what the others of the warpgroup have issued as theirs, or a new one.
Multiplication& next(WgmmaQueue& queue, Thread& thread, uint64_t number, const Multiplication& wanted) {
  if (number == queue.end()) {
    queue.waiting.push_back(std::make_shared<Multiplication>(wanted));
    queue.waiting.back()->first_clock = thread.clock;
    thread.clock.advance();
    return *queue.waiting.back();
  }
  Multiplication& shared = queue.at(number);
  if (shared.shape == wanted.shape && shared.a == wanted.a && shared.b == wanted.b &&
      shared.accumulate == wanted.accumulate) {
    return shared;
  }
  raise_fault(FaultKind::divergence, fmt::format("wgmma {}, while another thread of the warpgroup issued {}",
                                                 shape_words(wanted), shape_words(shared)));
}

/// The accumulators leave the thread's hands until the wait.
void hand_over(Registers128& registers, Multiplication& shared, int place) {
  if (!shared.accumulators) {
    shared.accumulators = registers.under_way > 0 ? registers.accumulators : std::make_shared<InFlight>();
    shared.accumulators->sums.resize(static_cast<size_t>(kWgmmaRows) * static_cast<size_t>(shared.shape.n));
  }
  if (registers.under_way++ > 0) {
    require_untouched(registers);
    if (registers.accumulators == shared.accumulators) return;
    raise_fault(FaultKind::divergence, "the threads of a warpgroup give wgmma different accumulators");
  }
  registers.accumulators = shared.accumulators;
  for (int i = 0; i < registers.count; ++i) {
    shared.accumulators->sums[static_cast<size_t>(wgmma_place(place, i, shared.shape.n))] = registers.d[i];
  }
  std::fill_n(registers.d, registers.count, kPoison);
}

/// And come back.
void take_back(Registers128& registers, const Multiplication& shared, int place) {
  if (--registers.under_way > 0) return;
  require_untouched(registers);
  for (int i = 0; i < registers.count; ++i) {
    registers.d[i] = shared.accumulators->sums[static_cast<size_t>(wgmma_place(place, i, shared.shape.n))];
  }
  registers.known.assign(registers.d, registers.d + registers.count);
  registers.accumulators = nullptr;
}

/// Multiplication `number` after all before it, as the hardware does them.
void run(AsyncOp& op, Block& block, WgmmaQueue& queue, uint64_t number) {
  const uint32_t actors = block.cluster->actors;
  for (uint64_t earlier = queue.first; earlier < number; ++earlier)
    async_complete(queue.at(earlier).operation);
  Multiplication& mine = queue.at(number);
  wgmma_multiply(op, block, mine.shape, mine.a, mine.b, mine.accumulate, mine.accumulators->sums);
  if (number > queue.first) queue.at(number - 1).done.acquire(op.clock, actors);
  mine.done.release(op.clock, actors);
}

/// All 128 have issued it. What it may rely on is what the first of them knew: every thread has to have
/// waited.
void submit(Block& block, WgmmaQueue& queue, uint64_t number) {
  Multiplication& shared = queue.at(number);
  const ActorClock& knows = shared.first_clock;
  AsyncHandle operation = async_submit("wgmma", Proxy::async, [&block, &queue, number, knows](AsyncOp& op) {
    op.clock.seen = knows.seen;
    op.clock.fenced = knows.fenced;
    op.clock.parent = knows.actor;
    op.clock.parent_tick = knows.tick;
    op.clock.parent_fenced_tick = knows.fenced_tick;
    run(op, block, queue, number);
  });
  shared.operation = std::move(operation);
  wake_all(queue.issued);
}

/// Waits for multiplication `number`, the thread's oldest, and takes its accumulators back.
void retire(WgmmaQueue& queue, WgmmaThread& mine, Thread& thread, uint64_t number) {
  while (!queue.at(number).operation) {
    wait_in(queue.issued,
            {"the other warps of the warpgroup to issue wgmma number {}", static_cast<int64_t>(number)});
  }
  Multiplication& shared = queue.at(number);
  async_complete(shared.operation);
  take_back(*mine.targets.front(), shared, thread.linear % kWgmmaThreads);
  mine.targets.pop_front();
  ++mine.retired;
  ++shared.retired;
}

void leave(Thread& thread) {
  const auto& mine = attached<WgmmaThread>(thread);
  if (mine.issued == mine.retired) return;
  raise_fault(FaultKind::invalid_use,
              fmt::format("a thread exits with {} wgmmas that no wgmma_wait has covered",
                          mine.issued - mine.retired));
}

}  // namespace

uint64_t wgmma_descriptor(const void* shared, int leading_bytes, int stride_bytes) {
  RuntimeScope scope;
  if (block_of(shared) != current_thread().block || reinterpret_cast<uintptr_t>(shared) % 16 != 0 ||
      leading_bytes % 16 != 0 || stride_bytes % 16 != 0) {
    raise_fault(
        FaultKind::invalid_use,
        fmt::format("wgmma_descriptor of {}, offsets {} and {}: multiples of 16 in the own block's shared "
                    "memory",
                    describe_address(shared), leading_bytes, stride_bytes));
  }
  const uint64_t address = shared_offset(shared), leading = static_cast<uint32_t>(leading_bytes),
                 stride = static_cast<uint32_t>(stride_bytes);
  return (address & 0x3FFFF) >> 4 | (leading & 0x3FFFF) >> 4 << 16 | (stride & 0x3FFFF) >> 4 << 32 |
         uint64_t{1} << 62;
}

void wgmma_fence() {
  RuntimeScope scope;
  auto& mine = attached<WgmmaThread>(current_thread());
  mine.fenced = true;
  for (Registers128& registers : mine.registers) {
    if (registers.under_way == 0 && registers.count > 0) {
      registers.known.assign(registers.d, registers.d + registers.count);
    }
  }
}

void wgmma(WgmmaShape shape, void* d, uint64_t a, uint64_t b, Accumulate accumulate) {
  RuntimeScope scope;
  Thread& thread = current_thread();
  WgmmaQueue& queue = queue_of(thread);
  auto& mine = attached<WgmmaThread>(thread);
  Registers128& registers = registers_at(mine, static_cast<uint32_t*>(d), shape.n / 2);
  if (registers.under_way == 0) require_fenced(mine, registers, accumulate);
  at_exit(leave);
  const uint64_t number = mine.issued++;
  Multiplication& shared =
      next(queue, thread, number, {shape, a, b, accumulate, nullptr, {}, 0, 0, nullptr, {}});
  hand_over(registers, shared, thread.linear % kWgmmaThreads);
  mine.targets.push_back(&registers);
  if (++shared.issued == kWgmmaThreads) submit(*thread.block, queue, number);
  give_way();
}

void wgmma_commit() {
  RuntimeScope scope;
  auto& mine = attached<WgmmaThread>(current_thread());
  mine.groups.push_back(mine.issued);
}

void wgmma_wait(int pending) {
  RuntimeScope scope;
  Thread& thread = current_thread();
  WgmmaQueue& queue = queue_of(thread);
  auto& mine = attached<WgmmaThread>(thread);
  give_way();
  while (mine.groups.size() > static_cast<size_t>(pending)) {
    const uint64_t end = mine.groups.front();
    if (mine.retired < end) {
      while (mine.retired < end) retire(queue, mine, thread, mine.retired);
      queue.at(end - 1).done.acquire(thread.clock, thread.block->cluster->actors);
    }
    mine.groups.pop_front();
  }
  while (!queue.waiting.empty() && queue.waiting.front()->retired == kWgmmaThreads) {
    queue.waiting.pop_front();
    ++queue.first;
  }
}

}  // namespace breakeven::emu
