// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/kernel_of_kinds.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace breakeven {
namespace {

using Kinds = std::shared_ptr<const std::vector<Kernel>>;

/// Null when none answers.
const Kernel* answering(const Kinds& kinds, const Problem& problem) {
  const auto found =
      std::ranges::find_if(*kinds, [&](const Kernel& kernel) { return answers_kind(kernel, problem); });
  return found == kinds->end() ? nullptr : &*found;
}

bool agree(const Kernel& a, const Kernel& b) {
  return a.name == b.name && a.timed == b.timed && a.rank == b.rank && a.clock == b.clock &&
         a.accumulate_roundoff == b.accumulate_roundoff && a.source.empty() && b.source.empty();
}

std::string summaries(const std::vector<Kernel>& kinds) {
  std::string all = kinds[0].summary;
  for (size_t i = 1; i < kinds.size(); ++i) {
    if (all.find(kinds[i].summary) == all.npos) all += "; " + kinds[i].summary;
  }
  return all;
}

}  // namespace

Kernel one_of(std::vector<Kernel> list) {
  if (list.empty()) throw std::logic_error("one_of: no kernels");
  if (list.size() == 1) return std::move(list[0]);
  for (const Kernel& kernel : list) {
    if (!agree(list[0], kernel))
      throw std::logic_error("one_of: kernels named " + list[0].name + " disagree");
  }
  Kernel made = list[0];
  made.summary = summaries(list);
  const Kinds kinds = std::make_shared<const std::vector<Kernel>>(std::move(list));
  made.why_not = [kinds](const Problem& problem) {
    const Kernel* kernel = answering(kinds, problem);
    return kernel ? kernel->why_not(problem) : Reason(kNotThisKind);
  };
  made.prepare = [kinds](const Problem& problem, const Inputs& inputs, const Placement& placement) {
    const Kernel* kernel = answering(kinds, problem);
    if (!kernel) throw Unsupported(std::string(kNotThisKind));
    return kernel->prepare(problem, inputs, placement);
  };
  for (const Kernel& kernel : *kinds) {
    if (kernel.compile) made.compile = kernel.compile;  // one kind alone is compiled
  }
  made.reserved = [kinds](const Problem& problem) {
    const Kernel* kernel = answering(kinds, problem);
    return kernel && kernel->reserved && kernel->reserved(problem);
  };
  made.scratch_bytes = [kinds](const Problem& problem) {
    const Kernel* kernel = answering(kinds, problem);
    return kernel && kernel->scratch_bytes ? kernel->scratch_bytes(problem) : int64_t{0};
  };
  made.typical_rate = 0;
  made.typical_rate_by_kind = [kinds](const Problem& problem) {
    const Kernel* kernel = answering(kinds, problem);
    return kernel ? typical_rate(*kernel, problem) : 0.0;
  };
  return made;
}

bool answers_kind(const Kernel& kernel, const Problem& problem) {
  return kernel.why_not(problem) != Reason(kNotThisKind);
}

double typical_rate(const Kernel& kernel, const Problem& problem) {
  return kernel.typical_rate_by_kind ? kernel.typical_rate_by_kind(problem) : kernel.typical_rate;
}

}  // namespace breakeven
