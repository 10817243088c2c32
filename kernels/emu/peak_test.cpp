// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "kernels/cuda/context.h"
#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/peak_loops.h"
#include "kernels/emu/runtime/seed.h"

// The loops that measure a device's arithmetic, run twice around: without a fault, in any order of threads,
// and by the units that a device of capability 9.0 has.

namespace breakeven::cuda {
namespace {

struct Ran {
  double flops = 0;
  bool ran = false;
};

Ran run(PeakLoop loop, Precision precision, int iterations, int multiprocessors) {
  static const Context context(0);
  context.use();
  const DeviceBuffer mark(sizeof(uint32_t), 1, context.stream());
  mark.fill(0, context.stream());
  Ran result;
  result.flops = loop({precision, iterations, multiprocessors, mark.as<uint32_t>(), context.stream()});
  uint32_t ran = 0;
  mark.download(0, &ran, context.stream());
  result.ran = ran == 1;
  return result;
}

class PeakLoops : public testing::TestWithParam<uint64_t> {
 protected:
  void SetUp() override { emu::set_seed(GetParam()); }
  void TearDown() override { emu::set_seed(0); }
};
INSTANTIATE_TEST_SUITE_P(Seeds, PeakLoops, testing::Values(0, 1, 2));

TEST_P(PeakLoops, RunWherePrecisionAndDeviceHaveTheUnit) {
  struct Unit {
    PeakLoop loop;
    std::vector<Precision> precisions;
  };
  using enum Precision;
  const std::vector<Unit> units{{fma_loop, {fp64, fp32, tf32, bf16, fp16}},
                                {wmma_loop, {fp64, tf32, bf16, fp16, int8}},
                                {mma_loop, {fp64}},  // fp8 by warps is not 9.0's
                                {wgmma_loop, {tf32, bf16, fp16, fp8e4m3, int8}}};
  for (const Unit& unit : units) {
    for (const Precision precision : all_precisions()) {
      const bool has =
          std::find(unit.precisions.begin(), unit.precisions.end(), precision) != unit.precisions.end();
      EXPECT_EQ(run(unit.loop, precision, 2, 1).ran, has) << &unit - units.data() << ", " << name(precision);
    }
  }
}

TEST(PeakLoop, CountsItsFlops) {
  // 256 threads, 8 blocks, 16 chains, 8 times a turn; 2 for each multiply-add.
  EXPECT_EQ(run(fma_loop, Precision::fp32, 3, 2).flops, 2.0 * 256 * 8 * 16 * 8 * 3 * 2);
  // Two warpgroups, 32 instructions a turn of 64 x 256 by 32 bytes.
  EXPECT_EQ(run(wgmma_loop, Precision::bf16, 3, 2).flops, 2.0 * 64 * 256 * 16 * 32 * 2 * 3 * 2);
  EXPECT_EQ(run(wgmma_loop, Precision::int8, 3, 2).flops, 2.0 * 64 * 256 * 32 * 32 * 2 * 3 * 2);
  EXPECT_EQ(run(wgmma_loop, Precision::fp64, 3, 2).flops, 0);
}

}  // namespace
}  // namespace breakeven::cuda
