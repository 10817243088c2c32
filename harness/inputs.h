// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/tensor.h"

namespace breakeven {

/// The least one execution must do, whoever runs it.
struct Work {
  double flops = 0;  // integer operations are counted alike
  double bytes = 0;  // compulsory traffic: operands in, result out, each once
};

/// The operands of a problem, in the order the problem names them; identical for every contender.
struct Inputs {
  std::vector<Tensor> operands;
  int64_t bytes() const {
    int64_t sum = 0;
    for (const Tensor& t : operands) sum += t.bytes();
    return sum;
  }
};

}  // namespace breakeven
