// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/capability.h"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "kernels/cuda/cuda_check.h"

namespace breakeven::cuda {
namespace {

Reason needs_capability(bool present, std::string_view what, int capability) {
  if (present) return std::nullopt;
  return fmt::format("needs compute capability {}, and this device has {}.{}", what, capability / 10,
                     capability % 10);
}

}  // namespace

Reason needs_ampere(Precision, int capability) {
  return needs_capability(capability >= 80, "8.0 or newer", capability);
}

Reason needs_ampere_but_for_fp16(Precision precision, int capability) {
  if (precision == Precision::fp16) return needs_capability(capability >= 75, "7.5 or newer", capability);
  return needs_ampere(precision, capability);
}

Reason needs_hopper(Precision, int capability) {
  return needs_capability(capability == 90, "9.0", capability);
}

void require_code(const void* kernel, int oldest) {
  cudaFuncAttributes attributes;
  check_cuda(cudaFuncGetAttributes(&attributes, kernel), "asking for a kernel's attributes");
  const int version = attributes.ptxVersion;
  if (version >= oldest) return;
  throw Unsupported(
      fmt::format("this kernel needs code for compute capability {}.{} or newer, and of this build's only "
                  "that for {}.{} runs "
                  "here; set it up again with -Dgpu_arch=<this GPU's architecture>",
                  oldest / 10, oldest % 10, version / 10, version % 10));
}

}  // namespace breakeven::cuda
