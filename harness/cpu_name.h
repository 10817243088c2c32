// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace breakeven {

/// The CPU's name from the first processor of /proc/cpuinfo. Where a hypervisor hides the model number, the
/// microarchitecture is added as far as family and model are proof of it: "AMD EPYC (Zen 5)". Arm tells
/// numbers only.
std::string cpu_name(std::string_view processor);

}  // namespace breakeven
