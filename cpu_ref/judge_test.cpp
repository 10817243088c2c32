// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cpu_ref/cpu.h"

namespace breakeven::cpu {
namespace {

std::vector<int64_t> all_outputs(const Gemm& g) {
  std::vector<int64_t> probes(static_cast<size_t>(g.outputs()));
  std::iota(probes.begin(), probes.end(), 0);
  return probes;
}

Tensor fp32(std::vector<int64_t> shape, std::initializer_list<float> values) {
  Tensor t(Element::fp32, std::move(shape));
  std::ranges::copy(values, t.as<float>());
  return t;
}

TEST(Judge, MultipliesByHand) {
  const Gemm g{.m = 2, .n = 3, .k = 2};
  Inputs inputs;
  inputs.operands.push_back(fp32({1, 2, 2}, {1, 2, 3, 4}));
  inputs.operands.push_back(fp32({1, 2, 3}, {1, 0, -1, 2, 1, 0.5f}));
  EXPECT_EQ(judge(g, inputs, all_outputs(g)), (std::vector<double>{5, 2, 0, 11, 4, -1}));
}

TEST(Judge, AddsBiasThenCutsOffBelowZero) {
  const Gemm g{.m = 1, .n = 2, .k = 1, .epilogue = Epilogue::bias_relu};
  Inputs inputs;
  inputs.operands.push_back(fp32({1, 1, 1}, {2}));
  inputs.operands.push_back(fp32({1, 1, 2}, {3, -3}));
  inputs.operands.push_back(fp32({2}, {0.5f, 0.5f}));
  EXPECT_EQ(judge(g, inputs, all_outputs(g)), (std::vector<double>{6.5, 0}));
}

TEST(Judge, KeepsWhatSinglePrecisionWouldLose) {
  const Gemm g{.m = 1, .n = 1, .k = 3};
  Inputs inputs;
  inputs.operands.push_back(fp32({1, 1, 3}, {0x1p24f, 1, -0x1p24f}));
  inputs.operands.push_back(fp32({1, 3, 1}, {1, 1, 1}));
  EXPECT_EQ(judge(g, inputs, all_outputs(g)), (std::vector<double>{1}));
}

TEST(Judge, KeepsWhatDoublesWouldLose) {
  if (sizeof(long double) == sizeof(double)) GTEST_SKIP() << "long double is double here";
  const Gemm g{.m = 1, .n = 1, .k = 3, .precision = Precision::fp64};
  Inputs inputs;
  inputs.operands.emplace_back(Element::fp64, std::vector<int64_t>{1, 1, 3});
  inputs.operands.emplace_back(Element::fp64, std::vector<int64_t>{1, 3, 1});
  std::ranges::copy(std::vector{0x1p53, 1.0, -0x1p53}, inputs.operands[0].as<double>());
  std::ranges::copy(std::vector{1.0, 1.0, 1.0}, inputs.operands[1].as<double>());
  EXPECT_EQ(judge(g, inputs, all_outputs(g)), (std::vector<double>{1}));
}

TEST(Judge, IsExactOnIntegers) {
  const Gemm g{.batch = 2, .m = 5, .n = 7, .k = 300, .precision = Precision::int8};
  const Inputs inputs = g.inputs(3);
  const std::vector<double> got = judge(g, inputs, all_outputs(g));
  for (int64_t i = 0; i < g.outputs(); ++i) {
    const int64_t batch = i / (g.m * g.n), row = i / g.n % g.m, column = i % g.n;
    int64_t sum = 0;
    for (int64_t p = 0; p < g.k; ++p) {
      sum += int64_t{inputs.operands[0].as<int8_t>()[(batch * g.m + row) * g.k + p]} *
             inputs.operands[1].as<int8_t>()[(batch * g.k + p) * g.n + column];
    }
    ASSERT_EQ(got[static_cast<size_t>(i)], static_cast<double>(sum)) << "element " << i;
  }
}

TEST(Judge, ProbesAgreeWithTheWholeProduct) {
  for (const Precision p : {Precision::fp64, Precision::fp32, Precision::bf16, Precision::fp8e4m3}) {
    const Gemm g{.batch = 3, .m = 9, .n = 11, .k = 33, .epilogue = Epilogue::bias_relu, .precision = p};
    const Inputs inputs = g.inputs(1);
    const std::vector<double> whole = judge(g, inputs, all_outputs(g));
    const std::vector<int64_t> probes{0, 10, 98, 99, 200, 296};
    const std::vector<double> some = judge(g, inputs, probes);
    for (size_t i = 0; i < probes.size(); ++i) {
      EXPECT_DOUBLE_EQ(some[i], whole[static_cast<size_t>(probes[i])]) << name(p) << " probe " << probes[i];
    }
  }
}

}  // namespace
}  // namespace breakeven::cpu
