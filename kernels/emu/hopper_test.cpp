// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "kernels/cuda/context.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm_cases.h"
#include "kernels/emu/runtime/seed.h"

// What the ladder's shapes are too small for: blocks that take many tiles, with rings that go on from tile to
// tile and C under way meanwhile, and tiles cut into parts. On the emulated GPU of 4 multiprocessors.

namespace breakeven::cuda {
namespace {

constexpr uint64_t kOperandSeed = 7;

struct Rung {
  const char* name;
  Kernel (*kernel)(const ContextPtr&);
};
void PrintTo(const Rung& rung, std::ostream* to) { *to << rung.name; }

constexpr Rung kHalf[] = {{"wgmma_tma", gemm_wgmma_tma}, {"warp_specialised", gemm_warp_specialised}};
constexpr Rung kEvery[] = {{"two_consumers", gemm_two_consumers}, {"persistent", gemm_persistent},
                           {"tma_store", gemm_tma_store},         {"cluster", gemm_cluster},
                           {"pingpong", gemm_pingpong},           {"stream_k", gemm_stream_k}};

class Hopper : public testing::TestWithParam<std::tuple<Rung, Precision>> {
 protected:
  void TearDown() override { emu::set_seed(0); }
  /// Right, and the same bits whatever the order of threads and copies.
  void check(Gemm gemm) {
    gemm.precision = std::get<1>(GetParam());
    if (gemm.precision == Precision::int8) gemm.epilogue = Epilogue::none;
    const auto context = std::make_shared<const Context>(0);
    const Kernel kernel = std::get<0>(GetParam()).kernel(context);
    ASSERT_EQ(kernel.why_not(gemm), std::nullopt);
    SCOPED_TRACE(gemm.name());
    const Inputs inputs = gemm.inputs(kOperandSeed);
    const auto job = kernel.prepare(gemm, inputs, {.slots = 1});
    Tensor first;
    for (const uint64_t seed : {0, 1, 2}) {
      emu::set_seed(seed);
      job->poison();
      job->run(0);
      Tensor result = job->output(0);
      if (seed == 0) {
        EXPECT_TRUE(agrees(result, expected(gemm, inputs)));
        first = std::move(result);
      } else {
        EXPECT_TRUE(same_bits(first, result)) << "seed " << seed;
      }
    }
  }
};

TEST_P(Hopper, ManyTilesToABlock) { check({.m = 400, .n = 520, .k = 80}); }
TEST_P(Hopper, ManyTilesInABatchWithRowsThatTmaCannotDescribe) {
  check({.batch = 3, .m = 140, .n = 301, .k = 67});
}
TEST_P(Hopper, OneLongTile) { check({.m = 100, .n = 120, .k = 2056, .epilogue = Epilogue::bias_relu}); }
TEST_P(Hopper, FiveLongTilesForFourMultiprocessors) { check({.m = 600, .n = 100, .k = 520}); }

std::string case_name(const testing::TestParamInfo<Hopper::ParamType>& info) {
  return fmt::format("{}_{}", std::get<0>(info.param).name, name(std::get<1>(info.param)));
}
INSTANTIATE_TEST_SUITE_P(Half, Hopper,
                         testing::Combine(testing::ValuesIn(kHalf),
                                          testing::Values(Precision::bf16, Precision::fp16)),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Every, Hopper,
                         testing::Combine(testing::ValuesIn(kEvery),
                                          testing::Values(Precision::bf16, Precision::tf32,
                                                          Precision::fp8e4m3, Precision::int8)),
                         case_name);

}  // namespace
}  // namespace breakeven::cuda
