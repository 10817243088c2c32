// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/memory_simd.h"

#include <fmt/format.h>
#include <omp.h>

#include <algorithm>

#include "cpu_ref/cpu.h"
#include "cpu_ref/memory_job.h"

namespace breakeven::cpu {
namespace {

constexpr int64_t kLineElements = 64;  // a multiple of what stands in one cache line, in every format

/// What is dealt out among threads: elements, rows, rows of the result, rows of the table.
int64_t items(const MemoryOp& op) {
  if (op.kind == MemoryKind::gather) return op.indices;
  if (op.kind == MemoryKind::scatter_add) return op.table;
  return op.rows > 0 ? op.rows : op.n;
}

/// Bytes of a thread's own: two rows of fp32, for exponentials and for a layer norm's parameters only while
/// they stay in its second-level cache.
int64_t room(const MemoryOp& op) {
  constexpr int64_t kCached = 1 << 19;
  const int64_t two_rows = 2 * op.columns * static_cast<int64_t>(sizeof(float));
  if (op.kind == MemoryKind::layernorm_bwd) return two_rows;
  const bool stages = op.kind == MemoryKind::softmax || op.kind == MemoryKind::cross_entropy ||
                      op.kind == MemoryKind::layernorm;
  return stages && two_rows <= kCached ? two_rows : 0;
}

class SimdJob : public MemoryJob {
 public:
  SimdJob(const MemoryOp& op, const Inputs& inputs, const Placement& placement)
      : MemoryJob(op, inputs, placement), unit_(best_memory_unit()), loop_(loop_of(unit_, op)) {
    const int64_t moved = bytes(op.operands()) + bytes(op.results());
    threads_ = moved < kWorthThreads ? 1 : omp_get_max_threads();
    stores_ = moved * slots_ > stays_cached() ? Stores::streaming : Stores::ordinary;
    if (room(op) > 0) {
      sums_ = SlottedPages(threads_, room(op));
      sums_.fill(0);
    }
  }

  void run(int64_t slot) override {
    const MemoryShare whole = share(slot);
#pragma omp parallel num_threads(threads_)
    {
      const int64_t me = omp_get_thread_num(), team = omp_get_num_threads();
      MemoryShare mine = whole;
      mine.first = border(me, team);
      mine.last = border(me + 1, team);
      if (room(op_) > 0) mine.sums = mine.two_rows = sums(me);
      loop_(mine);
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
  float* sums(int64_t thread) const { return reinterpret_cast<float*>(sums_.at(thread)); }

  MemoryShare share(int64_t slot) const {
    MemoryShare made{};
    const size_t operands = op_.operands().size(), results = op_.results().size();
    for (size_t i = 0; i < operands; ++i) made.in[i] = operand<std::byte>(i, slot);
    for (size_t i = 0; i < results; ++i) made.out[i] = result<std::byte>(i, slot);
    made.columns = op_.columns > 0 ? op_.columns : op_.depth;
    made.rows = op_.rows > 0 ? op_.rows : op_.indices;
    made.stores = stores_;
    made.adamw = adamw_factors();
    made.norm_epsilon = kLayerNormEpsilon;
    made.triad_factor = kTriadFactor;
    return made;
  }

  /// Where the share of thread `t` of `team` begins. Elements are dealt out in whole cache lines.
  int64_t border(int64_t t, int64_t team) const {
    const int64_t all = items(op_);
    if (op_.n == 0) return all * t / team;
    return std::min(all, (all / kLineElements + 1) * t / team * kLineElements);
  }

  /// dgamma and dbeta: the threads' parts added up in their order, each thread its columns.
  void add_sums(int64_t slot, int64_t me, int64_t team) const {
    const int64_t columns = op_.columns, first = 2 * columns * me / team,
                  last = 2 * columns * (me + 1) / team;
    float *dgamma = result<float>(1, slot), *dbeta = result<float>(2, slot);
    for (int64_t i = first; i < last; ++i) {
      float sum = sums(0)[i];
      for (int64_t t = 1; t < team; ++t) sum += sums(t)[i];
      (i < columns ? dgamma[i] : dbeta[i - columns]) = sum;
    }
  }

  const MemoryUnit& unit_;
  const MemoryLoop loop_;
  int threads_ = 1;
  Stores stores_ = Stores::ordinary;
  SlottedPages sums_;
};

Reason why_not(const MemoryOp&) { return std::nullopt; }

std::unique_ptr<Job> prepare(const MemoryOp& op, const Inputs& inputs, const Placement& placement) {
  return std::make_unique<SimdJob>(op, inputs, placement);
}

int64_t scratch(const MemoryOp& op) { return omp_get_max_threads() * room(op) + given_bytes(op); }

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
