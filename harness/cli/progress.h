// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace breakeven::cli {

/// One line on standard error that says where a run is: case i of n, what it is doing, its median so far,
/// time left. Says nothing when standard error is not a terminal.
class ProgressLine {
 public:
  explicit ProgressLine(size_t cases);
  ~ProgressLine();
  void started(const std::string& id);
  void phase(std::string_view phase, double median_seconds);
  void finished();

 private:
  void draw(const std::string& text);
  std::string time_left() const;
  bool on_terminal_;
  size_t cases_, done_ = 0;
  std::string id_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace breakeven::cli
