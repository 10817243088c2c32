// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "reports/units.h"

namespace breakeven::cli {
namespace {

size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

ProgressLine::ProgressLine(size_t cases) : on_terminal_(isatty(STDERR_FILENO) == 1), cases_(cases) {}

ProgressLine::~ProgressLine() { draw(""); }

void ProgressLine::started(const std::string& id) {
  id_ = id;
  phase("starting", 0);
}

void ProgressLine::phase(std::string_view phase, double median_seconds) {
  draw(fmt::format("[{}/{}{}] {}  {}{}", done_ + 1, cases_, time_left(), id_, phase,
                   median_seconds > 0 ? fmt::format(" {}", format_seconds(median_seconds)) : ""));
}

void ProgressLine::finished() { ++done_; }

std::string ProgressLine::time_left() const {
  if (done_ == 0) return "";
  const double spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const double left = spent / static_cast<double>(done_) * static_cast<double>(cases_ - done_);
  return left < 90 ? fmt::format(", about {:.0f} s left", left)
                   : fmt::format(", about {:.0f} min left", left / 60);
}

void ProgressLine::draw(const std::string& text) {
  if (!on_terminal_) return;
  fmt::print(stderr, "\r\033[K{}", text.substr(0, terminal_width() - 1));
  std::fflush(stderr);
}

}  // namespace breakeven::cli
