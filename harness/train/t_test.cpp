// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train/t_test.h"

#include <cmath>
#include <limits>
#include <numeric>

namespace breakeven::train {
namespace {

/// The continued fraction of the incomplete beta function, by Lentz's method; converges quickly for
/// x < (a + 1) / (a + b + 2). (DLMF 8.17.22)
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kEnough = 1e-15;
  constexpr int kMostTerms = 1000;
  const auto kept = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / kept(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m <= kMostTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    for (const double term : {even, odd}) {
      d = 1 / kept(1 + term * d);
      c = kept(1 + term / c);
      h *= d * c;
    }
    if (std::abs(d * c - 1) < kEnough) break;
  }
  return h;
}

/// Regularised: I_x(a, b).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
                                   : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

struct Moments {
  double mean, squared_error;  // the latter of the mean
};
Moments moments(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return {mean, squares / (n - 1) / n};
}

}  // namespace

double student_t_tail(double t, double degrees) {
  if (std::isinf(t)) return t > 0 ? 0 : 1;
  const double half = incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t)) / 2;
  return t > 0 ? half : 1 - half;
}

double student_t_critical(double tail, double degrees) {
  double low = 0, high = 1;
  while (student_t_tail(high, degrees) > tail && high < 1e9) high *= 2;
  for (int halvings = 0; halvings < 100; ++halvings) {
    const double middle = (low + high) / 2;
    (student_t_tail(middle, degrees) > tail ? low : high) = middle;
  }
  return high;
}

TTest greater(std::span<const double> a, std::span<const double> b, double margin) {
  const Moments x = moments(a), y = moments(b);
  const double difference = x.mean - y.mean - margin, variance = x.squared_error + y.squared_error;
  const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
  if (variance == 0) {
    const bool beyond = difference > 0;
    return {beyond ? std::numeric_limits<double>::infinity() : 0.0, n + m - 2, beyond ? 0.0 : 1.0};
  }
  // Welch and Satterthwaite.
  const double degrees = variance * variance / (x.squared_error * x.squared_error / (n - 1) +
                                                y.squared_error * y.squared_error / (m - 1));
  const double t = difference / std::sqrt(variance);
  return {t, degrees, student_t_tail(t, degrees)};
}

}  // namespace breakeven::train
