// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

#include "kernels/cuda/gemm_cases.h"

// What every contender of convolution is put to, on a GPU (gpu_conv_test.cpp) and in the emulator
// (emu/conv_test.cpp): ragged problems, and plain loops in long double.

namespace breakeven::cuda {

/// Single elements and single pixels; 3 and 13 channels; a filter that is no square; strides with and without
/// a common divisor with the dilation, and larger than the filter, so that parts of x meet nothing; padding
/// that reaches further than the filter; one channel a group, two, many; several tiles and long sums.
inline const std::vector<const char*>& ragged_convolutions() {
  static const std::vector<const char*> list{
      "n1c1h1w1k1r1s1",
      "n2c8h1w1k16r1s1",
      "n2c3h9w11k5r3s3u1p1",
      "n1c13h7w6k10r3s2u2p1",
      "n1c16h10w9k24r3s3u1p1",
      "n3c64h8w8k72r1s1",
      "n1c16h13w12k8r3s3u3",
      "n1c8h12w11k16r3s3u1p2d2",
      "n1c8h9w9k8r3s3u2p3d2",
      "n1c8h7w7k8r1s1u3",
      "n2c16h7w5k16r2s3u2p2d3",
      "n1c3h20w18k16r7s7u2p3",
      "n4c32h7w8k16r3s3u1p1",
      "n2c6h7w9k6r3s3u1p1g6",
      "n1c32h9w10k32r3s3u2p1g32",
      "n1c8h6w13k16r5s5u1p2g8",
      "n1c32h7w6k64r3s3u1p1g2",
      "n1c12h6w7k6r3s3u1p1g3",
      "n1c16h8w8k16r3s3u1p2d2g16",
      "n1c136h12w12k136r1s2",
  };
  return list;
}

inline Conv2d convolution(const std::string& text, Precision precision) {
  std::string why;
  const auto conv = parse_conv2d(text, precision, &why);
  if (!conv) throw std::logic_error(text + ": " + why);
  return *conv;
}

/// All of them in every direction, some with an epilogue: those that `kernel` takes.
inline std::vector<Conv2d> convolutions_for(const Kernel& kernel, Precision precision) {
  std::vector<std::string> names{"fwd-n1c24h6w7k40r3s3u1p1+bias_relu", "fwd-n1c5h4w6k7r3s3u1p1+bias_relu",
                                 "fwd-n2c16h6w5k16r3s3u1p1g16+bias_relu"};
  for (const char* const direction : {"fwd-", "bwdd-", "bwdw-"}) {
    for (const char* const ragged : ragged_convolutions()) names.push_back(std::string(direction) + ragged);
  }
  std::vector<Conv2d> list;
  for (const std::string& name : names) {
    const Conv2d conv = convolution(name, precision);
    if (!kernel.why_not(conv)) list.push_back(conv);
  }
  return list;
}

/// The sum of products of every element of the result, and of their magnitudes: f(element, x, filter, y) for
/// every product of the definition, as indices into the three arrays.
template <class F>
void each_product(const Conv2d& v, const F& f) {
  const int64_t channels = v.group_channels(), filters = v.group_filters();
  for (int64_t y = 0; y < v.n * v.p() * v.q() * v.k; ++y) {
    const int64_t k = y % v.k, q = y / v.k % v.q(), p = y / v.k / v.q() % v.p(), n = y / v.k / v.q() / v.p();
    for (int64_t tap = 0; tap < v.r * v.s; ++tap) {
      const int64_t row = p * v.stride - v.padding + tap / v.s * v.dilation;
      const int64_t column = q * v.stride - v.padding + tap % v.s * v.dilation;
      if (row < 0 || row >= v.h || column < 0 || column >= v.w) continue;
      for (int64_t l = 0; l < channels; ++l) {
        f(((n * v.h + row) * v.w + column) * v.c + k / filters * channels + l,
          (k * v.r * v.s + tap) * channels + l, y);
      }
    }
  }
}

/// From the definition alone: whatever the direction, the same triples of x, filter and y meet.
inline Expected expected(const Conv2d& v, const Inputs& inputs) {
  const PrecisionFacts& f = facts(v.precision);
  const std::vector<double> first = decoded(inputs.operands[0]), second = decoded(inputs.operands[1]);
  const auto size = static_cast<size_t>(v.results()[0].size());
  std::vector<long double> sum(size), magnitude(size);
  std::vector<int64_t> products(size);
  each_product(v, [&](int64_t x, int64_t filter, int64_t y) {
    const bool forward = v.direction == Direction::forward, data = v.direction == Direction::backward_data;
    const auto to = static_cast<size_t>(forward ? y : data ? x : filter);
    const long double product = static_cast<long double>(first[static_cast<size_t>(data ? y : x)]) *
                                second[static_cast<size_t>(forward || data ? filter : y)];
    sum[to] += product;
    magnitude[to] += std::abs(product);
    ++products[to];
  });
  const double below_normal = f.output == Element::fp16 ? 0x1p-24 : 0;  // fp16 thins out below 6e-5
  Expected e;
  for (size_t i = 0; i < size; ++i) {
    if (v.epilogue == Epilogue::bias_relu) {
      const double bias = inputs.operands[2].at(static_cast<int64_t>(i) % v.k);
      sum[i] += bias;
      magnitude[i] += std::abs(bias);
      if (sum[i] < 0) sum[i] = 0;
    }
    e.value.push_back(static_cast<double>(sum[i]));
    e.bound.push_back(
        static_cast<double>(below_normal + f.output_roundoff * std::abs(sum[i]) +
                            static_cast<double>(products[i] + 1) * f.accumulate_roundoff * magnitude[i]));
  }
  return e;
}

}  // namespace breakeven::cuda
