// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace breakeven::cli {

inline constexpr const char* kVersion = BREAKEVEN_VERSION;

/// `git describe` of the tree this was built from; "unknown" outside a checkout.
std::string git_version();

}  // namespace breakeven::cli
