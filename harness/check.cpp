// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/check.h"

#include "harness/check_gemm.h"

namespace breakeven {

Check check(const Problem& problem, const Inputs& inputs, const Tensor& output, const Judge& judge,
            Depth depth, uint64_t seed) {
  return std::visit([&](const Gemm& gemm) { return check_gemm(gemm, inputs, output, judge, depth, seed); },
                    problem);
}

}  // namespace breakeven
