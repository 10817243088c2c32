// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/standing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "results/attest.h"

namespace breakeven::cli {

std::string standing_of(const Kernel& kernel) {
  if (kernel.source.empty()) return "";
  if (kernel.code.empty()) return standing(attestations(), kernel.name, "");
  if (kernel.code.size() == 1) return standing(attestations(), kernel.name, kernel.code.front().sha256);
  std::vector<std::string> words;
  for (const MachineCode& code : kernel.code)
    words.push_back(fmt::format("{} {}", code.arch, standing(attestations(), kernel.name, code.sha256)));
  return fmt::format("{}", fmt::join(words, "; "));
}

std::optional<Finding> own_gpu_kernels(const std::vector<Backend>& backends) {
  std::map<std::string, bool> verified;  // kernel -> whether any of its code is
  for (const Backend& backend : backends) {
    for (const Kernel& kernel : backend.kernels) {
      if (kernel.source.empty() || kernel.timed == Timed::with_transfer) continue;
      verified[kernel.name] = std::ranges::any_of(kernel.code, [&](const MachineCode& code) {
        return is_verified(attestations(), kernel.name, code.sha256);
      });
    }
  }
  if (verified.empty()) return std::nullopt;
  std::vector<std::string> open;
  for (const auto& [name, is] : verified) {
    if (!is) open.push_back(name);
  }
  const std::string subject = "own GPU kernels";
  if (open.empty())
    return Finding{Severity::good, subject, fmt::format("all {} verified on a GPU", verified.size()), ""};
  return Finding{Severity::missing, subject,
                 fmt::format("{} of {} unverified, no GPU has passed their present code: {}", open.size(),
                             verified.size(), fmt::join(open, ", ")),
                 "scripts/gpu, on a machine with a GPU, checks them and writes what is to be kept"};
}

}  // namespace breakeven::cli
