// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <numeric>

#include "cpu_ref/cpu.h"
#include "cpu_ref/cpu_features.h"
#include "cpu_ref/train/example_nets.h"
#include "harness/train/initial.h"

#if BREAKEVEN_ONEDNN && defined(__x86_64__)

namespace breakeven::cpu {
namespace {

struct Shape {
  int64_t batch, size, channels, filters, kernel, stride, padding;
};

/// Two convolutions, the second of this shape, so that both its gradients are wanted.
train::Program net(const Shape& s) {
  train::Graph g(s.batch);
  const train::ValueId x = g.conv("first", g.pixels(s.size, s.size, 3), s.channels, 3, 1, 1);
  const train::ValueId y = g.conv("second", x, s.filters, s.kernel, s.stride, s.padding);
  g.cross_entropy(g.linear("head", y, {.out = 10}));
  return differentiate(g);
}

std::vector<float> gradients(const Kernel& contender, const train::Program& program, const Shape& s,
                             int threads) {
  const train::Dataset data = example::images(s.batch, s.size, 3, 3);
  const auto executable = contender.compile({.program = &program,
                                             .precision = Precision::bf16,
                                             .optimizer = {},
                                             .augmentation = {},
                                             .threads = threads,
                                             .keep_values = false});
  executable->upload(data, data);
  executable->reset(train::initial_parameters(program, 1));
  std::vector<uint32_t> order(static_cast<size_t>(s.batch));
  std::iota(order.begin(), order.end(), 0u);
  executable->begin({order, 1, 1});
  executable->differentiate(0);
  return executable->gradients();
}

double distance(const std::vector<float>& got, const std::vector<float>& expected) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(static_cast<double>(got[i]) - expected[i], 2);
    size += std::pow(static_cast<double>(expected[i]), 2);
  }
  return std::sqrt(difference / size);
}

// Blocks and groups that end anywhere; filters and strides of every kind; the last two in several strips and
// passes.
const Shape kShapes[] = {{5, 7, 3, 4, 3, 1, 1},     {33, 5, 17, 33, 3, 2, 1}, {40, 6, 32, 16, 1, 1, 0},
                         {3, 8, 20, 48, 5, 2, 2},   {2, 6, 5, 7, 3, 1, 0},    {17, 4, 130, 70, 3, 1, 1},
                         {70, 8, 40, 160, 2, 2, 0}, {33, 24, 48, 40, 3, 1, 1}};

TEST(AmxProducts, GradientsAreOnednns) {
  if (!has(Feature::amx_bf16)) GTEST_SKIP() << "this CPU has no AMX";
  const int before = omp_get_max_threads();
  for (const Shape& s : kShapes) {
    const train::Program program = net(s);
    const std::vector<float> expected = gradients(train_onednn(), program, s, 1);
    for (const int threads : {1, 2, 3}) {
      EXPECT_LE(distance(gradients(train_amx(), program, s, threads), expected), 5e-3)
          << s.batch << " images of " << s.size << ", " << s.channels << " to " << s.filters
          << " channels, filters of " << s.kernel << ", stride " << s.stride << ", padding " << s.padding
          << ", threads " << threads;
    }
  }
  omp_set_num_threads(before);
}

}  // namespace
}  // namespace breakeven::cpu

#endif
