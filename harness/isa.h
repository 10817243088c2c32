// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/system_files.h"

namespace breakeven {

/// Instruction sets that matter here, of those in the first processor of /proc/cpuinfo, whose registers the
/// operating system saves. A CPU can have AMX and a program yet not be let near it.
std::vector<std::string> usable_isa(const SystemFiles&, std::string_view processor);

/// A matrix unit that must be asked for (AMX): the CPU has none; has one that no program may use; or it may
/// be used.
enum class UnitAccess : uint8_t { absent, refused, usable };
UnitAccess amx_access(const SystemFiles&, std::string_view processor);

}  // namespace breakeven
