// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/train/product.h"
#include "kernels/emu/runtime/seed.h"

// The products of trainings, each tile of each precision in all three directions, against plain loops.

namespace breakeven::cuda {
namespace {

ContextPtr context() {
  static const auto opened = std::make_shared<const Context>(0);
  opened->use();
  return opened;
}

/// To the nearest tf32, ties away from zero.
double rounded_to_tf32(double x) {
  const auto bits = std::bit_cast<uint32_t>(static_cast<float>(x));
  return static_cast<double>(std::bit_cast<float>((bits + 0x1000u) & ~0x1FFFu));
}

struct Wanted {
  std::vector<double> sums, sizes;  // of the products' absolute values
};

Wanted wanted(const Conv2d& c, const Inputs& inputs) {
  const auto read = [&](size_t operand) {
    const Tensor& t = inputs.operands[operand];
    std::vector<double> values(static_cast<size_t>(t.size()));
    t.decode(0, 1, values);
    if (c.precision == Precision::tf32) {
      for (double& v : values) v = rounded_to_tf32(v);
    }
    return values;
  };
  const std::vector<double> first = read(0), second = read(1);
  const auto count = static_cast<size_t>(c.results()[0].size());
  Wanted result{std::vector<double>(count), std::vector<double>(count)};
  const auto meet = [&](int64_t x, int64_t w, int64_t y) {
    const int64_t a = c.direction == Direction::backward_data ? y : x;
    const int64_t b = c.direction == Direction::backward_weights ? y : w;
    const int64_t to = c.direction == Direction::forward         ? y
                       : c.direction == Direction::backward_data ? x
                                                                 : w;
    const double product = first[static_cast<size_t>(a)] * second[static_cast<size_t>(b)];
    result.sums[static_cast<size_t>(to)] += product;
    result.sizes[static_cast<size_t>(to)] += std::abs(product);
  };
  const int64_t outputs = c.n * c.p() * c.q();
  for (int64_t at = 0; at < outputs * c.r * c.s; ++at) {
    const int64_t j = at % c.s, i = at / c.s % c.r, output = at / c.s / c.r;
    const int64_t q = output % c.q(), p = output / c.q() % c.p(), n = output / c.q() / c.p();
    const int64_t row = p * c.stride - c.padding + i, column = q * c.stride - c.padding + j;
    if (row < 0 || row >= c.h || column < 0 || column >= c.w) continue;
    for (int64_t k = 0; k < c.k; ++k) {
      for (int64_t l = 0; l < c.c; ++l)
        meet(((n * c.h + row) * c.w + column) * c.c + l, ((k * c.r + i) * c.s + j) * c.c + l,
             output * c.k + k);
    }
  }
  return result;
}

DeviceBuffer placed(const Tensor& tensor) {
  DeviceBuffer buffer(tensor.bytes(), 1, context()->stream());
  buffer.upload(tensor.data(), context()->stream());
  return buffer;
}

/// Roundings of the result: weights' gradients are fp32.
double roundoff(const Conv2d& c) {
  if (c.direction == Direction::backward_weights) return 0;
  return facts(c.precision).output_roundoff;
}

Element result_element(const Conv2d& c) {
  return c.direction == Direction::backward_weights ? Element::fp32 : facts(c.precision).output;
}

/// Forward: relu(0.5 sum + bias), and what was before it. Weights: added twice.
void expect_product(const Conv2d& c, ProductTile tile) {
  SCOPED_TRACE(c.name() + " " + std::string(name(c.precision)));
  Conv2d given = c;
  if (c.precision == Precision::tf32) given.precision = Precision::fp32;  // not rounded yet
  const Inputs inputs = given.inputs(3);
  const Wanted sums = wanted(c, inputs);
  const bool forward = c.direction == Direction::forward, twice = c.direction == Direction::backward_weights;
  const DeviceBuffer first = placed(inputs.operands[0]), second = placed(inputs.operands[1]);
  Tensor result(result_element(c), {c.results()[0].size()}), before(result_element(c), {result.size()});
  DeviceBuffer out(result.bytes(), 1, context()->stream()), kept(result.bytes(), 1, context()->stream());
  out.fill(0, context()->stream());
  std::vector<float> bias(static_cast<size_t>(c.k));
  for (size_t i = 0; i < bias.size(); ++i) bias[i] = 0.25f * static_cast<float>(i % 5) - 0.5f;
  DeviceBuffer biases(c.k * 4, 1, context()->stream());
  biases.upload(bias.data(), context()->stream());
  const TrainProduct product(*context(), c, tile);
  DeviceBuffer partial(std::max<int64_t>(4, product.scratch().sum_bytes), 1, context()->stream());
  DeviceBuffer arrived(std::max<int64_t>(4, product.scratch().tiles * 4), 1, context()->stream());
  arrived.fill(0, context()->stream());
  const auto extent = [](int64_t value) { return static_cast<int>(value); };
  const ConvArguments arguments{first.at(0),
                                second.at(0),
                                nullptr,
                                out.at(0),
                                extent(c.n),
                                extent(c.c),
                                extent(c.h),
                                extent(c.w),
                                extent(c.k),
                                extent(c.r),
                                extent(c.s),
                                extent(c.p()),
                                extent(c.q()),
                                extent(c.stride),
                                extent(c.padding),
                                1,
                                1};
  ProductEnd end{.scale = 0.5f, .accumulate = twice};
  if (forward) {
    end.bias = biases.as<float>(), end.before = kept.at(0);
    end.activation = train::Activation::relu;
  }
  for (int i = 0; i < (twice ? 2 : 1); ++i)
    product.launch(arguments, end, {partial.as<float>(), arrived.as<unsigned>()});
  out.download(0, result.data(), context()->stream());
  out.check_guards(0, "the result", context()->stream());
  if (forward) kept.download(0, before.data(), context()->stream());
  for (int64_t i = 0; i < result.size(); ++i) {
    const double sum = sums.sums[static_cast<size_t>(i)];
    double value = twice ? sum : 0.5 * sum;
    if (forward) value += static_cast<double>(bias[static_cast<size_t>(i % c.k)]);
    const double allowed = 1e-5 * (1 + sums.sizes[static_cast<size_t>(i)]) + roundoff(c) * std::abs(value);
    if (forward) {
      ASSERT_NEAR(before.at(i), value, allowed) << i;
      value = std::max(value, 0.0);
    }
    ASSERT_NEAR(result.at(i), value, allowed) << i;
  }
}

class TrainProducts : public testing::TestWithParam<Precision> {};

TEST_P(TrainProducts, AgreeWithPlainLoops) {
  const Conv2d conv{.n = 2, .c = 16, .h = 9, .w = 7, .k = 24, .r = 3, .s = 3, .stride = 2, .padding = 1};
  const Conv2d linear{.n = 133, .c = 72, .h = 1, .w = 1, .k = 136, .r = 1, .s = 1};
  const Conv2d odd{.n = 2, .c = 3, .h = 6, .w = 5, .k = 5, .r = 3, .s = 3, .padding = 1};
  const Conv2d odd_linear{.n = 70, .c = 13, .h = 1, .w = 1, .k = 5, .r = 1, .s = 1};
  emu::set_seed(17);
  for (Conv2d c : {conv, linear, odd, odd_linear}) {
    c.precision = GetParam();
    for (const Direction direction :
         {Direction::forward, Direction::backward_data, Direction::backward_weights}) {
      c.direction = direction;
      if (c.c % 8 != 0) {
        expect_product(c, ProductTile::best);  // element by element
      } else {
        expect_product(c, ProductTile::large);
        expect_product(c, ProductTile::small);
      }
    }
  }
  emu::set_seed(0);
}

INSTANTIATE_TEST_SUITE_P(Precisions, TrainProducts,
                         testing::Values(Precision::fp32, Precision::tf32, Precision::bf16, Precision::fp16),
                         [](const auto& info) { return std::string(name(info.param)); });

}  // namespace
}  // namespace breakeven::cuda
