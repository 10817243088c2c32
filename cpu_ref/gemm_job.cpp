// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/gemm_job.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace breakeven::cpu {
namespace {

constexpr size_t kB = 1;  // among the operands

}  // namespace

GemmJob::GemmJob(const Gemm& gemm, const Inputs& inputs, const Placement& placement, Weights weights)
    : PlacedJob(gemm.results(), inputs, placement, 0,
                weights == Weights::own_layout ? std::optional(kB) : std::nullopt),
      gemm_(gemm) {}

Reason unless_one_of(const Gemm& gemm, const std::vector<Precision>& precisions) {
  if (std::ranges::find(precisions, gemm.precision) != precisions.end()) return std::nullopt;
  std::vector<std::string_view> names;
  for (const Precision p : precisions) names.push_back(name(p));
  return fmt::format("computes {}, not {}", fmt::join(names, ", "), name(gemm.precision));
}

}  // namespace breakeven::cpu
