// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernels/cuda/lt_matmul.h"

namespace breakeven::cuda {

/// The heuristic is asked for this many algorithms; on most shapes it has fewer.
inline constexpr int kMostCandidates = 32;

/// An algorithm and its place in the heuristic's order, from 0.
struct LtCandidate {
  cublasLtMatmulHeuristicResult_t result;
  int rank;
};

/// The fastest of `offered`, by the clock, on the operands it will be measured on. One that fails is left
/// out; throws Unsupported when all do.
LtCandidate fastest(LtMatmul&, const std::vector<cublasLtMatmulHeuristicResult_t>& offered, const PlacedGemm&,
                    const DeviceBuffer& workspace, const ContextPtr&);

}  // namespace breakeven::cuda
