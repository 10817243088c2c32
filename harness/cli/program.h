// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace breakeven::cli {

/// What one start of the program did; for tests.
struct Outcome {
  int exit_code = -1;
  std::string out, err;
};

/// Starts the program under test (named by $BREAKEVEN) in `folder` and waits for it.
Outcome start(const std::vector<std::string>& arguments, const std::filesystem::path& folder = ".");

/// An empty folder that goes with this object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The text of a file, and the other way.
std::string read(const std::filesystem::path&);
void write(const std::filesystem::path&, const std::string& text);

}  // namespace breakeven::cli
