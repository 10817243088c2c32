// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/result.h"

#include <array>

#include "harness/timestamp.h"

namespace breakeven {
namespace {

constexpr std::array<std::string_view, 7> kStatus{"ok",      "skipped", "wrong",      "failed",
                                                  "timeout", "oom",     "device_lost"};
constexpr std::array<std::string_view, 4> kStop{"none", "interval", "time", "samples"};

}  // namespace

std::string_view name(Status status) { return kStatus[static_cast<size_t>(status)]; }
std::string_view name(Stop stop) { return kStop[static_cast<size_t>(stop)]; }

std::optional<Status> parse_status(std::string_view text) {
  for (size_t i = 0; i < kStatus.size(); ++i) {
    if (kStatus[i] == text) return static_cast<Status>(i);
  }
  return std::nullopt;
}

Result not_measured(Status status, std::string reason) {
  Result result;
  result.status = status;
  result.reason = std::move(reason);
  result.started = timestamp_now();
  return result;
}

}  // namespace breakeven
