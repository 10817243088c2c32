// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "harness/builtin_file.h"

namespace breakeven {

/// The suites, in the order of suites/meson.build.
std::span<const BuiltinFile> builtin_files();

}  // namespace breakeven
