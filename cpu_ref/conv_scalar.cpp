// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/conv_job.h"
#include "cpu_ref/cpu.h"
#include "cpu_ref/scalar_arithmetic.h"
#include "harness/conv_gather.h"

namespace breakeven::cpu {
namespace {

/// One element of y or dx: its taps in turn, and along each the channels of the source.
template <class In>
BREAKEVEN_SCALAR_FUNCTION auto gather(const ConvGather& g, const In* source, const In* w, int64_t image,
                                      int64_t row, int64_t column, int64_t channel) {
  const Conv2d& v = g.conv;
  const int64_t depth = v.group_channels(), group = channel / g.group_channels(), size = g.source_group();
  const int64_t step = g.forward ? 1 : v.r * v.s * depth;  // of w, from channel to channel of the source
  decltype(value(In{})) sum = 0;
  for (int64_t i = 0; i < v.r; ++i) {
    const int64_t from_row = g.row(row, i);
    if (from_row < 0) continue;
    for (int64_t j = 0; j < v.s; ++j) {
      const int64_t from_column = g.column(column, j);
      if (from_column < 0) continue;
      const int64_t place = (image * g.source_height + from_row) * g.source_width + from_column;
      const In* a = source + place * g.source_channels + group * size;
      const In* b = g.forward ? w + ((channel * v.r + i) * v.s + j) * depth
                              : w + ((group * size * v.r + i) * v.s + j) * depth + channel % depth;
      BREAKEVEN_SCALAR_LOOP
      for (int64_t l = 0; l < size; ++l) sum += value(a[l]) * value(b[l * step]);
    }
  }
  return sum;
}

template <class In, class Out, class Bias>
void gather_all(const Conv2d& conv, const In* source, const In* w, const Bias* bias, Out* out) {
  const ConvGather g(conv);
  for (int64_t at = 0; at < conv.n * g.height * g.width; ++at) {
    for (int64_t channel = 0; channel < g.channels; ++channel, ++out) {
      const auto sum =
          gather(g, source, w, at / g.width / g.height, at / g.width % g.height, at % g.width, channel);
      bias ? finish(sum, bias[channel], out) : store(sum, out);
    }
  }
}

/// One element of dw: all places of dy in turn.
template <class In>
BREAKEVEN_SCALAR_FUNCTION auto correlate(const ConvGather& g, const In* x, const In* dy, int64_t k, int64_t i,
                                         int64_t j, int64_t c) {
  const Conv2d& v = g.conv;
  decltype(value(In{})) sum = 0;
  for (int64_t line = 0; line < v.n * g.height; ++line) {
    const int64_t row = g.row(line % g.height, i);
    if (row < 0) continue;
    const In* from = x + (line / g.height * v.h + row) * v.w * v.c + c;
    BREAKEVEN_SCALAR_LOOP
    for (int64_t q = 0; q < g.width; ++q) {
      const int64_t column = g.column(q, j);
      if (column >= 0) sum += value(from[column * v.c]) * value(dy[(line * g.width + q) * v.k + k]);
    }
  }
  return sum;
}

template <class In, class Out>
void correlate_all(const Conv2d& v, const In* x, const In* dy, Out* out) {
  const ConvGather g(v);
  const int64_t depth = v.group_channels();
  for (int64_t k = 0; k < v.k; ++k) {
    for (int64_t tap = 0; tap < v.r * v.s; ++tap) {
      for (int64_t l = 0; l < depth; ++l, ++out)
        store(correlate(g, x, dy, k, tap / v.s, tap % v.s, k / v.group_filters() * depth + l), out);
    }
  }
}

class ScalarJob : public ConvJob {
 public:
  using ConvJob::ConvJob;
  void run(int64_t slot) override {
    switch (conv_.precision) {
      case Precision::fp64:
        return convolve<double, double, double>(slot);
      case Precision::fp32:
        return convolve<float, float, float>(slot);
      case Precision::bf16:
        return convolve<Bf16, Bf16, float>(slot);
      case Precision::fp16:
        return convolve<Fp16, Fp16, float>(slot);
      case Precision::int8:
        return convolve<int8_t, int32_t, float>(slot);
      default:
        throw Unsupported("scalar has no such precision");
    }
  }
  std::string implementation() const override { return "direct loops, 1 thread"; }

 private:
  template <class In, class Out, class Bias>
  void convolve(int64_t slot) {
    if (conv_.direction == Direction::backward_weights) {
      correlate_all(conv_, first<In>(slot), second<In>(slot), result<Out>(slot));
    } else {
      gather_all(conv_, first<In>(slot), second<In>(slot), bias<Bias>(slot), result<Out>(slot));
    }
  }
};

Reason why_not(const Conv2d& conv) {
  return unless_one_of(conv,
                       {Precision::fp64, Precision::fp32, Precision::bf16, Precision::fp16, Precision::int8});
}

std::unique_ptr<Job> prepare(const Conv2d& conv, const Inputs& inputs, const Placement& placement) {
  return std::make_unique<ScalarJob>(conv, inputs, placement);
}

}  // namespace

Kernel conv_scalar() {
  return {.name = "scalar",
          .summary = "the definition's loops, one multiply-add at a time, one thread",
          .why_not = for_problem<Conv2d>(why_not),
          .prepare = for_problem<Conv2d>(prepare),
          .typical_rate = 1e9,
          .scratch_bytes = {}};
}

}  // namespace breakeven::cpu
