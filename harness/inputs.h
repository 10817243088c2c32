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

/// An operand or a result before there is memory for it.
struct ArrayShape {
  Element element = Element::fp32;
  std::vector<int64_t> extents;

  int64_t size() const;   // elements
  int64_t bytes() const;  // does not overflow for what the parsers let through
  Tensor make() const { return Tensor(element, extents); }
  bool operator==(const ArrayShape&) const = default;
};

/// Bytes of all arrays together.
int64_t bytes(const std::vector<ArrayShape>&);

}  // namespace breakeven
