// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "cpu_ref/cpu.h"
#include "cpu_ref/peaks.h"
#include "harness/median.h"

// How near the memory-bound contenders come to the rate of a copy: bytes of MemoryOp::work() per second over
// that of measure_copy, in one process, the two in turn, because other programs take memory bandwidth too.
//   memory_benchmark [MiB of operands and results] [precision...] [problem...]

namespace breakeven::cpu {
namespace {

double seconds_of(Job& job) {
  const auto begin = std::chrono::steady_clock::now();
  job.run(0);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

struct Turns {
  std::vector<double> ratios, rates;
};

/// The contender's best of a few against the copy's best of a few, as often as `turns`.
Turns against_copy(Job& job, double moved, int64_t copy_bytes, int threads, int turns) {
  Turns made;
  for (int turn = 0; turn < turns; ++turn) {
    double best = seconds_of(job);
    for (int i = 0; i < 7; ++i) best = std::min(best, seconds_of(job));
    made.rates.push_back(moved / best);
    made.ratios.push_back(moved / best / measure_copy(copy_bytes, threads).rate);
  }
  return made;
}

constexpr double kPromised = 0.85;  // of the copy rate
bool promised(MemoryKind kind) {
  return kind == MemoryKind::softmax || kind == MemoryKind::layernorm || kind == MemoryKind::layernorm_bwd ||
         kind == MemoryKind::adamw;
}

/// "softmax", columns 1024, rows so that operands and results are about `bytes`.
MemoryOp sized(MemoryKind kind, Precision precision, int64_t bytes_wanted) {
  MemoryOp op{.kind = kind, .precision = precision};
  constexpr int64_t kUnit = 1 << 12;
  const auto scale = [&](int64_t units) {
    switch (kind) {
      case MemoryKind::copy:
      case MemoryKind::triad:
      case MemoryKind::gelu:
      case MemoryKind::adamw:
        op.n = units * kUnit;
        break;
      case MemoryKind::gather:
      case MemoryKind::scatter_add:
        op.table = op.indices = units * kUnit / 1024;
        op.depth = 1024;
        break;
      default:
        op.rows = units * kUnit / 1024;
        op.columns = 1024;
    }
  };
  scale(1);
  scale(std::max<int64_t>(1, bytes_wanted / (bytes(op.operands()) + bytes(op.results()))));
  return op;
}

int main_of(int argc, char** argv) {
  const int64_t mebibytes = argc > 1 ? std::strtoll(argv[1], nullptr, 10) : 1024;
  const std::vector<std::string> wanted(argv + std::min(argc, 2), argv + argc);
  const int threads = omp_get_max_threads();
  int broken = 0;
  constexpr Precision kPrecisions[] = {Precision::fp32, Precision::bf16, Precision::fp16};
  const auto among = [](const std::string& word, const auto& all) {
    return std::ranges::any_of(all, [&](auto one) { return name(one) == word; });
  };
  for (const std::string& word : wanted) {
    if (among(word, kPrecisions) || among(word, all_memory_kinds())) continue;
    fmt::print(stderr, "memory_benchmark: '{}' is neither fp32, bf16, fp16 nor a memory-bound problem\n",
               word);
    return 2;
  }
  // Without a precision every one, without a problem every one.
  const auto passes = [&](std::string_view candidate, const auto& all) {
    return std::ranges::none_of(wanted, [&](const std::string& word) { return among(word, all); }) ||
           std::ranges::find(wanted, candidate) != wanted.end();
  };
  for (const Precision precision : kPrecisions) {
    for (const MemoryKind kind : all_memory_kinds()) {
      if (!passes(name(precision), kPrecisions) || !passes(name(kind), all_memory_kinds())) continue;
      const MemoryOp op = sized(kind, precision, mebibytes << 20);
      const std::unique_ptr<Job> job = memory_simd_threads().prepare(op, op.inputs(1), {.slots = 1});
      const Turns turns = against_copy(*job, op.work().bytes, (mebibytes << 20) / 2, threads, 5);
      fmt::print("{:<30} {:<5} {:6.1f} GB/s {:6.3f} of a copy ({:.3f} .. {:.3f})  {}\n", op.name(),
                 name(precision), median(turns.rates) / 1e9, median(turns.ratios),
                 std::ranges::min(turns.ratios), std::ranges::max(turns.ratios), job->implementation());
      if (promised(kind) && median(turns.ratios) < kPromised) {
        fmt::print("BROKEN: at least {} is promised\n", kPromised);
        ++broken;
      }
      std::fflush(stdout);
    }
  }
  return broken > 0 ? 1 : 0;
}

}  // namespace
}  // namespace breakeven::cpu

int main(int argc, char** argv) { return breakeven::cpu::main_of(argc, argv); }
