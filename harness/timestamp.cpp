// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/timestamp.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>

namespace breakeven {

std::string timestamp_now() {
  const auto now = std::chrono::system_clock::now();
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()) % 1000;
  const std::tm utc = fmt::gmtime(std::chrono::system_clock::to_time_t(now));
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", utc, milliseconds.count());
}

std::string timestamp_for_file() {
  return fmt::format("{:%Y%m%dT%H%M%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

}  // namespace breakeven
