// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace breakeven {

/// Three significant digits with a prefix: 0.0123 -> "12.3 ms".
std::string format_seconds(double seconds);
/// "482 GFLOP/s", "1.21 TFLOP/s".
std::string format_rate(double flops_per_second);
/// "28.4 GB/s" (powers of ten, as bandwidths are given).
std::string format_bandwidth(double bytes_per_second);
/// "23.5 GiB".
std::string format_bytes(double bytes);
/// 0.834 -> "83 %".
std::string format_share(double share);
/// Three significant digits without prefix: 482.13 -> "482", 4.0712 -> "4.07".
std::string three_digits(double value);

}  // namespace breakeven
