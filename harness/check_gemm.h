// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/check.h"

namespace breakeven {

/// `check` (check.h) for matrix products. The bound of element c = sum_p a_p b_p with k products is
///   output_roundoff |c| + 2 sqrt(k / products_per_rounding) accumulate_roundoff |a| |b|   (Euclidean norms),
/// the probabilistic form of the classical bound (Higham and Mary, "A new approach to probabilistic rounding
/// error analysis", SISC 2019): wide enough for any order of summation, narrow enough that one lost product
/// shows.
/// In problems filled `wide` overflow is an answer: where c rounds beyond the output's largest number, or an
/// operand is infinite, the contender's must not be finite. Elsewhere, and in all other problems, NaN and
/// infinity are wrong.
/// `accumulate_roundoff` takes the precision's place where it is not 0 (Kernel).
Check check_gemm(const Gemm&, const Inputs&, const Tensor& output, const Judge&, Depth, uint64_t seed,
                 double accumulate_roundoff = 0);

}  // namespace breakeven
