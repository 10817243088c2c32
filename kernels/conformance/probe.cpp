// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conformance/probe.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/philox.h"

namespace breakeven::conformance {
namespace {

/// Distance in representable numbers: ordered as their bits are, with the sign folded in.
template <class Float, class Signed>
double ulps_between(Float a, Float b) {
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) == std::isnan(b) ? 0 : std::numeric_limits<double>::infinity();
  const auto ordered = [](Float v) {
    Signed bits;
    std::memcpy(&bits, &v, sizeof bits);
    return static_cast<double>(bits < 0 ? std::numeric_limits<Signed>::min() - bits : bits);
  };
  return std::abs(ordered(a) - ordered(b));
}

template <class Float, class Signed>
Difference compare_numbers(double tolerance, const Bytes& a, const Bytes& b) {
  Difference difference;
  for (size_t i = 0; i < a.size() / sizeof(Float); ++i) {
    const Float x = get<Float>(a, i), y = get<Float>(b, i);
    const double ulps = ulps_between<Float, Signed>(x, y);
    const double error = std::isinf(ulps) ? ulps
                         : ulps == 0      ? 0
                                          : std::abs(static_cast<double>(x) - static_cast<double>(y));
    difference.ulps = std::max(difference.ulps, ulps);
    difference.error = std::max(difference.error, error);
    if (!(error <= tolerance) && difference.first < 0) difference.first = static_cast<int64_t>(i);
  }
  difference.allowed = difference.first < 0;
  return difference;
}

Difference compare_bytes(const Bytes& a, const Bytes& b) {
  Difference difference;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (difference.first < 0) difference.first = static_cast<int64_t>(i);
    difference.error += 1;
  }
  difference.allowed = difference.first < 0;
  return difference;
}

}  // namespace

Bytes random_bytes(uint64_t seed, size_t count) {
  Bytes bytes(count);
  for (size_t i = 0; i < count; ++i) {
    bytes[i] = static_cast<std::byte>(philox(seed, i / 16, 0).word[i / 4 % 4] >> 8 * (i % 4));
  }
  return bytes;
}

Difference compare(const Probe& probe, const Bytes& a, const Bytes& b) {
  if (a.size() != b.size()) return {};
  switch (probe.content) {
    case Content::fp32:
      return compare_numbers<float, int32_t>(probe.tolerance, a, b);
    case Content::fp64:
      return compare_numbers<double, int64_t>(probe.tolerance, a, b);
    default:
      return compare_bytes(a, b);
  }
}

}  // namespace breakeven::conformance
