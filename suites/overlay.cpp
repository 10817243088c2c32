// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/overlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "harness/usage_error.h"

namespace breakeven {
namespace fs = std::filesystem;
namespace {

/// The value of an environment variable that holds an absolute path. (The XDG specification ignores relative
/// ones.)
std::optional<fs::path> absolute_from(const char* variable) {
  const char* value = std::getenv(variable);
  if (!value || value[0] != '/') return std::nullopt;
  return fs::path(value);
}

}  // namespace

std::optional<fs::path> overlay_folder(const std::optional<fs::path>& catalog) {
  std::error_code ignored;
  if (catalog) {
    if (!fs::is_directory(*catalog, ignored)) {
      throw UsageError(fmt::format("{}: not a folder; give --catalog a folder", catalog->string()));
    }
    return catalog;
  }
  std::optional<fs::path> config = absolute_from("XDG_CONFIG_HOME");
  if (!config) {
    if (const auto home = absolute_from("HOME")) config = *home / ".config";
  }
  if (!config || !fs::is_directory(*config / "breakeven", ignored)) return std::nullopt;
  return *config / "breakeven";
}

std::vector<fs::path> overlay_suite_files(const fs::path& folder) {
  const fs::path suites = folder / "suites";
  std::error_code error;
  if (!fs::exists(suites, error)) return {};
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(suites, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() == ".toml" && !path.filename().string().starts_with('.')) files.push_back(path);
  }
  if (error) {
    throw UsageError(fmt::format("{}: cannot be listed ({}); make it a readable folder", suites.string(),
                                 error.message()));
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace breakeven
