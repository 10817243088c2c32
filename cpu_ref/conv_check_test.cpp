// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
// The check of convolutions (harness/check_conv.h), with the judge it will have.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "cpu_ref/conv_judge.h"
#include "cpu_ref/conv_shapes.h"
#include "cpu_ref/cpu.h"
#include "cpu_ref/round_to.h"
#include "harness/check.h"

namespace breakeven::cpu {
namespace {

constexpr uint64_t kSeed = 11;

void store(Tensor& t, int64_t i, double value) {
  switch (t.element()) {
    case Element::fp64:
      return round_to(value, t.as<double>() + i);
    case Element::fp32:
      return round_to(value, t.as<float>() + i);
    case Element::bf16:
      return round_to(value, t.as<Bf16>() + i);
    case Element::fp16:
      return round_to(value, t.as<Fp16>() + i);
    default:
      return round_to(value, t.as<int32_t>() + i);
  }
}

/// The right answer, rounded once.
Tensor perfect(const Conv2d& conv, const Inputs& inputs) {
  Tensor out = conv.results()[0].make();
  convolve_rows(conv, inputs, [&](int64_t row, std::span<const double> values) {
    const int64_t first = row * static_cast<int64_t>(values.size());
    for (size_t i = 0; i < values.size(); ++i) store(out, first + static_cast<int64_t>(i), values[i]);
  });
  return out;
}

Check held(const Conv2d& conv, const Inputs& inputs, const Tensor& output, Depth depth = Depth::whole) {
  std::vector<Tensor> outputs;
  outputs.push_back(output.clone());
  return check(conv, inputs, outputs, judge, depth, kSeed);
}

Conv2d parsed(const std::string& name, Precision precision) {
  std::string why;
  return parse_conv2d(name, precision, &why).value();
}

TEST(CheckConv, AcceptsThePerfectAnswerToEveryRaggedShape) {
  for (const Precision p :
       {Precision::fp64, Precision::fp32, Precision::bf16, Precision::fp16, Precision::int8}) {
    for (const Conv2d& conv : ragged_convolutions(p)) {
      const Inputs inputs = conv.inputs(kSeed);
      const Check c = held(conv, inputs, perfect(conv, inputs));
      EXPECT_EQ(c.verdict, Verdict::ok) << conv.name() << " " << c.where;
      EXPECT_EQ(c.metric, "elements");
    }
  }
}

// Above 2^22 products: probes, and sums with random signs that look at every element.
const char* const kLarge[] = {"n3c17h30w31k70r3s3u1p1", "n3c32h33w40k64r3s3u2p1g2",
                              "n2c24h70w70k24r5s5u1p2g24", "n2c40h36w37k48r1s1u1p0", "n1c3h70w71k64r7s7u2p3"};

struct CheckConvAt : testing::TestWithParam<std::tuple<const char*, const char*, Precision>> {
  CheckConvAt()
      : conv(parsed(std::string(std::get<0>(GetParam())) + std::get<1>(GetParam()), std::get<2>(GetParam()))),
        inputs(conv.inputs(kSeed)),
        output(perfect(conv, inputs)) {}
  Verdict verdict(Depth depth = Depth::whole) { return held(conv, inputs, output, depth).verdict; }
  Conv2d conv;
  Inputs inputs;
  Tensor output;
};

TEST_P(CheckConvAt, AcceptsThePerfectAnswer) {
  const Check c = held(conv, inputs, output);
  EXPECT_EQ(c.verdict, Verdict::ok) << c.where;
  EXPECT_EQ(c.metric, "probes+freivalds");
  EXPECT_EQ(verdict(Depth::probes), Verdict::ok);
}

TEST_P(CheckConvAt, CatchesOneWrongElementAnywhere) {
  const double rms = std::sqrt(static_cast<double>(conv.longest_sum())) / 3;
  const double change = conv.precision == Precision::int8 ? 1 : rms;
  for (int64_t at = 1; at < output.size(); at += output.size() / 2) {
    const double right = output.at(at);
    for (const double wrong : {right + change, std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::infinity()}) {
      if (conv.precision == Precision::int8 && !std::isfinite(wrong)) continue;
      store(output, at, wrong);
      const Check c = held(conv, inputs, output);
      EXPECT_EQ(c.verdict, Verdict::wrong) << at << " " << wrong;
      EXPECT_TRUE(std::isfinite(c.error));
      EXPECT_FALSE(c.where.empty());
    }
    store(output, at, right);
  }
}

/// A kernel that forgets one tap: what it writes is the answer to a filter (or gradient) with that tap at 0.
TEST_P(CheckConvAt, CatchesADroppedTap) {
  if (conv.r * conv.s == 1) return;
  const int64_t taps = conv.r * conv.s, depth = conv.group_channels();
  if (conv.direction == Direction::backward_weights) {
    for (int64_t at = 0; at < output.size(); ++at) {
      if (at / depth % taps == taps - 1) store(output, at, 0);
    }
  } else {
    Inputs without = conv.inputs(kSeed);
    const int64_t each = bytes(without.operands[1].element());
    for (int64_t k = 0; k < conv.k; ++k) {
      std::byte* tap = without.operands[1].data() + ((k * taps + taps - 1) * depth) * each;
      std::fill_n(tap, depth * each, std::byte{0});
    }
    output = perfect(conv, without);
  }
  EXPECT_EQ(verdict(), Verdict::wrong);
  EXPECT_EQ(verdict(Depth::probes), Verdict::wrong);
}

/// A border that reads x beyond its edge (or leaves it out): the last row of every image is the one before.
TEST_P(CheckConvAt, CatchesAWrongBorder) {
  const std::vector<int64_t>& shape = output.shape();
  if (shape[1] < 2) return;
  const int64_t row = shape[2] * shape[3];
  for (int64_t image = 0; image < shape[0]; ++image) {
    for (int64_t i = 0; i < row; ++i) {
      const int64_t last = (image * shape[1] + shape[1] - 1) * row + i;
      store(output, last, output.at(last - row));
    }
  }
  EXPECT_EQ(verdict(), Verdict::wrong);
  EXPECT_EQ(verdict(Depth::probes), Verdict::wrong);
}

INSTANTIATE_TEST_SUITE_P(Shapes, CheckConvAt,
                         testing::Combine(testing::Values("fwd-", "bwdd-", "bwdw-"),
                                          testing::ValuesIn(kLarge), testing::Values(Precision::bf16)));
INSTANTIATE_TEST_SUITE_P(
    Precisions, CheckConvAt,
    testing::Combine(testing::Values("fwd-", "bwdd-", "bwdw-"), testing::Values(kLarge[0]),
                     testing::Values(Precision::fp64, Precision::fp32, Precision::fp16, Precision::int8)));

TEST(CheckConv, AnEpilogueIsProbedAlone) {
  const Conv2d conv = parsed("fwd-n3c17h30w31k70r3s3u1p1+bias_relu", Precision::fp32);
  const Inputs inputs = conv.inputs(kSeed);
  Tensor output = perfect(conv, inputs);
  const Check c = held(conv, inputs, output);
  EXPECT_EQ(c.verdict, Verdict::ok) << c.where;
  EXPECT_EQ(c.metric, "probes");
  for (int64_t i = 0; i < output.size(); ++i) store(output, i, std::abs(output.at(i)) + 1);
  EXPECT_EQ(held(conv, inputs, output).verdict, Verdict::wrong);
}

TEST(CheckConv, AllowsANarrowAccumulatorOnlyToThoseWhoSaySo) {
  const Conv2d conv = parsed("fwd-n1c64h9w9k32r3s3u1p1", Precision::fp16);
  const Inputs inputs = conv.inputs(kSeed);
  std::vector<Tensor> outputs;
  outputs.push_back(perfect(conv, inputs));
  for (int64_t i = 0; i < outputs[0].size(); ++i) store(outputs[0], i, outputs[0].at(i) + 0.02);
  EXPECT_EQ(check(conv, inputs, outputs, judge, Depth::whole, kSeed).verdict, Verdict::wrong);
  EXPECT_EQ(check(conv, inputs, outputs, judge, Depth::whole, kSeed, 0x1p-11).verdict, Verdict::ok);
}

}  // namespace
}  // namespace breakeven::cpu
