// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "harness/check.h"

namespace breakeven {

/// How far an answer is from the fp64 answer R of operands that were never rounded: what a precision costs,
/// where Check says whether a contender did what its precision allows. C is the contender's result in the
/// units of R: int8 sums over kInt8Scale^2, results of loss-scaled gradients over the scale.
struct Accuracy {
  double normwise = 0;   // ||C - R||_2 / ||R||_2
  double worst = 0;      // max |C - R| / rms(R)
  int64_t elements = 0;  // looked at: every one of small problems, else some spread over the result
  double nonfinite = 0;  // share of all results that are infinite or NaN; the errors leave those out
  double underflowed = 0, overflowed = 0;  // of `wide` problems: shares of B that rounding made zero or
                                           // infinite (fp8: held at the largest number)
};

/// Of the only result of a Gemm or Conv2d, under the seed its inputs were made with; nothing for other
/// problems. An fp64 problem is its own reference; any other's is the same problem in fp32, whose draws are
/// the values before rounding, answered by the judge in double.
std::optional<Accuracy> accuracy_of(const Problem&, uint64_t seed, const Tensor& output, const Judge&);

}  // namespace breakeven
