// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/memory_op.h"

#include <gtest/gtest.h>

namespace breakeven {
namespace {

MemoryOp parsed(std::string_view text, Precision p = Precision::fp32) {
  std::string why;
  return parse_memory_op(text, p, &why).value();
}

const char* const kNames[] = {
    "copy-n5", "triad-n5",           "softmax-r3c5", "layernorm-r3c5", "layernorm_bwd-r3c5",
    "gelu-n5", "cross_entropy-r3c5", "adamw-n5",     "gather-v7d5i3",  "scatter_add-v7d5i3"};

TEST(MemoryOp, NamesAreReadAsTheyArePrinted) {
  size_t kinds = 0;
  for (const char* text : kNames) {
    EXPECT_EQ(parsed(text).name(), text);
    EXPECT_EQ(parsed(text).kind, all_memory_kinds()[kinds++]);
  }
  EXPECT_EQ(kinds, all_memory_kinds().size());
}

TEST(MemoryOp, BadNamesAreRefusedInWords) {
  for (const char* text : {"",
                           "-",
                           "softmax",
                           "softmax-",
                           "softmax-n5",
                           "softmax-r3",
                           "softmax-r3c",
                           "softmax-r0c5",
                           "softmax-r-3c5",
                           "softmax-r3c5x",
                           "softmax-r3c5 ",
                           "copy-n0",
                           "copy-n1e9",
                           "copy-n99999999999999999999",
                           "copy-n1099511627777",
                           "Copy-n5",
                           "gather-v1d1",
                           "gather-d1v1i1",
                           "gather-v4294967296d1i1",
                           "softmax-r1099511627776c16777216",
                           "scatter_add-v2147483648d16777216i1",
                           "cross_entropy-r3c5\xff",
                           "softmax-r3c5\n"}) {
    std::string why;
    EXPECT_FALSE(parse_memory_op(text, Precision::fp32, &why)) << text;
    EXPECT_FALSE(why.empty()) << text;
    for (const char c : why) EXPECT_GE(static_cast<unsigned char>(c), 32) << text;
  }
  for (const Precision p :
       {Precision::fp64, Precision::tf32, Precision::int8, Precision::u8, Precision::fp8e4m3}) {
    std::string why;
    EXPECT_FALSE(parse_memory_op("copy-n5", p, &why));
    EXPECT_FALSE(why.empty());
  }
}

TEST(MemoryOp, HostileTextIsShownShort) {
  std::string why;
  EXPECT_FALSE(parse_memory_op(std::string(100000, 'a'), Precision::fp32, &why));
  EXPECT_LT(why.size(), 1000u);
}

TEST(MemoryOp, TheLargestDoNotOverflow) {
  for (const char* text : {"copy-n1099511627776", "adamw-n1099511627776", "softmax-r65536c16777216",
                           "gather-v65536d16777216i65536", "gather-v65536d16777216i1"}) {
    const MemoryOp op = parsed(text);
    EXPECT_GT(bytes(op.operands()), 0) << text;
    EXPECT_GT(bytes(op.results()), 0) << text;
    EXPECT_GT(op.work().bytes, 0) << text;
  }
}

TEST(MemoryOp, WorkIsEveryArrayOnce) {
  EXPECT_EQ(parsed("copy-n100").work().bytes, 800);
  EXPECT_EQ(parsed("copy-n100", Precision::bf16).work().bytes, 400);
  EXPECT_EQ(parsed("triad-n100").work().bytes, 1200);
  EXPECT_EQ(parsed("softmax-r3c5").work().bytes, 2 * 15 * 4);
  EXPECT_EQ(parsed("layernorm-r3c5", Precision::bf16).work().bytes, 2 * 15 * 2 + 2 * 5 * 4 + 2 * 3 * 4);
  EXPECT_EQ(parsed("layernorm_bwd-r3c5").work().bytes, 3 * 15 * 4 + 3 * 5 * 4 + 2 * 3 * 4);
  EXPECT_EQ(parsed("cross_entropy-r3c5").work().bytes, 2 * 15 * 4 + 2 * 3 * 4);
  EXPECT_EQ(parsed("adamw-n100").work().bytes, 2800);
  EXPECT_EQ(parsed("adamw-n100", Precision::bf16).work().bytes, 2600);
  // Rows taken, not the table: three rows of five, read and written, and three indices.
  EXPECT_EQ(parsed("gather-v1000d5i3").work().bytes, 2 * 15 * 4 + 3 * 4);
  EXPECT_EQ(parsed("scatter_add-v1000d5i3").work().bytes, 3 * 15 * 4 + 3 * 4);
}

TEST(MemoryOp, InPlaceResultsAreTheFirstOperands) {
  for (const char* text : kNames) {
    const MemoryOp op = parsed(text, Precision::bf16);
    const std::vector<ArrayShape> operands = op.operands(), results = op.results();
    ASSERT_LE(op.in_place(), static_cast<int64_t>(results.size())) << text;
    for (size_t i = 0; i < static_cast<size_t>(op.in_place()); ++i)
      EXPECT_EQ(operands[i], results[i]) << text;
  }
  EXPECT_EQ(parsed("adamw-n5").in_place(), 3);
  EXPECT_EQ(parsed("scatter_add-v7d5i3").in_place(), 1);
  EXPECT_EQ(parsed("gather-v7d5i3").in_place(), 0);
}

TEST(MemoryOp, InputsAreAsTheOperandsSay) {
  for (const char* text : kNames) {
    const MemoryOp op = parsed(text, Precision::fp16);
    const Inputs inputs = op.inputs(3), again = op.inputs(3), other = op.inputs(4);
    const std::vector<ArrayShape> shapes = op.operands();
    ASSERT_EQ(inputs.operands.size(), shapes.size()) << text;
    for (size_t i = 0; i < shapes.size(); ++i) {
      EXPECT_EQ(inputs.operands[i].element(), shapes[i].element) << text;
      EXPECT_EQ(inputs.operands[i].shape(), shapes[i].extents) << text;
      EXPECT_EQ(fingerprint(inputs.operands[i]), fingerprint(again.operands[i])) << text;
    }
    EXPECT_NE(fingerprint(inputs.operands[0]), fingerprint(other.operands[0])) << text;
  }
}

TEST(MemoryOp, IndicesPointIntoTheTableAndMomentsAreSquares) {
  const Inputs taken = parsed("gather-v7d2i500").inputs(1), labels = parsed("cross_entropy-r500c7").inputs(1);
  bool last = false;
  for (int i = 0; i < 500; ++i) {
    for (const Tensor* t : {&taken.operands[1], &labels.operands[1]}) {
      EXPECT_GE(t->as<int32_t>()[i], 0);
      EXPECT_LT(t->as<int32_t>()[i], 7);
      last = last || t->as<int32_t>()[i] == 6;
    }
  }
  EXPECT_TRUE(last);
  const Inputs step = parsed("adamw-n500").inputs(1);
  for (int i = 0; i < 500; ++i) EXPECT_GE(step.operands[2].as<float>()[i], 0);
}

}  // namespace
}  // namespace breakeven
