// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/problem.h"

namespace breakeven {

enum class Verdict : uint8_t { none, ok, wrong };

/// How an answer compared with the judge's. `error` and `bound` are in one unit: multiples of the root mean
/// square of the judge's answer (for integers: of 1), taken at the element that came nearest to, or went
/// furthest beyond, its own bound.
struct Check {
  std::string metric;  // "elements" (every one), "probes+freivalds", "probes"
  double error = 0, bound = 0;
  Verdict verdict = Verdict::none;
  std::string where;  // for a wrong answer: which element, got and expected
};

/// The judge: exact-as-possible values of the results at row-major positions `probes` (of several results,
/// all their elements in one sequence), by plain loops in double (long double for fp64 inputs). A function,
/// so that the harness knows nobody who computes.
using Judge =
    std::function<std::vector<double>(const Problem&, const Inputs&, std::span<const int64_t> probes)>;

/// How much of the answer to look at.
enum class Depth : uint8_t { whole, probes };

/// Holds `outputs` against the judge. `whole`: every element of small problems; for large ones 256 probed
/// elements and, of sums of products, Freivalds' test of the whole (Freivalds 1977: C x = A (B x) for random
/// x; two vectors of +-1). `accumulate_roundoff`: of a contender that accumulates in less than its precision
/// does, else 0.
Check check(const Problem&, const Inputs&, const std::vector<Tensor>& outputs, const Judge&, Depth,
            uint64_t seed, double accumulate_roundoff = 0);

}  // namespace breakeven
