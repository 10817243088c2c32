// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

namespace breakeven {

/// The folder whose `suites/*.toml` add to the built-in problems: `catalog` where given (then it must be a
/// folder), else `$XDG_CONFIG_HOME/breakeven` or `~/.config/breakeven`. Nothing when there is no such folder.
std::optional<std::filesystem::path> overlay_folder(const std::optional<std::filesystem::path>& catalog);

/// `*.toml` in `<folder>/suites`, hidden files apart, by name: the same order on every machine.
std::vector<std::filesystem::path> overlay_suite_files(const std::filesystem::path& folder);

}  // namespace breakeven
