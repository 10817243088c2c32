// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace breakeven::train {

/// P(T > t) of Student's distribution, `degrees` of freedom > 0 (not necessarily whole).
double student_t_tail(double t, double degrees);
/// The t beyond which lies `tail`, in (0, 1/2].
double student_t_critical(double tail, double degrees);

/// Welch's one-sided two-sample test of mean(a) - mean(b) > margin, variances unequal. At least two numbers each.
struct TTest {
  double t = 0, degrees = 0, p = 1;  // without any spread: t infinite and p 0, or t 0 and p 1
};
TTest greater(std::span<const double> a, std::span<const double> b, double margin = 0);

}  // namespace breakeven::train
