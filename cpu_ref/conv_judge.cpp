// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/conv_judge.h"

#include <algorithm>
#include <map>

#include "harness/conv_gather.h"

namespace breakeven::cpu {
namespace {

template <class Sum>
Sum dot(std::span<const double> a, std::span<const double> b) {
  Sum sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<Sum>(a[i]) * static_cast<Sum>(b[i]);
  return sum;
}

/// One element of y or dx.
template <class Sum>
double gather_one(const ConvGather& g, const Inputs& inputs, int64_t probe, std::vector<double>& source,
                  std::vector<double>& filter) {
  const Conv2d& conv = g.conv;
  const int64_t channel = probe % g.channels, column = probe / g.channels % g.width,
                row = probe / g.row_size() % g.height, image = probe / g.row_size() / g.height;
  const int64_t group = channel / g.group_channels(), taps = conv.r * conv.s, depth = conv.group_channels();
  Sum sum = 0;
  for (int64_t tap = 0; tap < taps; ++tap) {
    const int64_t from_row = g.row(row, tap / conv.s), from_column = g.column(column, tap % conv.s);
    if (from_row < 0 || from_column < 0) continue;
    const int64_t place = (image * g.source_height + from_row) * g.source_width + from_column;
    inputs.operands[0].decode(place * g.source_channels + group * g.source_group(), 1, source);
    if (g.forward) {
      inputs.operands[1].decode((channel * taps + tap) * depth, 1, filter);
    } else {
      const int64_t first = group * conv.group_filters();
      inputs.operands[1].decode((first * taps + tap) * depth + channel % depth, taps * depth, filter);
    }
    sum += dot<Sum>(source, filter);
  }
  const double value = static_cast<double>(sum);
  return conv.epilogue == Epilogue::bias_relu ? std::max(0.0, value + inputs.operands[2].at(channel)) : value;
}

template <class Sum>
void gather_at(const Conv2d& conv, const Inputs& inputs, std::span<const int64_t> probes,
               std::span<double> out) {
  const ConvGather g(conv);
#pragma omp parallel
  {
    std::vector<double> source(static_cast<size_t>(g.source_group())), filter(source.size());
#pragma omp for schedule(static)
    for (size_t i = 0; i < probes.size(); ++i) out[i] = gather_one<Sum>(g, inputs, probes[i], source, filter);
  }
}

/// Channels of an activation that probes touch, each decoded once: every element of dw reads one channel of
/// dy and one of x whole, a stride of all channels from element to element.
class Columns {
 public:
  void want(int64_t channel) { columns_[channel]; }
  void decode(const Tensor& tensor, int64_t channels) {
    std::vector<std::pair<int64_t, std::vector<double>*>> list;
    for (auto& [channel, column] : columns_) list.emplace_back(channel, &column);
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < list.size(); ++i) {
      list[i].second->resize(static_cast<size_t>(tensor.size() / channels));
      tensor.decode(list[i].first, channels, *list[i].second);
    }
  }
  const double* at(int64_t channel) const { return columns_.at(channel).data(); }

 private:
  std::map<int64_t, std::vector<double>> columns_;
};

/// An element of dw, as a place.
struct WeightPlace {
  WeightPlace(const Conv2d& conv, int64_t probe)
      : k(probe / conv.group_channels() / conv.s / conv.r),
        i(probe / conv.group_channels() / conv.s % conv.r),
        j(probe / conv.group_channels() % conv.s),
        c(k / conv.group_filters() * conv.group_channels() + probe % conv.group_channels()) {}
  int64_t k, i, j, c;
};

template <class Sum>
double weight_one(const Conv2d& conv, const double* x, const double* dy, const WeightPlace& at) {
  const ConvGather g(conv);
  Sum sum = 0;
  for (int64_t line = 0; line < conv.n * g.height; ++line, dy += g.width) {
    const int64_t row = g.row(line % g.height, at.i);
    if (row < 0) continue;
    const double* from = x + (line / g.height * conv.h + row) * conv.w;
    for (int64_t q = 0; q < g.width; ++q) {
      const int64_t column = g.column(q, at.j);
      if (column >= 0) sum += static_cast<Sum>(dy[q]) * static_cast<Sum>(from[column]);
    }
  }
  return static_cast<double>(sum);
}

template <class Sum>
void weights_at(const Conv2d& conv, const Inputs& inputs, std::span<const int64_t> probes,
                std::span<double> out) {
  Columns x, dy;
  for (const int64_t probe : probes) {
    x.want(WeightPlace(conv, probe).c);
    dy.want(WeightPlace(conv, probe).k);
  }
  x.decode(inputs.operands[0], conv.c);
  dy.decode(inputs.operands[1], conv.k);
#pragma omp parallel for schedule(static)
  for (size_t i = 0; i < probes.size(); ++i) {
    const WeightPlace at(conv, probes[i]);
    out[i] = weight_one<Sum>(conv, x.at(at.c), dy.at(at.k), at);
  }
}

template <class Sum>
void at(const Conv2d& conv, const Inputs& inputs, std::span<const int64_t> probes, std::span<double> out) {
  conv.direction == Direction::backward_weights ? weights_at<Sum>(conv, inputs, probes, out)
                                                : gather_at<Sum>(conv, inputs, probes, out);
}

}  // namespace

std::vector<double> convolve_at(const Conv2d& conv, const Inputs& inputs, std::span<const int64_t> probes) {
  std::vector<double> out(probes.size());
  const int64_t outputs = conv.results()[0].size();
  // Rows share what they decode: from a quarter of the elements on, the whole result is cheaper.
  if (static_cast<int64_t>(probes.size()) * 4 >= outputs) {
    std::vector<double> all(static_cast<size_t>(outputs));
    convolve_rows(conv, inputs, [&](int64_t row, std::span<const double> values) {
      std::ranges::copy(values, all.begin() + row * static_cast<int64_t>(values.size()));
    });
    std::ranges::transform(probes, out.begin(), [&](int64_t i) { return all[static_cast<size_t>(i)]; });
  } else if (conv.precision == Precision::fp64) {
    at<long double>(conv, inputs, probes, out);
  } else {
    at<double>(conv, inputs, probes, out);
  }
  return out;
}

}  // namespace breakeven::cpu
