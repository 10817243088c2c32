// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "harness/backend.h"
#include "harness/rounding.h"

// What every GEMM contender is put to, on a GPU (gpu_gemm_test.cpp) and in the emulator
// (emu/ladder_test.cpp): ragged shapes, and plain loops in long double that share nothing with what they
// check but the operands.

namespace breakeven::cuda {

/// Primes, ones, a tile and one more or less, the least of k, batches, epilogues. Each in every precision
/// that the contender has.
inline std::vector<Gemm> ragged_shapes() {
  constexpr Epilogue bias = Epilogue::bias_relu;
  return {{.m = 1, .n = 1, .k = 1},
          {.m = 1, .n = 5, .k = 7},
          {.m = 33, .n = 17, .k = 65},
          {.m = 127, .n = 129, .k = 131},
          {.m = 70, .n = 90, .k = 1},
          {.m = 128, .n = 128, .k = 8},
          {.m = 129, .n = 264, .k = 80},
          {.batch = 3, .m = 65, .n = 40, .k = 48},
          {.m = 100, .n = 72, .k = 64, .epilogue = bias},
          {.batch = 3, .m = 33, .n = 17, .k = 65, .epilogue = bias}};
}

/// More for contenders that take narrow or small problems only: each of their blocks, k in one part and in
/// several.
inline std::vector<Gemm> narrow_shapes() {
  constexpr Epilogue bias = Epilogue::bias_relu;
  return {{.m = 1, .n = 300, .k = 72},  // gemv
          {.m = 2, .n = 40, .k = 4100},
          {.m = 3, .n = 257, .k = 1003, .epilogue = bias},
          {.batch = 2, .m = 4, .n = 65, .k = 160},
          {.m = 131, .n = 1, .k = 259},
          {.batch = 2, .m = 5, .n = 1, .k = 2056, .epilogue = bias},
          {.m = 5, .n = 130, .k = 200},  // skinny
          {.m = 17, .n = 257, .k = 701, .epilogue = bias},
          {.batch = 2, .m = 64, .n = 136, .k = 264},
          {.batch = 5, .m = 16, .n = 24, .k = 40},  // batched_small
          {.batch = 2, .m = 64, .n = 48, .k = 120},
          {.batch = 2, .m = 96, .n = 128, .k = 128}};
}

/// Whether a contender takes no ordinary problem.
inline bool is_narrow(const Kernel& kernel, Precision precision) {
  return kernel.why_not(Gemm{.m = 256, .n = 256, .k = 256, .precision = precision}).has_value();
}

/// C and, per element, how far a sum in the accumulator's precision may be from it.
struct Expected {
  std::vector<double> value, bound;
};

inline std::vector<double> decoded(const Tensor& tensor) {
  std::vector<double> values(static_cast<size_t>(tensor.size()));
  tensor.decode(0, 1, values);
  return values;
}

inline Expected expected(const Gemm& g, const Inputs& inputs) {
  const PrecisionFacts& f = facts(g.precision);
  const std::vector<double> a = decoded(inputs.operands[0]), b = decoded(inputs.operands[1]);
  const double below_normal = f.output == Element::fp16 ? 0x1p-24 : 0;  // fp16 thins out below 6e-5
  Expected e;
  for (int64_t row = 0; row < g.batch * g.m; ++row) {
    for (int64_t column = 0; column < g.n; ++column) {
      long double sum = 0, magnitude = 0;
      for (int64_t i = 0; i < g.k; ++i) {
        const long double product = static_cast<long double>(a[static_cast<size_t>(row * g.k + i)]) *
                                    b[static_cast<size_t>((row / g.m * g.k + i) * g.n + column)];
        sum += product;
        magnitude += std::abs(product);
      }
      if (g.epilogue == Epilogue::bias_relu) {
        const double bias = inputs.operands[2].at(column);
        sum += bias;
        magnitude += std::abs(bias);
        if (sum < 0) sum = 0;
      }
      e.value.push_back(static_cast<double>(sum));
      e.bound.push_back(
          static_cast<double>(below_normal + f.output_roundoff * std::abs(sum) +
                              static_cast<double>(g.k + 1) * f.accumulate_roundoff * magnitude));
    }
  }
  return e;
}

/// Every element within its bound; NaN is not.
inline testing::AssertionResult agrees(const Tensor& got, const Expected& e) {
  int64_t wrong = 0, first = -1;
  for (int64_t i = 0; i < got.size(); ++i) {
    const auto at = static_cast<size_t>(i);
    if (std::abs(got.at(i) - e.value[at]) <= e.bound[at] * 1.01) continue;
    if (wrong++ == 0) first = i;
  }
  if (wrong == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << wrong << " of " << got.size() << " elements are wrong, the first "
                                     << first << ": " << got.at(first) << ", not "
                                     << e.value[static_cast<size_t>(first)];
}

/// The largest error over its bound; NaN counts as infinite.
inline double worst(const Tensor& got, const Expected& e) {
  double most = 0;
  for (int64_t i = 0; i < got.size(); ++i) {
    const auto at = static_cast<size_t>(i);
    const double error = std::abs(got.at(i) - e.value[at]);
    if (std::isnan(error)) return INFINITY;
    if (error > 0) most = std::max(most, error / e.bound[at]);
  }
  return most;
}

inline bool same_bits(const Tensor& x, const Tensor& y) {
  return x.bytes() == y.bytes() && std::memcmp(x.data(), y.data(), static_cast<size_t>(x.bytes())) == 0;
}

/// Element `i` := `value`, a small integer.
inline void put(Tensor& tensor, int64_t i, int value) {
  const auto bits = std::bit_cast<uint32_t>(static_cast<float>(value));
  switch (tensor.element()) {
    case Element::fp64:
      tensor.as<double>()[i] = value;
      break;
    case Element::fp32:
      tensor.as<uint32_t>()[i] = bits;
      break;
    case Element::bf16:
      tensor.as<uint16_t>()[i] = to_bf16(bits);
      break;
    case Element::fp16:
      tensor.as<uint16_t>()[i] = to_fp16(bits);
      break;
    case Element::fp8e4m3:
      tensor.as<uint8_t>()[i] = to_fp8e4m3(bits);
      break;
    default:
      tensor.as<int8_t>()[i] = static_cast<int8_t>(value);
  }
}

/// All operands become integers of -2..2: then every accumulator is exact in any order (sums stay below 2^13,
/// the least of them, that of fp8), and an element that is missing or taken twice shows.
inline void make_integers(Inputs& inputs) {
  for (Tensor& tensor : inputs.operands) {
    for (int64_t i = 0; i < tensor.size(); ++i) put(tensor, i, static_cast<int>((i * 7 + i / 5) % 5) - 2);
  }
}

/// C as the nearest number of the output to the exact value, and equal to it.
inline testing::AssertionResult equals(const Tensor& got, const Expected& e) {
  Tensor nearest(got.element(), got.shape());
  for (int64_t i = 0; i < got.size(); ++i) {
    const double value = e.value[static_cast<size_t>(i)];
    if (got.element() == Element::int32) {
      nearest.as<int32_t>()[i] = static_cast<int32_t>(value);
    } else {
      put(nearest, i, static_cast<int>(value));
    }
    if (got.at(i) == nearest.at(i)) continue;
    return testing::AssertionFailure() << "element " << i << ": " << got.at(i) << ", not " << nearest.at(i);
  }
  return testing::AssertionSuccess();
}

/// "tma_store_bf16", a name that GoogleTest takes.
inline std::string test_name(const Kernel& kernel, Precision precision) {
  std::string text = kernel.name + "_" + std::string(name(precision));
  for (char& letter : text) {
    if (letter == '+') letter = '_';
  }
  return text;
}

}  // namespace breakeven::cuda
