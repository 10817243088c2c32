// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/gemm_job.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

namespace breakeven::cpu {
namespace {

SlottedPages placed(const Tensor& operand, int64_t slots) {
  SlottedPages pages(slots, operand.bytes());
  pages.copy_in(operand.data());
  return pages;
}

}  // namespace

GemmJob::GemmJob(const Gemm& gemm, const Inputs& inputs, const Placement& placement, Weights weights)
    : gemm_(gemm),
      slots_(placement.slots),
      a_(placed(inputs.operands[0], slots_)),
      c_(slots_, gemm.outputs() * bytes(facts(gemm.precision).output)) {
  if (weights == Weights::as_given) b_ = placed(inputs.operands[1], slots_);
  if (gemm.epilogue == Epilogue::bias_relu) bias_ = placed(inputs.operands[2], slots_);
  c_.fill(kPoisonByte);
}

void GemmJob::poison() { c_.fill(kPoisonByte); }

std::vector<Tensor> GemmJob::outputs(int64_t slot) {
  std::vector<Tensor> made;
  made.push_back(gemm_.results()[0].make());
  std::memcpy(made[0].data(), c_.at(slot), static_cast<size_t>(made[0].bytes()));
  return made;
}

Reason unless_one_of(const Gemm& gemm, const std::vector<Precision>& precisions) {
  if (std::ranges::find(precisions, gemm.precision) != precisions.end()) return std::nullopt;
  std::vector<std::string_view> names;
  for (const Precision p : precisions) names.push_back(name(p));
  return fmt::format("computes {}, not {}", fmt::join(names, ", "), name(gemm.precision));
}

}  // namespace breakeven::cpu
