// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/runtime/failures.h"

#include <cstdlib>

namespace breakeven::emu {

bool failing(std::string_view kind) { return failing(kind, ""); }

bool failing(std::string_view kind, std::string_view name) {
  const char* wanted = std::getenv("BREAKEVEN_EMU_FAIL");
  if (!wanted) return false;
  const std::string_view text = wanted;
  const size_t colon = text.find(':');
  if (text.substr(0, colon) != kind) return false;
  return colon == text.npos || name.find(text.substr(colon + 1)) != name.npos;
}

}  // namespace breakeven::emu
