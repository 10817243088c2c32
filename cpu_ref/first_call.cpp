// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/first_call.h"

namespace breakeven::cpu {

std::optional<double> first_library_seconds([[maybe_unused]] std::string_view library) {
#if BREAKEVEN_OPENBLAS
  if (library == "openblas") return first_openblas_seconds();
#endif
#if BREAKEVEN_ONEDNN
  if (library == "onednn") return first_onednn_seconds();
#endif
  return std::nullopt;
}

}  // namespace breakeven::cpu
