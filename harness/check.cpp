// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/check.h"

#include <stdexcept>

#include "harness/check_conv.h"
#include "harness/check_gemm.h"
#include "harness/check_memory.h"
#include "harness/check_transfer.h"

namespace breakeven {
namespace {

/// `check` for each kind of problem.
struct CheckKind {
  const Inputs& inputs;
  const std::vector<Tensor>& outputs;
  const Judge& judge;
  Depth depth;
  uint64_t seed;
  double accumulate_roundoff;

  Check operator()(const Gemm& p) const {
    return check_gemm(p, inputs, outputs.at(0), judge, depth, seed, accumulate_roundoff);
  }
  Check operator()(const Conv2d& p) const {
    return check_conv(p, inputs, outputs.at(0), judge, depth, seed, accumulate_roundoff);
  }
  Check operator()(const MemoryOp& p) const { return check_memory(p, inputs, outputs, judge, depth, seed); }
  Check operator()(const Transfer& p) const { return check_transfer(p, inputs, outputs, judge, depth, seed); }
  Check operator()(const TrainTask&) const { throw std::logic_error("a training is checked by its trainer"); }
};

}  // namespace

Check check(const Problem& problem, const Inputs& inputs, const std::vector<Tensor>& outputs,
            const Judge& judge, Depth depth, uint64_t seed, double accumulate_roundoff) {
  return std::visit(CheckKind{inputs, outputs, judge, depth, seed, accumulate_roundoff}, problem);
}

}  // namespace breakeven
