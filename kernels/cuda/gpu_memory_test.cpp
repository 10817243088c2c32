// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/device.h"
#include "kernels/cuda/gpu_fixture.h"
#include "kernels/cuda/memory_cases.h"

// Every memory-bound contender and every route of the runtime, on a GPU.

namespace breakeven::cuda {
namespace {

constexpr uint64_t kSeed = 42;

Kernel kernel_of(const std::string& name, const ContextPtr& on) {
  for (const Kernel& kernel : kernels(on)) {
    if (kernel.name == name) return kernel;
  }
  throw std::logic_error("no kernel " + name);
}

/// Those of the emulator, and some that are too much for it.
std::vector<MemoryOp> ops() {
  using enum MemoryKind;
  std::vector<MemoryOp> list = ragged_memory_ops();
  for (const MemoryOp& op : long_memory_ops()) list.push_back(op);
  for (const MemoryKind kind : {copy, triad, gelu, adamw}) list.push_back({.kind = kind, .n = 1'000'003});
  for (const MemoryKind kind : {softmax, layernorm, layernorm_bwd, cross_entropy}) {
    list.push_back({.kind = kind, .rows = 1021, .columns = 1000});
    list.push_back({.kind = kind, .rows = 300, .columns = 12'289});
  }
  list.push_back({.kind = gather, .table = 5000, .depth = 1000, .indices = 2000});
  list.push_back({.kind = scatter_add, .table = 5000, .depth = 200, .indices = 30'000});
  return list;
}

class GpuMemory : public Gpu, public testing::WithParamInterface<std::tuple<std::string, Precision>> {
 protected:
  /// f(kernel, op) for every operation that the contender takes.
  template <class F>
  void each_op(const F& f) {
    const Kernel kernel = kernel_of(std::get<0>(GetParam()), context);
    RecordProperty("kernel", kernel.name);
    RecordProperty("code", kernel.code.size() == 1 ? kernel.code.front().sha256 : "");
    int checked = 0;
    for (MemoryOp op : ops()) {
      op.precision = std::get<1>(GetParam());
      if (kernel.why_not(op)) continue;
      SCOPED_TRACE(op.name());
      f(kernel, op);
      ++checked;
    }
    RecordProperty("problems", checked);
    EXPECT_GT(checked, 0);
  }
};

TEST_P(GpuMemory, AgreesWithPlainLoops) {
  double most = 0;  // error over its bound
  each_op([&](const Kernel& kernel, const MemoryOp& op) {
    const Inputs inputs = op.inputs(kSeed);
    const auto job = kernel.prepare(op, inputs, {.slots = 2});
    job->poison();
    job->run(1);
    const std::vector<Tensor> got = job->outputs(1);
    const ExpectedMemory right = expected(op, inputs);
    EXPECT_TRUE(agrees(got, right));
    most = std::max(most, worst(got, right));
  });
  RecordProperty("worst", std::to_string(most));
}

// A race between threads shows as results that differ from run to run.
TEST_P(GpuMemory, RepeatsBitForBit) {
  constexpr int kRepeats = 20;
  if (any_order(kernel_of(std::get<0>(GetParam()), context)))
    GTEST_SKIP() << "adds in any order, and says so";
  each_op([](const Kernel& kernel, const MemoryOp& op) {
    const auto job = kernel.prepare(op, op.inputs(kSeed), {.slots = 1});
    job->run(0);
    const std::vector<Tensor> once = job->outputs(0);
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      job->poison();
      job->run(0);
      ASSERT_TRUE(same_bits(once, job->outputs(0))) << "repeat " << repeat;
    }
  });
  RecordProperty("repeats", kRepeats);
}

INSTANTIATE_TEST_SUITE_P(Contenders, GpuMemory,
                         testing::Combine(testing::ValuesIn(memory_contenders(kernels(nullptr))),
                                          testing::Values(Precision::fp32, Precision::bf16, Precision::fp16)),
                         [](const auto& info) {
                           return std::get<0>(info.param) + "_" + std::string(name(std::get<1>(info.param)));
                         });

class GpuTransfer : public Gpu, public testing::WithParamInterface<Route> {};

TEST_P(GpuTransfer, BytesArrive) {
  const Kernel kernel = kernel_of("runtime", context);
  GpuDevice device(context);
  for (const int64_t bytes : {1, 1000, 70'001, 64 << 20}) {
    const Transfer transfer{.route = GetParam(), .bytes = has_bytes(GetParam()) ? bytes : 0};
    if (const Reason why = kernel.why_not(transfer)) GTEST_SKIP() << *why;
    const Inputs inputs = transfer.inputs(kSeed);
    const auto job = kernel.prepare(transfer, inputs, {.slots = 2});
    job->poison();
    EXPECT_GT(device.time_on_host([&] { job->run(1); }), 0);
    const Tensor got = job->output(1);
    if (has_bytes(transfer.route)) {
      EXPECT_EQ(std::memcmp(got.data(), inputs.operands[0].data(), static_cast<size_t>(bytes)), 0) << bytes;
    } else {
      EXPECT_EQ(got.as<unsigned char>()[0], kArrived);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Runtime, GpuTransfer,
                         testing::Values(Route::h2d_pageable, Route::h2d_pinned, Route::d2h_pageable,
                                         Route::d2h_pinned, Route::p2p, Route::launch, Route::launch_queued),
                         [](const auto& info) { return std::string(name(info.param)); });

}  // namespace
}  // namespace breakeven::cuda
