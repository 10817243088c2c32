// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/train/executable.h"

namespace breakeven::cpu {

/// A program run in double throughout, one operation after the other (judge_operations.h). Reads its
/// parameters from an fp32 arena and gives everything back rounded to what the interface has. Keeps all
/// values. Throws Unsupported for a precision other than fp64.
std::unique_ptr<train::Executable> compile_judge(const train::CompileRequest&);

}  // namespace breakeven::cpu
