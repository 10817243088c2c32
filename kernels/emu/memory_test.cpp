// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/context.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm_cases.h"
#include "kernels/cuda/memory_cases.h"
#include "kernels/emu/runtime/seed.h"

// Every memory-bound contender of our own, in every precision, executed on the emulated GPU.

namespace breakeven::cuda {
namespace {

constexpr uint64_t kOperandSeed = 42;
constexpr uint64_t kInTurns = 0;  // in which order the emulator lets threads run
const uint64_t kOtherOrder = 5 + 1000 * emu::seed();
constexpr Precision kPrecisions[] = {Precision::fp32, Precision::bf16, Precision::fp16};

ContextPtr context() {
  static const auto opened = std::make_shared<const Context>(0);
  opened->use();
  return opened;
}

Kernel kernel_of(const std::string& name) {
  for (const Kernel& kernel : kernels(context())) {
    if (kernel.name == name) return kernel;
  }
  throw std::logic_error("no kernel " + name);
}

class Memory : public testing::TestWithParam<std::tuple<std::string, Precision>> {
 protected:
  void TearDown() override { emu::set_seed(kInTurns); }
  /// f(kernel, op) for every operation of the list that the contender takes; it must take one.
  template <class F>
  void each_op(const std::vector<MemoryOp>& of, const F& f) {
    const Kernel kernel = kernel_of(std::get<0>(GetParam()));
    for (MemoryOp op : of) {
      op.precision = std::get<1>(GetParam());
      if (kernel.why_not(op)) continue;
      SCOPED_TRACE(op.name());
      f(kernel, op);
    }
  }
};

void expect_untouched(const MemoryOp& op, const Inputs& inputs, const std::vector<Tensor>& results) {
  for (size_t i = 0; i < results.size(); ++i) {
    const bool in_place = i < static_cast<size_t>(op.in_place());
    const auto first = static_cast<unsigned char>(results[i].data()[0]);
    EXPECT_TRUE(in_place ? same_bits(results[i], inputs.operands[i]) : first == kPoisonByte)
        << "result " << i;
  }
}

TEST_P(Memory, AgreesWithPlainLoops) {
  each_op(ragged_memory_ops(), [](const Kernel& kernel, const MemoryOp& op) {
    const Inputs inputs = op.inputs(kOperandSeed);
    const auto job = kernel.prepare(op, inputs, {.slots = 2});
    job->poison();
    job->run(1);
    EXPECT_TRUE(agrees(job->outputs(1), expected(op, inputs)));
    expect_untouched(op, inputs, job->outputs(0));
  });
}

TEST_P(Memory, LongRowsAgreeWithPlainLoops) {
  each_op(long_memory_ops(), [](const Kernel& kernel, const MemoryOp& op) {
    const Inputs inputs = op.inputs(kOperandSeed);
    const auto job = kernel.prepare(op, inputs, {.slots = 1});
    job->poison();
    job->run(0);
    EXPECT_TRUE(agrees(job->outputs(0), expected(op, inputs)));
  });
}

// Poison gives what is updated in place afresh: else the second execution would go on from the first.
TEST_P(Memory, RepeatsInAnyOrderOfThreads) {
  each_op(ragged_memory_ops(), [](const Kernel& kernel, const MemoryOp& op) {
    const Inputs inputs = op.inputs(kOperandSeed);
    const auto job = kernel.prepare(op, inputs, {.slots = 1});
    job->run(0);
    const std::vector<Tensor> once = job->outputs(0);
    job->poison();
    emu::set_seed(kOtherOrder + static_cast<uint64_t>(op.n + op.rows + op.table));
    job->run(0);
    const std::vector<Tensor> again = job->outputs(0);
    emu::set_seed(kInTurns);
    if (any_order(kernel)) {
      EXPECT_TRUE(agrees(again, expected(op, inputs)));
    } else {
      EXPECT_TRUE(same_bits(once, again));
    }
  });
}

// Without poison in between, an operation in place goes on.
TEST(MemoryInPlace, ASecondExecutionGoesOnFromTheFirst) {
  const MemoryOp op{.kind = MemoryKind::scatter_add, .table = 3, .depth = 2, .indices = 4};
  const Inputs inputs = op.inputs(kOperandSeed);
  const auto job = kernel_of("stream_scatter_add").prepare(op, inputs, {.slots = 1});
  job->run(0);
  const std::vector<Tensor> first = job->outputs(0);
  Inputs then = op.inputs(kOperandSeed);
  then.operands[0] = first[0].clone();
  job->run(0);
  EXPECT_TRUE(agrees(job->outputs(0), expected(op, then)));
  EXPECT_FALSE(agrees(job->outputs(0), expected(op, inputs)));
}

std::string case_name(const testing::TestParamInfo<Memory::ParamType>& info) {
  return std::get<0>(info.param) + "_" + std::string(name(std::get<1>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(OwnContenders, Memory,
                         testing::Combine(testing::ValuesIn(memory_contenders(kernels(nullptr))),
                                          testing::ValuesIn(kPrecisions)),
                         case_name);

TEST(MemoryContenders, EveryKindHasOne) {
  for (const MemoryKind kind : all_memory_kinds()) {
    const MemoryOp op{.kind = kind, .n = 4, .rows = 2, .columns = 2, .table = 2, .depth = 2, .indices = 2};
    EXPECT_TRUE(std::ranges::any_of(kernels(nullptr), [&](const Kernel& k) { return !k.why_not(op); }))
        << name(kind);
  }
}

}  // namespace
}  // namespace breakeven::cuda
