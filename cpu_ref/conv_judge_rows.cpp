// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cpu_ref/conv_judge.h"
#include "harness/conv_gather.h"

namespace breakeven::cpu {
namespace {

std::vector<double> decoded(const Tensor& tensor) {
  std::vector<double> values(static_cast<size_t>(tensor.size()));
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < tensor.size(); i += 4096) {
    const int64_t count = std::min<int64_t>(4096, tensor.size() - i);
    tensor.decode(i, 1, std::span(values).subspan(static_cast<size_t>(i), static_cast<size_t>(count)));
  }
  return values;
}

/// The filter as [tap][channel of the source][channels of the result in its group], so that the innermost
/// loop runs along the result.
std::vector<double> by_source(const ConvGather& g, const Tensor& w) {
  const std::vector<double> krsc = decoded(w);
  const Conv2d& conv = g.conv;
  const int64_t taps = conv.r * conv.s, filters = conv.group_filters(), depth = conv.group_channels();
  std::vector<double> made(krsc.size());
  for (int64_t k = 0; k < conv.k; ++k) {
    for (int64_t tap = 0; tap < taps; ++tap) {
      for (int64_t l = 0; l < depth; ++l) {
        const int64_t c = k / filters * depth + l;
        const int64_t at =
            g.forward ? (tap * conv.c + c) * filters + k % filters : (tap * conv.k + k) * depth + l;
        made[static_cast<size_t>(at)] = krsc[static_cast<size_t>((k * taps + tap) * depth + l)];
      }
    }
  }
  return made;
}

/// sums[channels] += the source's channels at one place times one tap of the filter.
template <class Sum>
void add_tap(const ConvGather& g, const double* source, const double* filter, std::vector<Sum>& sums) {
  const int64_t width = g.group_channels();
  for (int64_t s = 0; s < g.source_channels; ++s) {
    Sum* into = sums.data() + s / g.source_group() * width;
    const Sum factor = static_cast<Sum>(source[s]);
    const double* from = filter + s * width;
    for (int64_t o = 0; o < width; ++o) into[o] += factor * static_cast<Sum>(from[o]);
  }
}

template <class Sum>
void gather_rows(const Conv2d& conv, const Inputs& inputs, const ConvSink& sink) {
  const ConvGather g(conv);
  const std::vector<double> source = decoded(inputs.operands[0]), filter = by_source(g, inputs.operands[1]);
  std::vector<double> bias;
  if (conv.epilogue == Epilogue::bias_relu) bias = decoded(inputs.operands[2]);
  const int64_t tap_size = g.source_channels * g.group_channels();
#pragma omp parallel
  {
    std::vector<Sum> sums(static_cast<size_t>(g.channels));
    std::vector<double> values(sums.size());
#pragma omp for schedule(static)
    for (int64_t at = 0; at < conv.n * g.height * g.width; ++at) {
      const int64_t column = at % g.width, row = at / g.width % g.height, image = at / g.width / g.height;
      std::ranges::fill(sums, Sum(0));
      for (int64_t tap = 0; tap < conv.r * conv.s; ++tap) {
        const int64_t from_row = g.row(row, tap / conv.s), from_column = g.column(column, tap % conv.s);
        if (from_row < 0 || from_column < 0) continue;
        const int64_t place = (image * g.source_height + from_row) * g.source_width + from_column;
        add_tap(g, source.data() + place * g.source_channels, filter.data() + tap * tap_size, sums);
      }
      for (size_t o = 0; o < values.size(); ++o) {
        values[o] = static_cast<double>(sums[o]);
        if (!bias.empty()) values[o] = std::max(0.0, values[o] + bias[o]);
      }
      sink(at, values);
    }
  }
}

/// dw[k, i, j, :] for every filter and tap.
template <class Sum>
void weight_rows(const Conv2d& conv, const Inputs& inputs, const ConvSink& sink) {
  const std::vector<double> x = decoded(inputs.operands[0]), dy = decoded(inputs.operands[1]);
  const ConvGather g(conv);
  const int64_t depth = conv.group_channels(), taps = conv.r * conv.s, p = conv.p(), q = conv.q();
#pragma omp parallel
  {
    std::vector<Sum> sums(static_cast<size_t>(depth));
    std::vector<double> values(sums.size());
#pragma omp for schedule(static)
    for (int64_t at = 0; at < conv.k * taps; ++at) {
      const int64_t k = at / taps, tap = at % taps;
      std::ranges::fill(sums, Sum(0));
      for (int64_t place = 0; place < conv.n * p * q; ++place) {
        const int64_t row = g.row(place / q % p, tap / conv.s), column = g.column(place % q, tap % conv.s);
        if (row < 0 || column < 0) continue;
        const double* from = x.data() + ((place / q / p * conv.h + row) * conv.w + column) * conv.c +
                             k / conv.group_filters() * depth;
        const Sum factor = static_cast<Sum>(dy[static_cast<size_t>(place * conv.k + k)]);
        for (int64_t l = 0; l < depth; ++l)
          sums[static_cast<size_t>(l)] += factor * static_cast<Sum>(from[l]);
      }
      std::ranges::transform(sums, values.begin(), [](Sum sum) { return static_cast<double>(sum); });
      sink(at, values);
    }
  }
}

template <class Sum>
void rows(const Conv2d& conv, const Inputs& inputs, const ConvSink& sink) {
  conv.direction == Direction::backward_weights ? weight_rows<Sum>(conv, inputs, sink)
                                                : gather_rows<Sum>(conv, inputs, sink);
}

}  // namespace

void convolve_rows(const Conv2d& conv, const Inputs& inputs, const ConvSink& sink) {
  conv.precision == Precision::fp64 ? rows<long double>(conv, inputs, sink)
                                    : rows<double>(conv, inputs, sink);
}

int64_t convolve_rows_scratch(const Conv2d& conv, int threads) {
  int64_t elements = 0;
  for (const ArrayShape& shape : conv.operands()) elements += shape.size();
  // Decoded operands, the filter once more, and per thread a run of sums (long double at most) and of values.
  const int64_t filter = conv.k * conv.r * conv.s * conv.group_channels();
  return 8 * (elements + filter) + threads * (16 + 8) * std::max(conv.c, conv.k);
}

}  // namespace breakeven::cpu
