// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/conv_norms.h"

#include <cmath>
#include <numeric>

namespace breakeven {

ConvNorms::ConvNorms(const Conv2d& conv, const Inputs& inputs)
    : conv_(conv), inputs_(inputs), gather_(conv) {}

double ConvNorms::of(int64_t at) {
  return conv_.direction == Direction::backward_weights ? of_weight(at) : of_gathered(at);
}

double ConvNorms::of_gathered(int64_t at) {
  const int64_t channel = at % gather_.channels, group = channel / gather_.group_channels();
  const int64_t place = at / gather_.channels, number = place * conv_.groups + group;
  if (!a_.contains(number)) a_[number] = patch(place, group);
  if (!b_.contains(channel)) b_[channel] = filter(channel);
  return std::sqrt(a_[number] * b_[channel]);
}

double ConvNorms::of_weight(int64_t at) {
  const int64_t depth = conv_.group_channels(), k = at / depth / conv_.s / conv_.r;
  const int64_t c = k / conv_.group_filters() * depth + at % depth;
  return std::sqrt(column(inputs_.operands[0], conv_.c, c, a_) * column(inputs_.operands[1], conv_.k, k, b_));
}

double ConvNorms::patch(int64_t place, int64_t group) {
  const int64_t column = place % gather_.width, row = place / gather_.width % gather_.height,
                image = place / gather_.width / gather_.height;
  double sum = 0;
  for (int64_t tap = 0; tap < conv_.r * conv_.s; ++tap) {
    const int64_t from_row = gather_.row(row, tap / conv_.s),
                  from_column = gather_.column(column, tap % conv_.s);
    if (from_row < 0 || from_column < 0) continue;
    const int64_t from = (image * gather_.source_height + from_row) * gather_.source_width + from_column;
    sum += run(inputs_.operands[0], from * gather_.source_channels + group * gather_.source_group(), 1,
               gather_.source_group());
  }
  return sum;
}

double ConvNorms::filter(int64_t channel) {
  const int64_t taps = conv_.r * conv_.s, depth = conv_.group_channels();
  if (gather_.forward) return run(inputs_.operands[1], channel * taps * depth, 1, taps * depth);
  const int64_t first = channel / depth * conv_.group_filters();
  return run(inputs_.operands[1], first * taps * depth + channel % depth, depth,
             conv_.group_filters() * taps);
}

double ConvNorms::column(const Tensor& tensor, int64_t channels, int64_t channel, Known& known) {
  if (!known.contains(channel)) known[channel] = run(tensor, channel, channels, tensor.size() / channels);
  return known[channel];
}

double ConvNorms::run(const Tensor& tensor, int64_t first, int64_t stride, int64_t size) {
  values_.resize(static_cast<size_t>(size));
  tensor.decode(first, stride, values_);
  return std::inner_product(values_.begin(), values_.end(), values_.begin(), 0.0);
}

}  // namespace breakeven
