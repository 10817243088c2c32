// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "harness/gemm.h"

namespace breakeven {

/// One row of C x - A (B x), for the worst of two random vectors x of +1 and -1.
struct RowResidual {
  int64_t batch = 0, row = 0;
  double residual = 0;      // |(C x - A (B x))_row|; NaN when C holds one
  double output_norm = 0;   // Euclidean norm of the row of C
  double operand_norm = 0;  // norm of the row of A times the Frobenius norm of B: bounds |a||b| over the row
};

/// Freivalds' test (R. Freivalds, "Probabilistic machines can use less running time", IFIP 1977): a product
/// is verified in O(mn + mk + kn) instead of O(mnk). Arithmetic in double; in long double for fp64 problems.
std::vector<RowResidual> freivalds_residuals(const Gemm&, const Inputs&, const Tensor& output, uint64_t seed);

}  // namespace breakeven
