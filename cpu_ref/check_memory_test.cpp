// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/check_memory.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cpu_ref/cpu.h"

// Here and not beside check_memory.cpp, because it takes a judge and right answers.

namespace breakeven::cpu {
namespace {

struct Answered {
  MemoryOp op;
  Inputs inputs;
  std::vector<Tensor> outputs;
  Check checked(Depth depth = Depth::whole) const {
    return check_memory(op, inputs, outputs, judge, depth, 5);
  }
};

Answered answered(const char* text, Precision p = Precision::fp32) {
  std::string why;
  Answered made{parse_memory_op(text, p, &why).value(), {}, {}};
  made.inputs = made.op.inputs(9);
  const std::unique_ptr<Job> job = memory_simd_threads().prepare(made.op, made.inputs, {.slots = 1});
  job->run(0);
  made.outputs = job->outputs(0);
  return made;
}

// Small problems, compared element by element, and one of each form beyond that.
const char* const kSmall[] = {
    "copy-n70", "triad-n70",           "softmax-r6c70", "layernorm-r6c70", "layernorm_bwd-r6c70",
    "gelu-n70", "cross_entropy-r6c70", "adamw-n70",     "gather-v9d7i11",  "scatter_add-v4d7i40"};
const char* const kLarge[] = {"copy-n2000003",           "softmax-r1100c1003",        "layernorm-r1100c1003",
                              "layernorm_bwd-r1100c503", "cross_entropy-r1100c1003",  "adamw-n500003",
                              "gather-v1000d503i2100",   "scatter_add-v1000d503i1100"};

TEST(CheckMemory, RightAnswersPass) {
  for (const char* text : kSmall) {
    const Check found = answered(text).checked();
    EXPECT_EQ(found.verdict, Verdict::ok) << text << found.where;
    EXPECT_EQ(found.metric, "elements");
    EXPECT_LE(found.error, found.bound);
  }
  for (const char* text : kLarge) {
    for (const Depth depth : {Depth::whole, Depth::probes}) {
      const Check found = answered(text).checked(depth);
      EXPECT_EQ(found.verdict, Verdict::ok) << text << found.where;
    }
  }
}

/// An error of a thousandth of itself, of any element of any result.
TEST(CheckMemory, OneWrongElementOfASmallAnswerIsFound) {
  for (const char* text : kSmall) {
    Answered a = answered(text);
    for (size_t r = 0; r < a.outputs.size(); ++r) {
      for (const int64_t at : {int64_t{0}, a.outputs[r].size() / 2, a.outputs[r].size() - 1}) {
        float& x = a.outputs[r].as<float>()[at];
        const float right = x;
        x = right * 1.001f + 1e-3f;
        EXPECT_EQ(a.checked().verdict, Verdict::wrong) << text << ", result " << r << ", element " << at;
        x = right;
      }
    }
    EXPECT_EQ(a.checked().verdict, Verdict::ok) << text;
  }
}

TEST(CheckMemory, WhatWasNotWrittenIsFoundAnywhere) {
  for (const char* text : kLarge) {
    Answered a = answered(text);
    for (size_t r = 0; r < a.outputs.size(); ++r) {
      for (const int64_t at : {a.outputs[r].size() / 3, a.outputs[r].size() - 1}) {
        float& x = a.outputs[r].as<float>()[at];
        const float right = x;
        for (const float bad : {std::nanf(""), INFINITY}) {
          x = bad;
          const Check found = a.checked();
          EXPECT_EQ(found.verdict, Verdict::wrong) << text << ", result " << r << ", element " << at;
          EXPECT_TRUE(std::isfinite(found.error));
          EXPECT_FALSE(found.where.empty());
          EXPECT_EQ(a.checked(Depth::probes).verdict, Verdict::wrong);
        }
        x = right;
      }
    }
  }
}

TEST(CheckMemory, AWrongRowOfALargeSoftmaxIsFoundByItsSum) {
  Answered a = answered("softmax-r1100c1003");
  for (int i = 0; i < 16; ++i) a.outputs[0].as<float>()[517 * 1003 + 400 + i] = 0;  // one vector left out
  EXPECT_EQ(a.checked().verdict, Verdict::wrong);
}

TEST(CheckMemory, AResultLeftAsTheOperandIsWrong) {
  for (const char* text :
       {"adamw-n70", "scatter_add-v4d7i40", "adamw-n500003", "scatter_add-v1000d503i1100"}) {
    Answered a = answered(text);
    for (size_t i = 0; i < a.outputs.size(); ++i) a.outputs[i] = a.inputs.operands[i].clone();
    EXPECT_EQ(a.checked().verdict, Verdict::wrong) << text;
  }
}

TEST(CheckMemory, AnotherNumberOfResultsIsWrong) {
  Answered a = answered("layernorm-r6c70");
  a.outputs.pop_back();
  EXPECT_EQ(a.checked().verdict, Verdict::wrong);
}

TEST(CheckMemory, AColumnsSumThatLostARowIsFound) {
  Answered a = answered("layernorm_bwd-r1100c503");
  a.outputs[2].as<float>()[0] -= a.inputs.operands[4].as<float>()[700 * 503];
  EXPECT_EQ(a.checked().verdict, Verdict::wrong);
}

}  // namespace
}  // namespace breakeven::cpu
