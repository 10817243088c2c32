// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "harness/precision.h"
#include "harness/train/executable.h"
#include "harness/train/gate.h"
#include "harness/train/operation_judge.h"

namespace breakeven::train {

/// Gate L1. Looks at every operation of a step by itself: the judge computes it in double from the executable's
/// own inputs (values as it kept them; parameters rounded to its precision where they are factors), and
/// the executable's outputs are held against that within operation_bound.h. Gradients of parameters are known
/// in total only: all operations that add to one are judged together.
///
/// The executable was compiled with `keep_values` in `precision`, reset with `parameters`, and has run
/// `differentiate` alone since (fp16: at kFirstLossScale). Error and bound of the result are of one element; where
/// names operation, value, element, what was got and what was expected.
GateResult check_operations(const Program&, Precision, Executable&, std::span<const float> parameters,
                            const OperationJudge&);

}  // namespace breakeven::train
