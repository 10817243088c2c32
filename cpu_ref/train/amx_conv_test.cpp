// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/amx_conv.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "cpu_ref/cpu_features.h"
#include "cpu_ref/pages.h"
#include "harness/rounding.h"

namespace breakeven::cpu {
namespace {

// Relative to the sum of magnitudes: one rounding to bf16, and fp32 sums of a few thousand products.
constexpr double kRounding = 1.0 / 256, kSums = 1e-6;

float widened(uint16_t bits) { return std::bit_cast<float>(uint32_t{bits} << 16); }
uint16_t rounded(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

/// Values on [-1, 1), each exact in bf16; the same at every run.
struct Draws {
  uint32_t state = 1;
  float next() {
    state = state * 1664525u + 1013904223u;
    return widened(rounded(static_cast<float>(static_cast<int32_t>(state)) / 2147483648.0f));
  }
};

struct Array {
  explicit Array(int64_t size) : pages(2 * size) {}
  uint16_t* data() const { return reinterpret_cast<uint16_t*>(pages.data()); }
  Pages pages;
};

/// A sum and the sum of magnitudes, which its error is relative to.
struct Sum {
  double value = 0, size = 0;
  void add(double product) {
    value += product;
    size += std::fabs(product);
  }
};

class AmxConvolution : public testing::TestWithParam<AmxConv> {
 protected:
  void SetUp() override {
    if (!has(Feature::amx_bf16)) GTEST_SKIP() << "this CPU has no AMX";
    Draws draws;
    for (int64_t i = 0; i < pixels() * c.in; ++i) x.data()[i] = rounded(draws.next());
    for (int64_t i = 0; i < pixels() * c.out; ++i) dy.data()[i] = rounded(draws.next());
    for (float& w : filters) w = draws.next();
    plain_loops();
  }
  int64_t pixels() const { return c.batch * c.height * c.width; }

  /// All three by their definition.
  void plain_loops() {
    for (int64_t at = 0; at < pixels() * c.out; ++at) {
      const int64_t k = at % c.out, pixel = at / c.out, w = pixel % c.width, h = pixel / c.width % c.height;
      for (int64_t tap = 0; tap < c.kernel * c.kernel; ++tap) {
        const int64_t r = tap / c.kernel - c.padding(), s = tap % c.kernel - c.padding();
        if (h + r < 0 || h + r >= c.height || w + s < 0 || w + s >= c.width) continue;
        for (int64_t ch = 0; ch < c.in; ++ch) {
          const auto from = static_cast<size_t>((pixel + r * c.width + s) * c.in + ch);
          const auto filter = static_cast<size_t>((k * c.kernel * c.kernel + tap) * c.in + ch);
          const double value = widened(x.data()[from]), gradient = widened(dy.data()[at]);
          y_sums[static_cast<size_t>(at)].add(value * filters[filter]);
          dx_sums[from].add(gradient * filters[filter]);
          dw_sums[filter].add(gradient * value);
        }
      }
    }
  }

  static void expect_near(const uint16_t* got, const std::vector<Sum>& sums) {
    double worst = 0;
    for (size_t i = 0; i < sums.size(); ++i) {
      const double error = std::fabs(widened(got[i]) - sums[i].value);
      worst = std::max(worst, error / (kRounding * std::fabs(sums[i].value) + kSums * sums[i].size + 1e-30));
    }
    EXPECT_LE(worst, 1);
  }

  const AmxConv c = GetParam();
  Array x{pixels() * c.in}, dy{pixels() * c.out}, y{pixels() * c.out}, dx{pixels() * c.in},
      tiles{c.weights()};
  std::vector<float> filters = std::vector<float>(static_cast<size_t>(c.weights()));
  std::vector<Sum> y_sums = std::vector<Sum>(static_cast<size_t>(pixels() * c.out)),
                   dx_sums = std::vector<Sum>(static_cast<size_t>(pixels() * c.in)),
                   dw_sums = std::vector<Sum>(static_cast<size_t>(c.weights()));
};

TEST_P(AmxConvolution, ForwardAndGradientOfTheInput) {
  for (const int threads : {1, 2, 5}) {
    omp_set_num_threads(threads);
    const Pages scratch(
        std::max(amx_convolve_scratch(c, threads), amx_convolve_scratch(c.transposed(), threads)));
    amx_pack(c, filters.data(), tiles.data());
    amx_convolve(c, x.data(), tiles.data(), y.data(), scratch.data());
    expect_near(y.data(), y_sums);
    amx_pack_transposed(c, filters.data(), tiles.data());
    amx_convolve(c.transposed(), dy.data(), tiles.data(), dx.data(), scratch.data());
    expect_near(dx.data(), dx_sums);
  }
}

TEST_P(AmxConvolution, GradientOfTheFiltersForAnyNumberOfThreads) {
  std::vector<float> first;
  for (const int threads : {1, 2, 5}) {
    omp_set_num_threads(threads);
    const Pages scratch(amx_weights_scratch(c));
    std::vector<float> dw(static_cast<size_t>(c.weights()), std::numeric_limits<float>::quiet_NaN());
    amx_weights(c, x.data(), dy.data(), dw.data(), scratch.data());
    double worst = 0;
    for (size_t i = 0; i < dw.size(); ++i)
      worst = std::max(worst, std::fabs(dw[i] - dw_sums[i].value) / (kSums * dw_sums[i].size + 1e-30));
    EXPECT_LE(worst, 1);
    if (first.empty()) first = dw;
    EXPECT_EQ(dw, first);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, AmxConvolution,
                         testing::Values(AmxConv{16, 4, 4, 16, 16, 3}, AmxConv{32, 8, 6, 16, 48, 3},
                                         AmxConv{48, 5, 2, 64, 32, 3}, AmxConv{16, 6, 8, 48, 80, 5},
                                         AmxConv{16, 3, 4, 32, 16, 1}, AmxConv{16, 20, 32, 32, 32, 3}));

TEST(AmxConv, OtherShapesAreLeftToTheLibrary) {
  EXPECT_FALSE((AmxConv{24, 4, 4, 16, 16, 3}.possible()));
  EXPECT_FALSE((AmxConv{16, 4, 4, 3, 16, 3}.possible()));
  EXPECT_FALSE((AmxConv{16, 4, 4, 16, 24, 3}.possible()));
  EXPECT_FALSE((AmxConv{16, 4, 5, 16, 16, 3}.possible()));
  EXPECT_FALSE((AmxConv{16, 4, 4, 16, 16, 2}.possible()));
}

}  // namespace
}  // namespace breakeven::cpu
