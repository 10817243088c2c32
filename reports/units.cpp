// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/units.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

namespace breakeven {
namespace {

struct Prefix {
  double factor;
  std::string_view name;
};

std::string with_prefix(double value, std::string_view unit) {
  static constexpr std::array<Prefix, 8> kPrefixes{
      {{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {1, ""}, {1e-3, "m"}, {1e-6, "µ"}}};
  // 0.9995 of a step already rounds to 1.00 of it.
  for (const Prefix& prefix : kPrefixes) {
    if (value >= prefix.factor * 0.9995) {
      return fmt::format("{} {}{}", three_digits(value / prefix.factor), prefix.name, unit);
    }
  }
  return fmt::format("{} n{}", three_digits(value * 1e9), unit);
}

}  // namespace

std::string three_digits(double value) {
  if (!std::isfinite(value)) return "n/a";
  if (value == 0) return "0";
  const int before_point = static_cast<int>(std::floor(std::log10(std::abs(value) * 1.0005))) + 1;
  if (before_point > 3) return fmt::format("{:.0f}", value);
  if (before_point < -2) return fmt::format("{:.2g}", value);
  return fmt::format("{:.{}f}", value, 3 - std::max(before_point, 1));
}

std::string format_seconds(double seconds) {
  return seconds >= 1 ? three_digits(seconds) + " s" : with_prefix(seconds, "s");
}
std::string format_rate(double flops_per_second) { return with_prefix(flops_per_second, "FLOP/s"); }
std::string format_bandwidth(double bytes_per_second) { return with_prefix(bytes_per_second, "B/s"); }

std::string format_bytes(double bytes) {
  static constexpr std::array<Prefix, 5> kBinary{
      {{0x1p40, "TiB"}, {0x1p30, "GiB"}, {0x1p20, "MiB"}, {0x1p10, "KiB"}, {1, "B"}}};
  for (const Prefix& prefix : kBinary) {
    if (bytes >= prefix.factor) return fmt::format("{} {}", three_digits(bytes / prefix.factor), prefix.name);
  }
  return "0 B";
}

std::string format_share(double share) { return fmt::format("{:.0f} %", share * 100); }

}  // namespace breakeven
