// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <type_traits>

#include "cpu_ref/conv_job.h"
#include "cpu_ref/cpu.h"
#include "cpu_ref/im2col_layout.h"
#include "cpu_ref/scalar_arithmetic.h"

namespace breakeven::cpu {
namespace {

const SimdUnit* unit_for(Precision precision) {
  const SimdUnits units = best_units();
  return precision == Precision::fp64   ? units.fp64
         : precision == Precision::fp32 ? units.fp32
         : precision == Precision::bf16 ? units.bf16
                                        : units.int8;
}

/// to[columns, rows] = from[rows, columns]^T, in blocks that stay in the first cache.
template <class T>
void transpose(const T* from, int64_t stride, int64_t rows, int64_t columns, T* to) {
  constexpr int64_t kBlock = 32;
#pragma omp parallel for schedule(static) if (!omp_in_parallel())
  for (int64_t r0 = 0; r0 < rows; r0 += kBlock) {
    for (int64_t c0 = 0; c0 < columns; c0 += kBlock) {
      for (int64_t c = c0; c < std::min(columns, c0 + kBlock); ++c) {
        for (int64_t r = r0; r < std::min(rows, r0 + kBlock); ++r) to[c * rows + r] = from[r * stride + c];
      }
    }
  }
}

template <class In, class Sum, class Out>
class Im2colSimdJob : public ConvJob {
  using Bias = std::conditional_t<std::is_same_v<In, double>, double, float>;
  static constexpr bool kNarrow = !std::is_same_v<Sum, Out>;

 public:
  Im2colSimdJob(const Conv2d& conv, const Inputs& inputs, const Placement& placement, const SimdUnit& unit)
      : ConvJob(conv, inputs, placement),
        layout_(conv, unit, omp_get_max_threads()),
        packed_a_(layout_.threads, layout_.packed_a),
        packed_b_(layout_.teams, layout_.packed_b),
        patches_(layout_.teams, layout_.patches),
        left_(layout_.teams, layout_.left),
        sums_(layout_.teams, layout_.sums),
        totals_(layout_.teams, layout_.totals),
        filter_(1, layout_.filter),
        wide_dx_(1, layout_.wide_dx) {}

  void run(int64_t slot) override {
    const bool scatters = conv_.direction == Direction::backward_data && !layout_.in_place;
    if (conv_.direction == Direction::forward) transpose_filter(slot);
    if (scatters)
      over_dx([&](int64_t from, int64_t count) { std::fill_n(summed_dx(slot) + from, count, Sum(0)); });
    if (conv_.groups == 1) {
      lines(slot, 0, 0, conv_.n * conv_.p());
    } else {
      // Images share dw, so there one thread has a group of all of them.
      const int64_t parts = conv_.direction == Direction::backward_weights ? 1 : conv_.n;
      const int64_t each = conv_.n / parts * conv_.p();
#pragma omp parallel for schedule(static) num_threads(layout_.threads)
      for (int64_t task = 0; task < parts * conv_.groups; ++task) {
        const int64_t part = task / conv_.groups;
        lines(slot, task % conv_.groups, part * each, (part + 1) * each);
      }
    }
    if (scatters && kNarrow)
      over_dx([&](int64_t from, int64_t count) {
        for (int64_t i = from; i < from + count; ++i) store(summed_dx(slot)[i], result<Out>(slot) + i);
      });
  }

  std::string implementation() const override {
    return fmt::format("{}, {}x{} tile, {}, {} thread{}", layout_.unit.name, layout_.unit.rows,
                       layout_.unit.columns,
                       conv_.groups > 1   ? "one thread a group"
                       : layout_.in_place ? "no patches"
                                          : "patches by all",
                       layout_.threads, layout_.threads == 1 ? "" : "s");
  }

 private:
  void transpose_filter(int64_t slot) {
    const int64_t filters = conv_.group_filters(), size = patch_size(conv_);
    for (int64_t g = 0; g < conv_.groups; ++g)
      transpose(second<In>(slot) + g * filters * size, size, filters, size, filter() + g * filters * size);
  }

  /// `work(from, count)` for every row of every image of dx.
  template <class F>
  void over_dx(const F& work) const {
    const int64_t row = conv_.w * conv_.c;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < conv_.n * conv_.h; ++i) work(i * row, row);
  }

  void lines(int64_t slot, int64_t group, int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; line += layout_.lines) {
      const PatchRange range{line, std::min(end, line + layout_.lines), group};
      switch (conv_.direction) {
        case Direction::forward:
          forward(slot, range);
          break;
        case Direction::backward_data:
          backward_data(slot, range);
          break;
        case Direction::backward_weights:
          backward_weights(slot, range, line == begin, range.end == end);
          break;
      }
    }
  }

  /// sums = a b, both dense; by all threads, or by this one where each has its own.
  void product(const PatchRange& range, const In* a, const In* b, Sum* sums, const Finish& finish_part) {
    const Extents extents = Im2colLayout::extents_of(conv_, rows(range));
    if (conv_.groups > 1) {
      const Worker alone{.packed_a = packed_a_.at(team()), .packed_b = packed_b_.at(team())};
      return multiply(layout_.unit, extents, layout_.blocking, alone, sizeof(In), a, b, sums, finish_part);
    }
#pragma omp parallel num_threads(layout_.threads)
    multiply(layout_.unit, extents, layout_.blocking,
             {.index = omp_get_thread_num(),
              .count = omp_get_num_threads(),
              .packed_a = packed_a_.at(omp_get_thread_num()),
              .packed_b = packed_b_.at(0)},
             sizeof(In), a, b, sums, finish_part);
  }

  void forward(int64_t slot, const PatchRange& range) {
    const int64_t filters = conv_.group_filters();
    const Bias* bias = this->template bias<Bias>(slot);
    Out* y = result<Out>(slot) + y_at(range);
    const bool direct = layout_.sums == 0;
    Sum* sums = summed(y, direct);
    product(range, patches_of(slot, range), filter() + w_at(range), sums,
            [&, direct](int64_t row, int64_t count, int64_t column, int64_t columns) {
              if (direct && !bias) return;
              for (int64_t r = row; r < row + count; ++r) {
                const Sum* from = sums + r * filters;
                Out* to = y + r * conv_.k;
                for (int64_t j = column; j < column + columns; ++j)
                  bias ? finish(from[j], bias[range.group * filters + j], to + j) : store(from[j], to + j);
              }
            });
  }

  void backward_data(int64_t slot, const PatchRange& range) {
    const int64_t size = patch_size(conv_);
    Out* dx = result<Out>(slot) + x_at(range);
    Sum* sums = summed(dx, layout_.sums == 0);
    product(range, dy_of(slot, range), second<In>(slot) + w_at(range), sums,
            [&](int64_t row, int64_t count, int64_t column, int64_t columns) {
              if (!kNarrow || !layout_.in_place) return;
              for (int64_t r = row; r < row + count; ++r) {
                for (int64_t j = column; j < column + columns; ++j)
                  store(sums[r * size + j], dx + r * size + j);
              }
            });
    if constexpr (!std::is_same_v<Sum, int32_t>) {
      if (!layout_.in_place) scatter_patches(conv_, range, sums, summed_dx(slot));
    }
  }

  void backward_weights(int64_t slot, const PatchRange& range, bool first_chunk, bool last_chunk) {
    const int64_t filters = conv_.group_filters(), size = patch_size(conv_);
    In* dy = reinterpret_cast<In*>(left_.at(team()));
    transpose(second<In>(slot) + y_at(range), conv_.k, rows(range), filters, dy);
    Out* dw = result<Out>(slot) + w_at(range);
    Sum* sums = reinterpret_cast<Sum*>(sums_.at(team()));
    Sum* totals = reinterpret_cast<Sum*>(totals_.at(team()));
    if constexpr (!kNarrow) totals = dw;
    product(range, dy, patches_of(slot, range), sums,
            [&](int64_t row, int64_t count, int64_t column, int64_t columns) {
              for (int64_t r = row; r < row + count; ++r) {
                for (int64_t i = r * size + column; i < r * size + column + columns; ++i) {
                  totals[i] = first_chunk ? sums[i] : totals[i] + sums[i];
                  if (kNarrow && last_chunk) store(totals[i], dw + i);
                }
              }
            });
  }

  int team() const { return conv_.groups > 1 ? omp_get_thread_num() : 0; }
  In* filter() const { return reinterpret_cast<In*>(filter_.at(0)); }
  int64_t rows(const PatchRange& range) const { return (range.end - range.begin) * conv_.q(); }
  /// Where the range's part of an array begins.
  int64_t y_at(const PatchRange& r) const {
    return r.begin * conv_.q() * conv_.k + r.group * conv_.group_filters();
  }
  int64_t x_at(const PatchRange& r) const { return r.begin * conv_.w * conv_.c; }  // where it is in place
  int64_t w_at(const PatchRange& r) const { return r.group * conv_.group_filters() * patch_size(conv_); }

  /// Sums go where the result does, where that is possible.
  Sum* summed(Out* out, bool direct) const {
    if constexpr (!kNarrow) {
      if (direct) return out;
    }
    return reinterpret_cast<Sum*>(sums_.at(team()));
  }
  Sum* summed_dx(int64_t slot) const {
    if constexpr (!kNarrow) return result<Out>(slot);
    return reinterpret_cast<Sum*>(wide_dx_.at(0));
  }

  const In* patches_of(int64_t slot, const PatchRange& range) const {
    if (layout_.in_place) return first<In>(slot) + x_at(range);
    In* patches = reinterpret_cast<In*>(patches_.at(team()));
    gather_patches(conv_, range, first<In>(slot), patches);
    return patches;
  }
  const In* dy_of(int64_t slot, const PatchRange& range) const {
    const In* dy = first<In>(slot) + y_at(range);
    if (conv_.groups == 1) return dy;
    In* dense = reinterpret_cast<In*>(left_.at(team()));
    const int64_t filters = conv_.group_filters();
    for (int64_t row = 0; row < rows(range); ++row)
      std::copy_n(dy + row * conv_.k, filters, dense + row * filters);
    return dense;
  }

  const Im2colLayout layout_;
  SlottedPages packed_a_, packed_b_, patches_, left_, sums_, totals_, filter_, wide_dx_;
};

Reason why_not(const Conv2d& conv) {
  return unless_one_of(conv, {Precision::fp64, Precision::fp32, Precision::bf16, Precision::int8});
}

std::unique_ptr<Job> prepare(const Conv2d& v, const Inputs& inputs, const Placement& placement) {
  const SimdUnit& unit = *unit_for(v.precision);
  switch (v.precision) {
    case Precision::fp64:
      return std::make_unique<Im2colSimdJob<double, double, double>>(v, inputs, placement, unit);
    case Precision::fp32:
      return std::make_unique<Im2colSimdJob<float, float, float>>(v, inputs, placement, unit);
    case Precision::bf16:
      return std::make_unique<Im2colSimdJob<Bf16, float, Bf16>>(v, inputs, placement, unit);
    case Precision::int8:
      return std::make_unique<Im2colSimdJob<int8_t, int32_t, int32_t>>(v, inputs, placement, unit);
    default:
      throw Unsupported("vector instructions have no such precision");
  }
}

}  // namespace

Kernel conv_im2col_simd() {
  return {.name = "im2col_simd",
          .summary =
              "patches copied out a cacheful at a time and multiplied by the loops of simd_threads: the best "
              "vector unit, no AMX, all threads",
          .why_not = for_problem<Conv2d>(why_not),
          .prepare = for_problem<Conv2d>(prepare),
          .scratch_bytes = [](const Problem& p) {
            const Conv2d& v = std::get<Conv2d>(p);
            return Im2colLayout(v, *unit_for(v.precision), omp_get_max_threads()).scratch_bytes();
          }};
}

}  // namespace breakeven::cpu
