// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <cstring>

#include "cpu_ref/cpu.h"
#include "harness/check.h"

namespace breakeven::cpu {
namespace {

std::vector<Kernel> contenders() {
  return {
    memory_by_judge(), memory_scalar(), memory_simd_threads(),
#if BREAKEVEN_ONEDNN
        memory_onednn(),
#endif
  };
}

// Tails of every vector width, single rows and columns, more rows than a thread's share, tables smaller than
// a team.
const char* const kProblems[] = {"copy-n1",
                                 "copy-n4099",
                                 "copy-n300007",
                                 "triad-n1",
                                 "triad-n65",
                                 "triad-n70001",
                                 "softmax-r1c1",
                                 "softmax-r3c3",
                                 "softmax-r5c17",
                                 "softmax-r2c255",
                                 "softmax-r9c4097",
                                 "softmax-r129c64",
                                 "layernorm-r1c1",
                                 "layernorm-r3c3",
                                 "layernorm-r5c17",
                                 "layernorm-r2c255",
                                 "layernorm-r9c4097",
                                 "layernorm-r130c64",
                                 "layernorm_bwd-r1c1",
                                 "layernorm_bwd-r3c3",
                                 "layernorm_bwd-r5c17",
                                 "layernorm_bwd-r2c255",
                                 "layernorm_bwd-r9c4097",
                                 "layernorm_bwd-r1030c31",
                                 "gelu-n1",
                                 "gelu-n17",
                                 "gelu-n70003",
                                 "cross_entropy-r1c1",
                                 "cross_entropy-r3c3",
                                 "cross_entropy-r5c17",
                                 "cross_entropy-r2c255",
                                 "cross_entropy-r9c4097",
                                 "cross_entropy-r130c33",
                                 "adamw-n1",
                                 "softmax-r3c65600",
                                 "layernorm_bwd-r3c65600",
                                 "adamw-n31",
                                 "adamw-n40001",
                                 "gather-v1d1i1",
                                 "gather-v1d3i9",
                                 "gather-v100d17i255",
                                 "gather-v50d1030i40",
                                 "scatter_add-v1d1i1",
                                 "scatter_add-v1d3i900",
                                 "scatter_add-v100d17i255",
                                 "scatter_add-v70d1030i40",
                                 "scatter_add-v9d33i2000"};

MemoryOp problem(const char* text, Precision p) {
  std::string why;
  return parse_memory_op(text, p, &why).value();
}

/// A kernel's first execution over poisoned results in slot 1 of 2, which must leave slot 0 as it was.
Check first_execution(const Kernel& kernel, const MemoryOp& op, const Inputs& inputs, std::string* who) {
  const std::unique_ptr<Job> job = kernel.prepare(op, inputs, {.slots = 2});
  *who =
      kernel.name + " " + op.name() + " " + std::string(name(op.precision)) + " by " + job->implementation();
  job->run(1);
  job->poison();
  const std::vector<Tensor> before = job->outputs(0);
  job->run(1);
  const std::vector<Tensor> after = job->outputs(0);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(fingerprint(before[i]), fingerprint(after[i])) << *who << " wrote another slot";
  }
  return check(op, inputs, job->outputs(1), judge, Depth::whole, 3, 0);
}

/// Returns how many contenders answered.
int run_and_compare(const MemoryOp& op, const Inputs& inputs) {
  int answered = 0;
  for (const Kernel& kernel : contenders()) {
    if (kernel.why_not(op)) continue;
    std::string who;
    try {
      const Check found = first_execution(kernel, op, inputs, &who);
      EXPECT_EQ(found.verdict, Verdict::ok)
          << who << ": " << found.where << ", " << found.error << " of " << found.bound;
      ++answered;
    } catch (const Unsupported& e) {
      EXPECT_STRNE(e.what(), "");
    }
  }
  return answered;
}

class MemoryContender : public testing::TestWithParam<Precision> {};

TEST_P(MemoryContender, AgreesWithTheJudgeOnRaggedProblems) {
  for (const char* text : kProblems) {
    const MemoryOp op = problem(text, GetParam());
    EXPECT_GE(run_and_compare(op, op.inputs(7)), 3) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, MemoryContender,
                         testing::Values(Precision::fp32, Precision::bf16, Precision::fp16),
                         [](const auto& info) { return std::string(name(info.param)); });

/// x += offset everywhere, x[at] = value.
Inputs moved(const MemoryOp& op, float factor, float offset, float at_0) {
  Inputs inputs = op.inputs(5);
  float* x = inputs.operands[0].as<float>();
  for (int64_t i = 0; i < op.rows * op.columns; ++i) x[i] = x[i] * factor + offset;
  x[0] = at_0;
  return inputs;
}

TEST(MemoryContenders, StayFiniteOnRowsFarFromZero) {
  for (const char* text : {"softmax-r3c257", "cross_entropy-r3c257"}) {
    const MemoryOp op = problem(text, Precision::fp32);
    run_and_compare(op, moved(op, 1, 1e4f, 1e4f));
    run_and_compare(op, moved(op, 1, -1e4f, -1e4f));
    run_and_compare(op, moved(op, 0, 2, 2));      // all equal
    run_and_compare(op, moved(op, 1, 0, 1e30f));  // one huge: all others underflow
    run_and_compare(op, moved(op, 40, 0, 0));     // tiny beside large
  }
  const MemoryOp norm = problem("layernorm-r3c257", Precision::fp32);
  run_and_compare(norm, moved(norm, 1, 100, 100));
  run_and_compare(norm, moved(norm, 0, 0, 0));  // no variance but epsilon
}

// Rows of whole vectors go by stages where a piece has enough of them, and round otherwise elsewhere.
TEST(MemoryContenders, DoNotDependOnTheNumberOfThreadsOnRaggedRows) {
  const int before = omp_get_max_threads();
  for (const char* text : {"scatter_add-v40d33i3000", "gather-v40d33i3000", "softmax-r37c1000",
                           "adamw-n100003", "layernorm_bwd-r37c1000"}) {
    const MemoryOp op = problem(text, Precision::bf16);
    const Inputs inputs = op.inputs(5);
    std::vector<uint64_t> first;
    for (const int threads : {1, 3, 11}) {
      omp_set_num_threads(threads);
      EXPECT_GE(run_and_compare(op, inputs), 3) << text;
      const std::unique_ptr<Job> job = memory_simd_threads().prepare(op, inputs, {.slots = 1});
      job->run(0);
      const uint64_t print = fingerprint(job->outputs(0)[0]);
      first.push_back(print);
      EXPECT_EQ(print, first[0]) << text << ", " << threads << " threads";
    }
  }
  omp_set_num_threads(before);
}

// Large enough for shares of several pieces.
TEST(MemoryContenders, RepeatToTheBitWhoeverTakesAPiece) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(3);
  for (const char* text : {"layernorm_bwd-r3001c512", "softmax-r4001c512", "layernorm-r3999c513",
                           "gather-v100d517i7001", "gelu-n3000001"}) {
    const MemoryOp op = problem(text, Precision::bf16);
    const Inputs inputs = op.inputs(5);
    const std::unique_ptr<Job> job = memory_simd_threads().prepare(op, inputs, {.slots = 1});
    std::vector<uint64_t> first;
    for (int repeat = 0; repeat < 3; ++repeat) {
      job->poison();
      job->run(0);
      const std::vector<Tensor> made = job->outputs(0);
      for (size_t i = 0; i < made.size(); ++i) {
        if (repeat == 0) first.push_back(fingerprint(made[i]));
        EXPECT_EQ(fingerprint(made[i]), first[i]) << text << ", result " << i;
      }
    }
    // Within another team there is one thread for all shares.
    job->poison();
#pragma omp parallel num_threads(2)
#pragma omp single
    job->run(0);
    const std::vector<Tensor> alone = job->outputs(0);
    for (size_t i = 0; i < alone.size(); ++i) EXPECT_EQ(fingerprint(alone[i]), first[i]) << text << ", alone";
    const Check found = check(op, inputs, alone, judge, Depth::whole, 3, 0);
    EXPECT_EQ(found.verdict, Verdict::ok) << text << ": " << found.where;
  }
  omp_set_num_threads(before);
}

TEST(MemoryContenders, GoOnFromWhatTheExecutionBeforeLeft) {
  for (const char* text : {"adamw-n1000", "scatter_add-v9d33i200"}) {
    const MemoryOp op = problem(text, Precision::fp32);
    const Inputs inputs = op.inputs(5);
    for (const Kernel& kernel : contenders()) {
      if (kernel.why_not(op)) continue;
      const std::unique_ptr<Job> job = kernel.prepare(op, inputs, {.slots = 1});
      job->run(0);
      Inputs second = op.inputs(5);
      const std::vector<Tensor> left = job->outputs(0);
      for (size_t i = 0; i < left.size(); ++i) second.operands[i] = left[i].clone();
      job->run(0);
      EXPECT_EQ(check(op, second, job->outputs(0), judge, Depth::whole, 3, 0).verdict, Verdict::ok)
          << kernel.name;
      EXPECT_EQ(check(op, inputs, job->outputs(0), judge, Depth::whole, 3, 0).verdict, Verdict::wrong)
          << kernel.name;
    }
  }
}

}  // namespace
}  // namespace breakeven::cpu
