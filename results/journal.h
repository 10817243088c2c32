// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace breakeven {

/// The one writer of a result file: every line is whole and on disk (write + fdatasync) before the call
/// returns.
class Journal {
 public:
  /// Creates `path` (and its folder) and writes the run line. Throws UsageError when it cannot be written, or
  /// when a non-empty file stands there: results are never overwritten.
  static Journal create(const std::filesystem::path& path, const nlohmann::ordered_json& run);
  /// Reopens a file that was cut short: drops a torn last line and an end line, continues the hash. Throws
  /// UsageError.
  static Journal reopen(const std::filesystem::path& path);
  /// Writes one result line.
  void append(const nlohmann::ordered_json& record);
  /// Writes the end line: count of results and SHA-256 over all lines before it.
  void finish();

  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();

 private:
  Journal();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace breakeven
