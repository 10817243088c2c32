// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "kernels/emu/lt/matmul_algorithm.h"

namespace breakeven::emu {

/// One multiplication with everything it needs, as it stands on a stream.
struct LtWork {
  LtProblem problem;
  LtIdea idea = LtIdea::straight;
  double alpha = 1, beta = 0;
  const void *a = nullptr, *b = nullptr, *c = nullptr;
  void* d = nullptr;
  std::byte* workspace = nullptr;
  uint64_t workspace_bytes = 0;  // as the algorithm asked: it may write all of them
};

/// By plain loops, in the type that the problem computes in.
void multiply(const LtWork&);

}  // namespace breakeven::emu
