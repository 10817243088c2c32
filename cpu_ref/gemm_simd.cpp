// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include "cpu_ref/cpu.h"
#include "cpu_ref/gemm_job.h"
#include "cpu_ref/round_to.h"
#include "cpu_ref/simd_gemm.h"

namespace breakeven::cpu {
namespace {

const SimdUnit* unit_for(Precision precision) {
  static const SimdUnits kUnits = best_units();
  switch (precision) {
    case Precision::fp64:
      return kUnits.fp64;
    case Precision::fp32:
      return kUnits.fp32;
    case Precision::bf16:
      return kUnits.bf16;
    case Precision::int8:
      return kUnits.int8;
    default:
      return nullptr;
  }
}

/// Small products in a batch: each to one thread, rather than all threads to each in turn.
constexpr double kSmallFlops = 3e7;
enum class Sharing : uint8_t { product, batch };
Sharing sharing_of(const Gemm& g, int threads) {
  const double flops = g.work().flops / static_cast<double>(g.batch);
  return g.batch >= threads && flops < kSmallFlops ? Sharing::batch : Sharing::product;
}

/// How a GEMM is worked on, and the memory that takes: all of a Kernel's `scratch_bytes`.
struct Layout {
  Layout(const Gemm& g, int thread_count)
      : unit(*unit_for(g.precision)),
        extents{g.m, g.n, g.k},
        threads(thread_count),
        sharing(sharing_of(g, threads)),
        blocking(choose_blocking(unit, extents, sharing == Sharing::batch ? 1 : threads)),
        a_bytes(packed_a_bytes(unit, extents, blocking)),
        b_bytes(packed_b_bytes(unit, extents, blocking)),
        // Sums of a type other than the output's need a place of their own.
        sums_bytes(g.precision == Precision::bf16 ? g.m * g.n * unit.sum_bytes : 0) {}
  int64_t teams() const { return sharing == Sharing::batch ? threads : 1; }
  int64_t scratch_bytes() const { return threads * a_bytes + teams() * (b_bytes + sums_bytes); }

  const SimdUnit& unit;
  Extents extents;
  int threads;
  Sharing sharing;
  Blocking blocking;
  int64_t a_bytes, b_bytes, sums_bytes;
};

float wide(float x) { return x; }
double wide(double x) { return x; }
double wide(int32_t x) { return x; }  // with a bias: an int32 does not fit an fp32

void store(double x, double* out) { *out = x; }
void store(float x, float* out) { *out = x; }
void store(double x, int32_t* out) { round_to(x, out); }
void store(float x, Bf16* out) { out->bits = to_bf16(std::bit_cast<uint32_t>(x)); }

template <class In, class Sum, class Out>
class SimdJob : public GemmJob {
  using Bias = std::conditional_t<std::is_same_v<In, double>, double, float>;
  static constexpr bool kSumsInPlace = std::is_same_v<Sum, Out>;

 public:
  SimdJob(const Gemm& gemm, const Inputs& inputs, const Placement& placement, int threads)
      : GemmJob(gemm, inputs, placement),
        layout_(gemm, threads),
        packed_a_(threads, layout_.a_bytes),
        packed_b_(layout_.teams(), layout_.b_bytes),
        sums_(layout_.teams(), layout_.sums_bytes) {}

  void run(int64_t slot) override {
#pragma omp parallel num_threads(layout_.threads) if (layout_.threads > 1)
    run_worker(slot, omp_get_thread_num(), omp_get_num_threads());
  }

  std::string implementation() const override {
    return fmt::format("{}, {}x{} tile, {} thread{}", layout_.unit.name, layout_.unit.rows,
                       layout_.unit.columns, layout_.threads, layout_.threads == 1 ? "" : "s");
  }

 private:
  void run_worker(int64_t slot, int index, int count) {
    const bool alone = layout_.sharing == Sharing::batch;
    const int team = alone ? index : 0;
    const Worker worker{.index = alone ? 0 : index,
                        .count = alone ? 1 : count,
                        .packed_a = packed_a_.at(index),
                        .packed_b = packed_b_.at(team)};
    for (int64_t i = alone ? index : 0; i < gemm_.batch; i += alone ? count : 1)
      multiply_one(slot, i, team, worker);
  }

  void multiply_one(int64_t slot, int64_t i, int team, const Worker& worker) {
    Out* c = this->template c<Out>(slot) + i * gemm_.m * gemm_.n;
    Sum* sums = nullptr;
    if constexpr (kSumsInPlace) sums = c;
    if constexpr (!kSumsInPlace) sums = reinterpret_cast<Sum*>(sums_.at(team));
    const Bias* bias = this->template bias<Bias>(slot);
    multiply(layout_.unit, layout_.extents, layout_.blocking, worker, sizeof(In),
             a<In>(slot) + i * gemm_.m * gemm_.k, b<In>(slot) + i * gemm_.k * gemm_.n, sums,
             [&](int64_t row, int64_t rows, int64_t column, int64_t columns) {
               if (kSumsInPlace && !bias) return;
               for (int64_t r = row; r < row + rows; ++r) {
                 finish_row(columns, sums + r * gemm_.n + column, bias ? bias + column : nullptr,
                            c + r * gemm_.n + column);
               }
             });
  }

  static void finish_row(int64_t columns, const Sum* sums, const Bias* bias, Out* c) {
    for (int64_t j = 0; bias && j < columns; ++j) {
      const auto x = wide(sums[j]) + bias[j];
      store(x > 0 ? x : decltype(x){0}, c + j);
    }
    if constexpr (!kSumsInPlace) {
      for (int64_t j = 0; !bias && j < columns; ++j) store(wide(sums[j]), c + j);
    }
  }

  const Layout layout_;
  SlottedPages packed_a_, packed_b_, sums_;
};

Reason why_not(const Gemm& gemm) {
  return unless_one_of(gemm, {Precision::fp64, Precision::fp32, Precision::bf16, Precision::int8});
}

std::unique_ptr<Job> prepare_with(const Gemm& g, const Inputs& inputs, const Placement& placement,
                                  int threads) {
  switch (g.precision) {
    case Precision::fp64:
      return std::make_unique<SimdJob<double, double, double>>(g, inputs, placement, threads);
    case Precision::fp32:
      return std::make_unique<SimdJob<float, float, float>>(g, inputs, placement, threads);
    case Precision::bf16:
      return std::make_unique<SimdJob<Bf16, float, Bf16>>(g, inputs, placement, threads);
    case Precision::int8:
      return std::make_unique<SimdJob<int8_t, int32_t, int32_t>>(g, inputs, placement, threads);
    default:
      throw Unsupported("simd has no such precision");
  }
}

/// Both rungs differ in the number of threads alone.
Kernel simd_kernel(const char* name, const char* summary, int (*threads)()) {
  return {.name = name,
          .summary = summary,
          .why_not = for_problem<Gemm>(why_not),
          .prepare =
              [threads](const Problem& problem, const Inputs& inputs, const Placement& placement) {
                return prepare_with(std::get<Gemm>(problem), inputs, placement, threads());
              },
          .scratch_bytes =
              [threads](const Problem& problem) {
                return Layout(std::get<Gemm>(problem), threads()).scratch_bytes();
              }};
}

}  // namespace

Kernel gemm_simd() {
  Kernel kernel = simd_kernel("simd", "packed panels and register tiles in vector instructions, one thread",
                              [] { return 1; });
  kernel.typical_rate = 1e11;
  return kernel;
}

Kernel gemm_simd_threads() {
  return simd_kernel("simd_threads", "the same on all threads", omp_get_max_threads);
}

}  // namespace breakeven::cpu
