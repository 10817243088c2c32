// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "harness/system_files.h"

namespace breakeven {

/// The hypervisor this system runs under ("kvm", "hyper-v", "vm" where it does not tell); "" for none.
std::string hypervisor(const SystemFiles&, std::string_view processor);
/// The container this process runs in ("docker", "podman", "kubernetes"); "" for none.
std::string container(const SystemFiles&);
/// Both in one: "kvm container:docker".
std::string virtualisation(const SystemFiles&, std::string_view processor);

}  // namespace breakeven
