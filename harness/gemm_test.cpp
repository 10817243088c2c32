// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/gemm.h"

#include <gtest/gtest.h>

#include "harness/problem.h"

namespace breakeven {
namespace {

std::optional<Gemm> parse(std::string_view text, Precision precision = Precision::fp32) {
  std::string why;
  return parse_gemm(text, precision, &why);
}

std::string refusal(std::string_view text) {
  std::string why;
  EXPECT_FALSE(parse_gemm(text, Precision::fp32, &why)) << text;
  EXPECT_EQ(why.find_first_of("\n\x1b"), why.npos);
  EXPECT_LT(why.size(), 140u);
  return why;
}

TEST(Gemm, NameAndParseAreInverse) {
  for (const char* name : {"m4096n4096k4096", "m1n2k3", "b8m128n128k64", "m1n1k1+bias_relu",
                           "b2m3n5k7+bias_relu", "m16777216n1k1", "b16777216m1n1k1", "m1n1k16777216"}) {
    for (const Precision p : all_precisions()) {
      const auto gemm = parse(name, p);
      ASSERT_TRUE(gemm) << name;
      EXPECT_EQ(gemm->name(), name);
      EXPECT_EQ(gemm->precision, p);
    }
  }
}

TEST(Gemm, ParseReadsEveryPart) {
  EXPECT_EQ(parse("b2m3n5k7+bias_relu", Precision::bf16), (Gemm{.batch = 2,
                                                                .m = 3,
                                                                .n = 5,
                                                                .k = 7,
                                                                .epilogue = Epilogue::bias_relu,
                                                                .precision = Precision::bf16}));
  EXPECT_EQ(parse("m3n5k7"), (Gemm{.batch = 1, .m = 3, .n = 5, .k = 7}));
  EXPECT_EQ(parse("b1m3n5k7")->name(), "m3n5k7");  // one name a problem
  EXPECT_EQ(parse("m003n5k7")->name(), "m3n5k7");
}

TEST(Gemm, NamesWhatItIsFilledWith) {
  for (const char* name : {"m4n4k4+normal", "m4n4k4+integers", "b2m4n4k4+constant", "m4n4k4+bias_relu+zeros",
                           "m4n4k4+wide", "m4n4k4+wide+scale1", "m4n4k4+bias_relu+wide+scale60"}) {
    const auto gemm = parse(name);
    ASSERT_TRUE(gemm) << name;
    EXPECT_EQ(gemm->name(), name);
  }
  EXPECT_EQ(parse("m4n4k4")->fill, Fill::uniform);
  EXPECT_EQ(parse("m4n4k4+wide+scale12")->fill, Fill::wide);
  EXPECT_EQ(parse("m4n4k4+wide+scale12")->scale_log2, 12);
  EXPECT_FALSE(*parse("m4n4k4+wide") == *parse("m4n4k4"));
  for (const char* bad : {"m4n4k4+uniform", "m4n4k4+gauss", "m4n4k4+zeros+zeros", "m4n4k4+zeros+bias_relu",
                          "m4n4k4+zeros+scale3", "m4n4k4+scale3", "m4n4k4+wide+scale", "m4n4k4+wide+scale0",
                          "m4n4k4+wide+scale61", "m4n4k4+wide+scale-1", "m4n4k4+wide+scale1x", "m4n4k4+",
                          "m4n4k4+wide+", "m4n4k4+Wide", "m4n4k4+wide+scale1+scale1"}) {
    EXPECT_FALSE(refusal(bad).empty()) << bad;
  }
  std::string why;
  EXPECT_FALSE(parse_gemm("m4n4k4+wide", Precision::int8, &why));
  EXPECT_NE(why.find("int8"), std::string::npos);
}

TEST(Gemm, FillsBothOperandsButWithGradientsOnlyB) {
  const Inputs zeros = parse("m6n5k4+bias_relu+zeros")->inputs(1);
  ASSERT_EQ(zeros.operands.size(), 3u);
  for (int64_t i = 0; i < 20; ++i) EXPECT_EQ(zeros.operands[0].at(i) + zeros.operands[1].at(i), 0);
  EXPECT_NE(zeros.operands[2].at(1), 0);  // the bias stays what it is
  const Inputs plain = parse("m6n5k4")->inputs(1), wide = parse("m6n5k4+wide")->inputs(1),
               scaled = parse("m6n5k4+wide+scale9")->inputs(1);
  EXPECT_EQ(fingerprint(wide.operands[0]), fingerprint(plain.operands[0]));
  EXPECT_EQ(fingerprint(scaled.operands[0]), fingerprint(plain.operands[0]));
  for (int64_t i = 0; i < 20; ++i) EXPECT_EQ(scaled.operands[1].at(i), 512 * wide.operands[1].at(i));
}

TEST(Gemm, RefusesWithTheOffendingPart) {
  EXPECT_NE(refusal("m0n1k1").find("m=0"), std::string::npos);
  EXPECT_NE(refusal("m1n-5k1").find("n=-5"), std::string::npos);
  EXPECT_NE(refusal("b0m1n1k1").find("b=0"), std::string::npos);
  EXPECT_NE(refusal("m1n1k16777217").find("k=16777217"), std::string::npos);
  EXPECT_NE(refusal("m99999999999999999999n1k1").find("m=99999999999999999999"), std::string::npos);
  EXPECT_NE(refusal("mxn1k1").find("'xn1k1'"), std::string::npos);
  EXPECT_NE(refusal("m1k1").find("'n<number>' expected at 'k1'"), std::string::npos);
  EXPECT_NE(refusal("m1n1k1+relu").find("'+relu' left over"), std::string::npos);
}

TEST(Gemm, RefusesEveryOtherForm) {
  for (const char* bad : {"",
                          " ",
                          "m",
                          "mnk",
                          "m1",
                          "m1n1",
                          "m1n1k",
                          "n1m1k1",
                          "m1n1k1 ",
                          " m1n1k1",
                          "m 1n1k1",
                          "m+1n1k1",
                          "m1.5n1k1",
                          "m1e3n1k1",
                          "m0x10n1k1",
                          "m1n1k1k1",
                          "m1n1k1b2",
                          "b2b2m1n1k1",
                          "bm1n1k1",
                          "b-1m1n1k1",
                          "M1N1K1",
                          "m1n1k1+",
                          "m1n1k1+bias",
                          "m1n1k1+bias_relu+bias_relu",
                          "+bias_relu",
                          "m\xEF\xBC\x94n1k1",
                          "m1n1k1\xC3\xA9",
                          "m1,n1,k1",
                          "m-9223372036854775808n1k1",
                          "m18446744073709551617n1k1",
                          "m1n1k1\n"}) {
    EXPECT_FALSE(refusal(bad).empty()) << bad;
  }
  EXPECT_FALSE(parse(std::string_view("m1n1k1\0", 7)));
}

TEST(Gemm, RefusalsStayOnOneShortLine) {
  const std::string nines(100000, '9');
  for (const std::string& bad : std::vector<std::string>{"m" + nines + "n1k1", nines, "m1n1k1" + nines,
                                                         "m1n1k1\n\x1b[31m", "m\nn1k1"}) {
    EXPECT_FALSE(refusal(bad).empty());
  }
}

// Each size is allowed, the operand is not: byte counts stay far from overflow.
TEST(Gemm, RefusesOperandsThatNoMachineHolds) {
  for (const char* bad : {"m16777216n16777216k1", "m1n16777216k16777216", "m16777216n1k16777216",
                          "b16777216m16777216n16777216k16777216"}) {
    EXPECT_NE(refusal(bad).find("2^40"), std::string::npos) << bad;
  }
  EXPECT_TRUE(parse("m1048576n1048576k1048576"));  // exactly 2^40 elements each
}

TEST(Gemm, WorkAndFootprint) {
  const auto expect = [](std::string_view name, Precision p, double flops, int64_t inputs, int64_t output) {
    const Problem problem = *parse(name, p);
    EXPECT_EQ(work(problem).flops, flops) << name;
    EXPECT_EQ(work(problem).bytes, static_cast<double>(inputs + output)) << name;
    EXPECT_EQ(footprint(problem).inputs, inputs) << name;
    EXPECT_EQ(footprint(problem).output, output) << name;
  };
  // A 2 x 4, B 4 x 3, C 2 x 3, bias 3.
  expect("m2n3k4", Precision::fp32, 48, 4 * (8 + 12), 4 * 6);
  expect("m2n3k4", Precision::fp64, 48, 8 * (8 + 12), 8 * 6);
  expect("m2n3k4", Precision::tf32, 48, 4 * (8 + 12), 4 * 6);
  expect("m2n3k4", Precision::bf16, 48, 2 * (8 + 12), 2 * 6);
  expect("m2n3k4", Precision::fp8e4m3, 48, 8 + 12, 2 * 6);
  expect("m2n3k4", Precision::int8, 48, 8 + 12, 4 * 6);
  expect("b10m2n3k4+bias_relu", Precision::bf16, 480, 10 * 2 * (8 + 12) + 3 * 4, 10 * 2 * 6);
  expect("b10m2n3k4+bias_relu", Precision::fp64, 480, 10 * 8 * (8 + 12) + 3 * 8, 10 * 8 * 6);
  // 2 * 2^20 * 2^20 * 2^20 = 2^61 flops, 3 * 2^40 elements: no overflow on the way.
  expect("m1048576n1048576k1048576", Precision::fp64, 0x1p61, int64_t{16} << 40, int64_t{8} << 40);
}

TEST(Gemm, InputsHaveTheFootprintAndDifferFromEachOther) {
  for (const Precision p : all_precisions()) {
    const Problem problem = *parse("b2m3n5k7+bias_relu", p);
    const Inputs made = inputs(problem, 1);
    ASSERT_EQ(made.operands.size(), 3u);
    EXPECT_EQ(made.bytes(), footprint(problem).inputs);
    EXPECT_EQ(made.operands[0].shape(), (std::vector<int64_t>{2, 3, 7}));
    EXPECT_EQ(made.operands[1].shape(), (std::vector<int64_t>{2, 7, 5}));
    EXPECT_EQ(made.operands[2].shape(), (std::vector<int64_t>{5}));
    EXPECT_NE(made.operands[0].at(0), made.operands[1].at(0));
    EXPECT_NE(fingerprint(made.operands[0]), fingerprint(inputs(problem, 2).operands[0]));
    EXPECT_EQ(fingerprint(made.operands[1]), fingerprint(inputs(problem, 1).operands[1]));
  }
  EXPECT_EQ(inputs(*parse("m3n5k7"), 1).operands.size(), 2u);
}

}  // namespace
}  // namespace breakeven
