// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "kernels/cuda/context.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/gemm_cases.h"
#include "kernels/emu/runtime/seed.h"

// mma_swizzled has three tiles for rows of multiples of 16 bytes and chooses by the shape
// (gemm/tile_kernel.cpp). A shape for each, as the four multiprocessors of the emulated GPU see it, so that
// each is executed.

namespace breakeven::cuda {
namespace {

class MmaTiles : public testing::TestWithParam<Precision> {};

TEST_P(MmaTiles, AgreeWithPlainLoops) {
  static const auto context = std::make_shared<const Context>(0);
  context->use();
  const Kernel kernel = gemm_mma_swizzled(context);
  for (Gemm gemm :
       {Gemm{.m = 120, .n = 72, .k = 208},                // 64 x 64, 4 tiles
        Gemm{.m = 500, .n = 120, .k = 208},               // 128 x 128, 4 tiles
        Gemm{.m = 250, .n = 376, .k = 208},               // 128 x 256, 4 tiles
        Gemm{.batch = 2, .m = 1100, .n = 8, .k = 16}}) {  // 18 rows of tiles of 64: groups and a rest
    gemm.precision = GetParam();
    SCOPED_TRACE(gemm.name());
    const Inputs inputs = gemm.inputs(1);
    const auto job = kernel.prepare(gemm, inputs, {.slots = 2});
    job->poison();
    emu::set_seed(0);
    job->run(0);
    const Tensor in_turns = job->output(0);
    emu::set_seed(static_cast<uint64_t>(gemm.m));
    job->run(1);
    EXPECT_TRUE(agrees(in_turns, expected(gemm, inputs)));
    EXPECT_TRUE(same_bits(in_turns, job->output(1)));
    emu::set_seed(0);
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, MmaTiles,
                         testing::Values(Precision::bf16, Precision::tf32, Precision::int8),
                         [](const auto& of) { return std::string(name(of.param)); });

}  // namespace
}  // namespace breakeven::cuda
