// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/gemm.h"

#include <fmt/format.h>

#include <charconv>

#include "harness/problem.h"
#include "harness/usage_error.h"

namespace breakeven {
namespace {

// Keeps b*m*n*k and every byte count far from overflow; the largest published GEMM dimension is near 2^20.
constexpr int64_t kLargestDimension = int64_t{1} << 24;
constexpr double kMostElements = 0x1p40;

/// Takes "<letter><positive integer>" off the front of `text`.
bool take(std::string_view& text, char letter, int64_t& value, std::string* why) {
  if (text.empty() || text.front() != letter) {
    *why = fmt::format("'{}<number>' expected at '{}'", letter, shown(text));
    return false;
  }
  text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view digits = text.substr(0, static_cast<size_t>(end - text.data()));
  if (error == std::errc::invalid_argument) {
    *why = fmt::format("{} needs a whole number, not '{}'", letter, shown(text));
    return false;
  }
  if (error != std::errc() || value < 1 || value > kLargestDimension) {
    *why = fmt::format("{}={} is not between 1 and {}", letter, shown(digits), kLargestDimension);
    return false;
  }
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

}  // namespace

std::string Gemm::name() const {
  return fmt::format("{}m{}n{}k{}{}", batch > 1 ? fmt::format("b{}", batch) : "", m, n, k,
                     epilogue == Epilogue::bias_relu ? "+bias_relu" : "");
}

Work Gemm::work() const {
  const Footprint f = footprint(*this);
  return {2.0 * static_cast<double>(batch) * static_cast<double>(m) * static_cast<double>(n) *
              static_cast<double>(k),
          static_cast<double>(f.inputs) + static_cast<double>(f.output)};
}

Inputs Gemm::inputs(uint64_t seed) const {
  Inputs made;
  made.operands.emplace_back(facts(precision).input, std::vector{batch, m, k});
  made.operands.emplace_back(facts(precision).input, std::vector{batch, k, n});
  fill_uniform(made.operands[0], precision, seed, 0);
  fill_uniform(made.operands[1], precision, seed, 1);
  if (epilogue == Epilogue::bias_relu) {
    made.operands.emplace_back(bias_element(), std::vector{n});
    fill_uniform(made.operands[2], precision == Precision::fp64 ? Precision::fp64 : Precision::fp32, seed, 2);
  }
  return made;
}

std::optional<Gemm> parse_gemm(std::string_view text, Precision precision, std::string* why) {
  Gemm gemm{.precision = precision};
  if (!text.empty() && text.front() == 'b' && !take(text, 'b', gemm.batch, why)) return std::nullopt;
  if (!take(text, 'm', gemm.m, why) || !take(text, 'n', gemm.n, why) || !take(text, 'k', gemm.k, why)) {
    return std::nullopt;
  }
  if (text == "+bias_relu") {
    gemm.epilogue = Epilogue::bias_relu;
  } else if (!text.empty()) {
    *why = fmt::format("'{}' left over after m..n..k.. (only '+bias_relu' may follow)", shown(text));
    return std::nullopt;
  }
  const double b = static_cast<double>(gemm.batch), m = static_cast<double>(gemm.m);
  const double n = static_cast<double>(gemm.n), k = static_cast<double>(gemm.k);
  if (b * m * n > kMostElements || b * m * k > kMostElements || b * k * n > kMostElements) {
    *why = "an operand of more than 2^40 elements";
    return std::nullopt;
  }
  return gemm;
}

Footprint footprint(const Problem& problem) {
  return std::visit(
      [](const Gemm& g) {
        const PrecisionFacts& f = facts(g.precision);
        const int64_t bias = g.epilogue == Epilogue::bias_relu ? g.n * bytes(g.bias_element()) : 0;
        return Footprint{g.batch * g.k * (g.m + g.n) * bytes(f.input) + bias, g.outputs() * bytes(f.output)};
      },
      problem);
}

}  // namespace breakeven
