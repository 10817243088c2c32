// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cublasLt.h>

#include <vector>

#include "kernels/emu/lt/matmul_problem.h"

namespace breakeven::emu {

/// What an algorithm of the stand-in does differently; each a trap for host code that does not look.
enum class LtIdea : uint8_t {
  split_k,       // two halves of k, their partial sums in the workspace
  tensor_cores,  // for fp32 inputs: rounds them to tf32, and says so in its flags
  straight,      // one sum over k
  backwards,     // the same from the end
};

struct LtAlgorithm {
  LtIdea idea = LtIdea::straight;
  uint64_t problem = 0;  // fingerprint
  uint64_t workspace_bytes = 0;
};

/// The algorithms that can do it, the one that is called the fastest first.
std::vector<LtAlgorithm> algorithms_for(const LtProblem&, const LtPreference&);

/// An algorithm as the caller keeps it, and back. Throws LtError for bytes that are none of ours.
cublasLtMatmulAlgo_t sealed(const LtAlgorithm&);
LtAlgorithm unsealed(const cublasLtMatmulAlgo_t*);

}  // namespace breakeven::emu
