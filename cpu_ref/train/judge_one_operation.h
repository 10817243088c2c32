// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <utility>

#include "cpu_ref/train/judge_operations.h"

namespace breakeven::cpu {

using Numbers = std::vector<double>;

/// A program of one operation on values and parameters of given shapes, in order.
struct OneOperation {
  OneOperation(train::Op op, const std::vector<std::vector<int64_t>>& shapes,
               const std::vector<std::vector<int64_t>>& parameters = {})
      : op(std::move(op)) {
    for (const auto& shape : shapes) program.values.push_back({"value", shape});
    for (const auto& shape : parameters) {
      train::Parameter p{.name = "parameter", .shape = shape, .offset = program.arena_size(), .size = 1};
      for (const int64_t extent : shape) p.size *= extent;
      this->op.parameters.push_back(static_cast<int>(program.parameters.size()));
      program.parameters.push_back(std::move(p));
    }
    arrays.values.resize(shapes.size());
    arrays.parameters.assign(static_cast<size_t>(program.arena_size()), 0.0);
    arrays.gradients = arrays.parameters;
  }
  void run(train::Mode mode = train::Mode::training) { judge_operation(program, op, arrays, mode); }
  void set(size_t parameter, const Numbers& numbers) {
    std::ranges::copy(numbers, arrays.parameters.begin() + program.parameters[parameter].offset);
  }
  Numbers gradient(size_t parameter) const {
    const auto first = arrays.gradients.begin() + program.parameters[parameter].offset;
    return {first, first + program.parameters[parameter].size};
  }
  train::Op op;
  train::Program program;
  train::Arrays arrays;
};

}  // namespace breakeven::cpu
