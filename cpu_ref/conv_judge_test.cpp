// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/conv_judge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "cpu_ref/conv_shapes.h"

namespace breakeven::cpu {
namespace {

/// One pass over every product that the definition has (conv2d.h), scattered into whichever result is asked.
std::vector<long double> by_definition(const Conv2d& v, const Inputs& inputs) {
  std::vector<long double> out(static_cast<size_t>(v.results()[0].size()));
  const int64_t depth = v.c / v.groups, filters = v.k / v.groups;
  const Tensor &first = inputs.operands[0], &second = inputs.operands[1];
  for (int64_t n = 0; n < v.n; ++n)
    for (int64_t p = 0; p < v.p(); ++p)
      for (int64_t q = 0; q < v.q(); ++q)
        for (int64_t k = 0; k < v.k; ++k)
          for (int64_t i = 0; i < v.r; ++i)
            for (int64_t j = 0; j < v.s; ++j)
              for (int64_t l = 0; l < depth; ++l) {
                const int64_t h = p * v.stride - v.padding + i * v.dilation;
                const int64_t w = q * v.stride - v.padding + j * v.dilation;
                if (h < 0 || h >= v.h || w < 0 || w >= v.w) continue;
                const int64_t x = ((n * v.h + h) * v.w + w) * v.c + k / filters * depth + l;
                const int64_t f = ((k * v.r + i) * v.s + j) * depth + l;
                const int64_t y = ((n * v.p() + p) * v.q() + q) * v.k + k;
                const auto [to, a, b] = v.direction == Direction::forward         ? std::tuple(y, x, f)
                                        : v.direction == Direction::backward_data ? std::tuple(x, y, f)
                                                                                  : std::tuple(f, x, y);
                out[static_cast<size_t>(to)] += static_cast<long double>(first.at(a)) * second.at(b);
              }
  if (v.epilogue == Epilogue::bias_relu) {
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = std::max(0.0L, out[i] + inputs.operands[2].at(static_cast<int64_t>(i) % v.k));
  }
  return out;
}

std::vector<int64_t> every(int64_t size) {
  std::vector<int64_t> all(static_cast<size_t>(size));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

TEST(ConvJudge, AgreesWithTheDefinition) {
  for (const Precision precision : {Precision::fp64, Precision::bf16, Precision::int8}) {
    for (const Conv2d& conv : ragged_convolutions(precision)) {
      const Inputs inputs = conv.inputs(5);
      const std::vector<long double> expected = by_definition(conv, inputs);
      const std::vector<double> got = convolve_at(conv, inputs, every(static_cast<int64_t>(expected.size())));
      for (size_t i = 0; i < got.size(); ++i) {
        const double allowed = precision == Precision::int8 && conv.epilogue == Epilogue::none ? 0 : 1e-13;
        ASSERT_NEAR(got[i], static_cast<double>(expected[i]), allowed * (1 + std::abs(got[i])))
            << conv.name() << " " << i;
      }
    }
  }
}

/// Few probes go another way through the judge than many.
TEST(ConvJudge, FewProbesSeeWhatAllSee) {
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    for (const Conv2d& conv : ragged_convolutions(precision)) {
      const Inputs inputs = conv.inputs(6);
      const std::vector<double> all = convolve_at(conv, inputs, every(conv.results()[0].size()));
      std::vector<int64_t> some;
      for (size_t at = 0; at < all.size(); at += 5 + at / 7) some.push_back(static_cast<int64_t>(at));
      if (some.size() * 4 >= all.size()) some.resize(1);
      const std::vector<double> got = convolve_at(conv, inputs, some);
      for (size_t i = 0; i < some.size(); ++i) {
        ASSERT_NEAR(got[i], all[static_cast<size_t>(some[i])], 1e-13 * (1 + std::abs(got[i]))) << conv.name();
      }
    }
  }
}

double sum_of_products(const Tensor& a, const std::vector<double>& b) {
  double sum = 0;
  for (int64_t i = 0; i < a.size(); ++i) sum += a.at(i) * b[static_cast<size_t>(i)];
  return sum;
}

/// dx and dw are the gradients of L = sum dy y(x, w): moving one element of x or w by h moves L by h times
/// the gradient, exactly but for rounding, because y is linear in each.
void expect_gradient(const Conv2d& conv, Direction direction) {
  Conv2d forward = conv, backward = conv;
  forward.direction = Direction::forward;
  backward.direction = direction;
  forward.epilogue = backward.epilogue = Epilogue::none;
  Inputs given = forward.inputs(8);
  const Inputs other = backward.inputs(9);
  const bool data = direction == Direction::backward_data;
  Inputs asked;
  asked.operands.push_back((data ? other.operands[0] : given.operands[0]).clone());
  asked.operands.push_back((data ? given.operands[1] : other.operands[1]).clone());
  const Tensor& dy = other.operands[data ? 0 : 1];
  const Tensor& moved = given.operands[data ? 0 : 1];
  const std::vector<int64_t> all_y = every(forward.results()[0].size());
  const std::vector<double> gradient = convolve_at(backward, asked, every(moved.size()));
  for (int64_t at = 0; at < moved.size(); at += 1 + moved.size() / 12) {
    const double before = moved.as<double>()[at], step = 0.25;
    moved.as<double>()[at] = before + step;
    const double up = sum_of_products(dy, convolve_at(forward, given, all_y));
    moved.as<double>()[at] = before - step;
    const double down = sum_of_products(dy, convolve_at(forward, given, all_y));
    moved.as<double>()[at] = before;
    ASSERT_NEAR((up - down) / (2 * step), gradient[static_cast<size_t>(at)], 1e-11)
        << backward.name() << " " << at;
  }
}

TEST(ConvJudge, BackwardPassesAreTheGradientsOfForward) {
  for (const Conv2d& conv : ragged_convolutions(Precision::fp64)) {
    if (conv.direction != Direction::forward) continue;
    expect_gradient(conv, Direction::backward_data);
    expect_gradient(conv, Direction::backward_weights);
  }
}

}  // namespace
}  // namespace breakeven::cpu
