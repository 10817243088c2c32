// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/memory_simd.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "cpu_ref/cpu.h"
#include "cpu_ref/memory_job.h"

namespace breakeven::cpu {
namespace {

constexpr int64_t kLineElements = 64;  // a multiple of what stands in one cache line, in every format
constexpr size_t kLineBytes = 64;

/// What is dealt out among threads: elements, rows, rows of the result, rows of the table.
int64_t items(const MemoryOp& op) {
  if (op.kind == MemoryKind::gather) return op.indices;
  if (op.kind == MemoryKind::scatter_add) return op.table;
  return op.rows > 0 ? op.rows : op.n;
}

/// How many items a thread takes at once, first of its own share, then of what others have left: a thread
/// falls behind whose core works for somebody else too. One piece a share where each piece looks at every
/// index.
int64_t piece(const MemoryOp& op, int threads) {
  constexpr int64_t kPieceBytes = 1 << 20,
                    kWorthSums = 128;  // rows, beside whose bytes those of two sums vanish
  const int64_t all = items(op), moved = bytes(op.operands()) + bytes(op.results());
  const int64_t whole = all / threads + kLineElements;
  if (threads == 1 || op.kind == MemoryKind::scatter_add || moved / threads < 2 * kPieceBytes) return whole;
  const int64_t step = op.n > 0 ? kLineElements : op.kind == MemoryKind::layernorm_bwd ? kWorthSums : 1;
  return std::min(whole, (all / (moved / kPieceBytes) / step + 1) * step);
}

bool staged(const MemoryOp& op) {
  constexpr int64_t kCachedColumns = 1 << 16;  // two rows of fp32 in the second-level cache
  return op.columns <= kCachedColumns;
}

constexpr int64_t row_bytes(const MemoryOp& op) { return op.columns * static_cast<int64_t>(sizeof(float)); }

/// Bytes of a thread's own.
int64_t room(const MemoryOp& op) { return staged(op) ? rows_of_room(op.kind) * row_bytes(op) : 0; }

/// Bytes of a piece's own.
int64_t sums(const MemoryOp& op) { return op.kind == MemoryKind::layernorm_bwd ? 2 * row_bytes(op) : 0; }

/// The most pieces that a share can have.
int64_t pieces(const MemoryOp& op, int threads) {
  return (items(op) / threads + kLineElements) / piece(op, threads) + 1;
}

class SimdJob : public MemoryJob {
 public:
  SimdJob(const MemoryOp& op, const Inputs& inputs, const Placement& placement)
      : MemoryJob(op, inputs, placement), unit_(best_memory_unit()), loop_(loop_of(unit_, op)) {
    const int64_t moved = bytes(op.operands()) + bytes(op.results());
    threads_ = moved < kWorthThreads ? 1 : omp_get_max_threads();
    taken_ = std::vector<Taken>(static_cast<size_t>(threads_));
    piece_ = piece(op, threads_);
    pieces_ = pieces(op, threads_);
    stores_ = moved * slots_ > stays_cached() ? Stores::streaming : Stores::ordinary;
    if (room(op) > 0) rooms_ = SlottedPages(threads_, room(op));
    if (sums(op) > 0) sums_ = SlottedPages(threads_ * pieces_, sums(op));
    rooms_.fill(0);
    sums_.fill(0);
  }

  void run(int64_t slot) override {
    const MemoryShare whole = share(slot);
    for (Taken& taken : taken_) taken.items.store(0, std::memory_order_relaxed);
#pragma omp parallel num_threads(threads_)
    {
      const int64_t me = omp_get_thread_num(), team = omp_get_num_threads();
      MemoryShare mine = whole;
      if (room(op_) > 0) mine.room = reinterpret_cast<float*>(rooms_.at(me));
      for (int64_t i = 0; i < threads_; ++i) work_on((me + i) % threads_, mine);
      if (op_.kind == MemoryKind::layernorm_bwd) {
#pragma omp barrier
        add_sums(slot, me, team);
      }
    }
  }

  std::string implementation() const override {
    return fmt::format("{}, {} stores, {} thread{}", unit_.name,
                       stores_ == Stores::streaming && op_.in_place() == 0 ? "streaming" : "ordinary",
                       threads_, threads_ == 1 ? "" : "s");
  }

 private:
  float* sums_of(int64_t thread, int64_t piece) const {
    return reinterpret_cast<float*>(sums_.at(thread * pieces_ + piece));
  }

  MemoryShare share(int64_t slot) const {
    MemoryShare made{};
    const size_t operands = op_.operands().size(), results = op_.results().size();
    for (size_t i = 0; i < operands; ++i) made.in[i] = operand<std::byte>(i, slot);
    for (size_t i = 0; i < results; ++i) made.out[i] = result<std::byte>(i, slot);
    made.columns = op_.columns > 0 ? op_.columns : op_.depth;
    made.rows = op_.rows > 0 ? op_.rows : op_.indices;
    made.staged = staged(op_);
    made.stores = stores_;
    made.adamw = adamw_factors();
    made.norm_epsilon = kLayerNormEpsilon;
    made.triad_factor = kTriadFactor;
    return made;
  }

  /// Where the share of thread `t` begins. Elements are dealt out in whole cache lines.
  int64_t border(int64_t t) const {
    const int64_t all = items(op_);
    if (op_.n == 0) return all * t / threads_;
    return std::min(all, (all / kLineElements + 1) * t / threads_ * kLineElements);
  }

  /// What is left of the share of thread `owner`, piece by piece, with the room of `mine`.
  void work_on(int64_t owner, MemoryShare mine) {
    const int64_t begin = border(owner), end = border(owner + 1);
    std::atomic<int64_t>& taken = taken_[static_cast<size_t>(owner)].items;
    for (;;) {
      const int64_t done = taken.fetch_add(piece_, std::memory_order_relaxed);
      mine.first = begin + done;
      if (mine.first >= end) return;
      mine.last = std::min(end, mine.first + piece_);
      if (sums(op_) > 0) mine.sums = sums_of(owner, done / piece_);
      loop_(mine);
    }
  }

  /// dgamma and dbeta: what the pieces add to them, in their order, each thread its columns.
  void add_sums(int64_t slot, int64_t me, int64_t team) const {
    const int64_t columns = op_.columns, first = 2 * columns * me / team,
                  last = 2 * columns * (me + 1) / team;
    float *dgamma = result<float>(1, slot), *dbeta = result<float>(2, slot);
    for (int64_t i = first; i < last; ++i) (i < columns ? dgamma[i] : dbeta[i - columns]) = 0;
    for (int64_t owner = 0; owner < threads_; ++owner) {
      const int64_t rows = border(owner + 1) - border(owner);
      for (int64_t k = 0; k * piece_ < rows; ++k) {
        const float* sum = sums_of(owner, k);
        for (int64_t i = first; i < last; ++i) (i < columns ? dgamma[i] : dbeta[i - columns]) += sum[i];
      }
    }
  }

  const MemoryUnit& unit_;
  const MemoryLoop loop_;
  struct alignas(kLineBytes) Taken {
    std::atomic<int64_t> items{0};
  };
  std::vector<Taken> taken_;        // of each thread's share
  int64_t piece_ = 0, pieces_ = 0;  // items of one; of a share, at most
  int threads_ = 1;
  Stores stores_ = Stores::ordinary;
  SlottedPages rooms_, sums_;
};

Reason why_not(const MemoryOp&) { return std::nullopt; }

std::unique_ptr<Job> prepare(const MemoryOp& op, const Inputs& inputs, const Placement& placement) {
  return std::make_unique<SimdJob>(op, inputs, placement);
}

int64_t scratch(const MemoryOp& op) {
  const int threads = omp_get_max_threads();
  return threads * (room(op) + pieces(op, threads) * sums(op)) + given_bytes(op);
}

}  // namespace

Kernel memory_simd_threads() {
  return {
      .name = "simd_threads",
      .summary = "own vector loops, one pass over memory, streaming stores beyond the caches, all threads",
      .why_not = for_problem<MemoryOp>(why_not),
      .prepare = for_problem<MemoryOp>(prepare),
      .scratch_bytes = [](const Problem& p) { return scratch(std::get<MemoryOp>(p)); }};
}

}  // namespace breakeven::cpu
