// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <vector>

#include "cpu_ref/cpu.h"
#include "cpu_ref/cpu_features.h"
#include "cpu_ref/gemm_job.h"
#include "cpu_ref/round_to.h"
#include "cpu_ref/simd_gemm.h"

namespace breakeven::cpu {
namespace {

const SimdUnit* unit_for(const SimdUnits& units, Precision precision) {
  switch (precision) {
    case Precision::fp64:
      return units.fp64;
    case Precision::fp32:
      return units.fp32;
    case Precision::bf16:
      return units.bf16;
    case Precision::fp16:
      return units.fp16;
    case Precision::int8:
      return units.int8;
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

Element sum_element(const Gemm& g) {
  return g.precision == Precision::fp64   ? Element::fp64
         : g.precision == Precision::int8 ? Element::int32
                                          : Element::fp32;
}

/// How a GEMM is worked on, and the memory that takes: all of a Kernel's `scratch_bytes`.
struct Layout {
  Layout(const Gemm& g, const SimdUnit& by, int thread_count)
      : unit(by),
        extents{g.m, g.n, g.k},
        threads(thread_count),
        sharing(sharing_of(g, threads)),
        blocking(choose_blocking(unit, extents, sharing == Sharing::batch ? 1 : threads)),
        a_bytes(packed_a_bytes(unit, extents, blocking)),
        b_bytes(packed_b_bytes(unit, extents, blocking)),
        // Sums of a type other than the output's need a place of their own.
        sums_bytes(facts(g.precision).output != sum_element(g) ? g.m * g.n * unit.sum_bytes : 0) {}
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
  SimdJob(const Gemm& gemm, const Inputs& inputs, const Placement& placement, const SimdUnit& unit,
          int threads)
      : GemmJob(gemm, inputs, placement),
        layout_(gemm, unit, threads),
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
                 const Sum* from = sums + r * gemm_.n + column;
                 Out* to = c + r * gemm_.n + column;
                 const Bias* added = bias ? bias + column : nullptr;
                 if constexpr (std::is_same_v<Out, Fp16>) finish_fp16_row(columns, from, added, &to->bits);
                 if constexpr (!std::is_same_v<Out, Fp16>) finish_row(columns, from, added, to);
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

  void finish_fp16_row(int64_t columns, const float* sums, const float* bias, uint16_t* c) const {
    if (!bias) return layout_.unit.narrow(sums, columns, c);
    constexpr int64_t kMany = 256;
    float added[kMany];
    for (int64_t j = 0; j < columns; j += kMany) {
      const int64_t count = std::min(kMany, columns - j);
      for (int64_t i = 0; i < count; ++i) added[i] = std::max(0.0f, sums[j + i] + bias[j + i]);
      layout_.unit.narrow(added, count, c + j);
    }
  }

  const Layout layout_;
  SlottedPages packed_a_, packed_b_, sums_;
};

std::unique_ptr<Job> prepare_with(const SimdUnit& unit, const Gemm& g, const Inputs& inputs,
                                  const Placement& placement, int threads) {
  switch (g.precision) {
    case Precision::fp64:
      return std::make_unique<SimdJob<double, double, double>>(g, inputs, placement, unit, threads);
    case Precision::fp32:
      return std::make_unique<SimdJob<float, float, float>>(g, inputs, placement, unit, threads);
    case Precision::bf16:
      return std::make_unique<SimdJob<Bf16, float, Bf16>>(g, inputs, placement, unit, threads);
    case Precision::fp16:
      return std::make_unique<SimdJob<Fp16, float, Fp16>>(g, inputs, placement, unit, threads);
    case Precision::int8:
      return std::make_unique<SimdJob<int8_t, int32_t, int32_t>>(g, inputs, placement, unit, threads);
    default:
      throw Unsupported("vector instructions have no such precision");
  }
}

/// What tells the contenders of this file apart.
struct Rung {
  const char* name;
  const char* summary;
  SimdUnits units;
  std::vector<Precision> precisions;
  const char* otherwise;  // why a precision of these has no unit here
  int (*threads)();
};

Kernel simd_kernel(const Rung& rung) {
  const auto unit = [rung](const Problem& problem) {
    const Gemm& g = std::get<Gemm>(problem);
    const bool taken = std::ranges::find(rung.precisions, g.precision) != rung.precisions.end();
    return taken ? unit_for(rung.units, g.precision) : nullptr;
  };
  return {.name = rung.name,
          .summary = rung.summary,
          .why_not = [rung, unit](const Problem& problem) -> Reason {
            const Gemm* g = std::get_if<Gemm>(&problem);
            if (!g) return "answers another kind of problem";
            if (Reason reason = unless_one_of(*g, rung.precisions)) return reason;
            return unit(problem) ? Reason() : Reason(rung.otherwise);
          },
          .prepare =
              [rung, unit](const Problem& problem, const Inputs& inputs, const Placement& placement) {
                return prepare_with(*unit(problem), std::get<Gemm>(problem), inputs, placement,
                                    rung.threads());
              },
          .scratch_bytes =
              [rung, unit](const Problem& problem) {
                return Layout(std::get<Gemm>(problem), *unit(problem), rung.threads()).scratch_bytes();
              }};
}

const std::vector<Precision> kUsual{Precision::fp64, Precision::fp32, Precision::bf16, Precision::int8};
int one_thread() { return 1; }

SimdUnits tile_units() {
  SimdUnits units;
#if defined(__x86_64__)
  if (has(Feature::avx512) && has(Feature::amx_bf16)) units.bf16 = amx_units().bf16;
  if (has(Feature::avx512) && has(Feature::amx_int8)) units.int8 = amx_units().int8;
#endif
  return units;
}

SimdUnits fp16_units() {
#if defined(__x86_64__) && BREAKEVEN_AVX512_FP16
  if (has(Feature::avx512_fp16)) return avx512_fp16_units();
#endif
  return {};
}

}  // namespace

Kernel gemm_simd() {
  Kernel kernel = simd_kernel({"simd", "packed panels and register tiles in vector instructions, one thread",
                               best_units(), kUsual, "", one_thread});
  kernel.typical_rate = 1e11;
  return kernel;
}

Kernel gemm_simd_threads() {
  return simd_kernel(
      {"simd_threads", "the same on all threads", best_units(), kUsual, "", omp_get_max_threads});
}

Kernel gemm_simd_widened() {
  return simd_kernel(
      {"simd_widened",
       "narrow formats widened to fp32 or int32 first: no unit that multiplies them as they are",
       widening_units(),
       {Precision::bf16, Precision::fp16, Precision::int8},
       "fp16 is widened by AVX-512 alone",
       omp_get_max_threads});
}

Kernel gemm_simd_fp16() {
  Kernel kernel =
      simd_kernel({"simd_fp16",
                   "AVX512_FP16, which has no wide accumulator: sums of 16 products in fp16, then fp32",
                   fp16_units(),
                   {Precision::fp16},
                   "this CPU has no AVX512_FP16, or this build none",
                   omp_get_max_threads});
  // Sums of 16 round by at most 2^-11 sixteen times: 2 sqrt(16) 2^-11 |a| |b| with the check's margin, which
  // is 2 sqrt(k) 2^-11 |a| |b| and less from k = 16 on.
  kernel.accumulate_roundoff = 0x1p-11;
  return kernel;
}

Kernel gemm_amx() {
  return simd_kernel({"amx",
                      "AMX tiles: 32 x 32 sums in four tile registers, packed panels, all threads",
                      tile_units(),
                      {Precision::bf16, Precision::int8},
                      "this CPU has no AMX, or its operating system lets nobody use it",
                      omp_get_max_threads});
}

}  // namespace breakeven::cpu
