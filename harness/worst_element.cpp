// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/worst_element.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "harness/operand.h"

namespace breakeven {

Check Worst::in_units_of(double unit, std::string metric) const {
  const auto held = [&](double value) { return std::isfinite(value) ? value / unit : kBeyondAll; };
  return {std::move(metric), held(error_), held(bound_), ratio_ <= 1 ? Verdict::ok : Verdict::wrong, where_};
}

std::vector<int64_t> pick(int64_t size, int64_t count, uint64_t seed, uint64_t stream) {
  std::set<int64_t> chosen{0, size - 1};
  for (uint64_t i = 0; static_cast<int64_t>(chosen.size()) < std::min(size, count); ++i) {
    chosen.insert(static_cast<int64_t>(uniform_word(seed, stream, i) % static_cast<uint64_t>(size)));
  }
  return {chosen.begin(), chosen.end()};
}

double root_mean_square(std::span<const double> values) {
  const double sum = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  const double rms = std::sqrt(sum / static_cast<double>(std::max<size_t>(values.size(), 1)));
  return rms > 0 ? rms : 1;
}

}  // namespace breakeven
