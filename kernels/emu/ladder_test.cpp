// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "kernels/cuda/context.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm_cases.h"
#include "kernels/cuda/placed_job.h"
#include "kernels/emu/large_result.h"
#include "kernels/emu/runtime/seed.h"

// Every GEMM contender of our own, in every precision, executed on the emulated GPU: the kernels themselves
// and the host code around them. A race, a missing barrier or fence, an access outside its array or its
// matrix is a fault there, and the job's output throws it.

namespace breakeven::cuda {
namespace {

constexpr uint64_t kOperandSeed = 42;
constexpr uint64_t kInTurns = 0;                      // in which order the emulator lets threads run
const uint64_t kOtherOrder = 7 + 1000 * emu::seed();  // another for every $BREAKEVEN_EMU_SEED
constexpr int64_t kSmall = 600'000;                   // multiply-adds: what is also run in other orders

ContextPtr context() {
  static const auto opened = std::make_shared<const Context>(0);
  opened->use();
  return opened;
}

/// Contenders whose code is ours, of GEMM.
std::vector<std::string> own_names() {
  std::vector<std::string> names;
  for (const Kernel& kernel : kernels(nullptr)) {
    if (kernel.why_not(Gemm{.m = 1, .n = 1, .k = 1}) == Reason(kAnotherKind)) continue;
    if (!kernel.name.starts_with("cublaslt") && kernel.timed == Timed::kernel) names.push_back(kernel.name);
  }
  return names;
}

Kernel kernel_of(const std::string& name, const ContextPtr& on) {
  for (const Kernel& kernel : kernels(on)) {
    if (kernel.name == name) return kernel;
  }
  throw std::logic_error("no kernel " + name);
}

std::vector<Gemm> shapes_for(const Kernel& kernel, Precision precision) {
  std::vector<Gemm> list = ragged_shapes();
  if (is_narrow(kernel, precision)) {
    for (const Gemm& narrow : narrow_shapes()) list.push_back(narrow);
  }
  std::erase_if(list, [&](Gemm& gemm) {
    gemm.precision = precision;
    return kernel.why_not(gemm).has_value();
  });
  return list;
}

bool is_small(const Gemm& gemm) { return gemm.outputs() * gemm.k <= kSmall; }

class Ladder : public testing::TestWithParam<std::tuple<std::string, Precision>> {
 protected:
  void TearDown() override { emu::set_seed(kInTurns); }
  /// f(kernel, gemm) for every shape that the contender takes.
  template <class F>
  void each_shape(const F& f) {
    const Kernel kernel = kernel_of(std::get<0>(GetParam()), context());
    for (const Gemm& gemm : shapes_for(kernel, std::get<1>(GetParam()))) {
      SCOPED_TRACE(gemm.name());
      f(kernel, gemm);
    }
  }
};

TEST_P(Ladder, AgreesWithPlainLoops) {
  each_shape([](const Kernel& kernel, const Gemm& gemm) {
    const Inputs inputs = gemm.inputs(kOperandSeed);
    const auto job = kernel.prepare(gemm, inputs, {.slots = 2});
    job->poison();
    job->run(1);
    EXPECT_TRUE(agrees(job->output(1), expected(gemm, inputs)));
    EXPECT_EQ(static_cast<unsigned char>(job->output(0).data()[0]), kPoisonByte) << "slot 0 was written";
  });
}

TEST_P(Ladder, DoesNotDependOnTheOrderOfThreads) {
  each_shape([](const Kernel& kernel, const Gemm& gemm) {
    if (!is_small(gemm)) return;
    const auto job = kernel.prepare(gemm, gemm.inputs(kOperandSeed), {.slots = 1});
    job->run(0);
    const Tensor in_turns = job->output(0);
    job->poison();
    emu::set_seed(kOtherOrder + static_cast<uint64_t>(gemm.m));
    job->run(0);
    EXPECT_TRUE(same_bits(in_turns, job->output(0)));
    emu::set_seed(kInTurns);
  });
}

TEST_P(Ladder, IsExactOnIntegers) {
  emu::set_seed(kOtherOrder);
  each_shape([](const Kernel& kernel, const Gemm& gemm) {
    if (!is_small(gemm)) return;
    Inputs inputs = gemm.inputs(kOperandSeed);
    make_integers(inputs);
    const auto job = kernel.prepare(gemm, inputs, {.slots = 1});
    job->poison();
    job->run(0);
    EXPECT_TRUE(equals(job->output(0), expected(gemm, inputs)));
  });
}

/// Only pairs that some shape is made for.
std::vector<std::tuple<std::string, Precision>> contenders() {
  std::vector<std::tuple<std::string, Precision>> list;
  for (const std::string& name : own_names()) {
    const Kernel kernel = kernel_of(name, nullptr);
    for (const Precision precision : all_precisions()) {
      if (!shapes_for(kernel, precision).empty()) list.emplace_back(name, precision);
    }
  }
  return list;
}

std::string case_name(const testing::TestParamInfo<Ladder::ParamType>& info) {
  return std::get<0>(info.param) + "_" + std::string(name(std::get<1>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(OwnContenders, Ladder, testing::ValuesIn(contenders()), case_name);

class LargeResults : public testing::TestWithParam<std::string> {};

TEST_P(LargeResults, HaveOffsetsOf64Bits) {
  const Kernel kernel = kernel_of(GetParam(), context());
  int tried = 0;
  for (const Precision precision : all_precisions()) {
    const Gemm gemm = large_result(kernel, precision);
    if (kernel.why_not(gemm)) continue;
    EXPECT_EQ(large_result_fault(kernel, gemm, context()), "") << name(precision);
    ++tried;
  }
  EXPECT_GT(tried, 0);
}

INSTANTIATE_TEST_SUITE_P(OwnContenders, LargeResults, testing::ValuesIn(contenders_for_large_results()),
                         [](const auto& info) { return info.param; });

TEST(Rungs, EveryRungHasACase) {
  for (const std::string& name : own_names()) {
    EXPECT_TRUE(std::ranges::any_of(contenders(), [&](const auto& c) { return std::get<0>(c) == name; }))
        << name;
  }
}

/// Root mean square error relative to that of C, against plain loops.
double error_of(const Kernel& kernel, const Gemm& gemm, const Inputs& inputs, const Expected& want) {
  const auto job = kernel.prepare(gemm, inputs, {.slots = 1});
  job->run(0);
  const Tensor got = job->output(0);
  double error = 0, size = 0;
  for (int64_t i = 0; i < got.size(); ++i) {
    const double value = want.value[static_cast<size_t>(i)];
    error += (got.at(i) - value) * (got.at(i) - value);
    size += value * value;
  }
  return std::sqrt(error / size);
}

// What fp32_tensor claims. The emulated tensor cores cut off as real ones do.
TEST(Rungs, Fp32OnTensorCoresErrsNoMoreThanOnCudaCores) {
  const Gemm gemm{.m = 40, .n = 48, .k = 2000};
  const Inputs inputs = gemm.inputs(kOperandSeed);
  const Expected want = expected(gemm, inputs);
  EXPECT_LE(error_of(kernel_of("fp32_tensor", context()), gemm, inputs, want),
            error_of(kernel_of("vectorised", context()), gemm, inputs, want));
}

}  // namespace
}  // namespace breakeven::cuda
