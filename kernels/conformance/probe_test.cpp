// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conformance/probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace breakeven::conformance {
namespace {

Probe probe_of(Content content, double tolerance) {
  Probe probe;
  probe.content = content;
  probe.tolerance = tolerance;
  return probe;
}

Bytes floats(std::initializer_list<float> values) {
  Bytes bytes(values.size() * sizeof(float));
  size_t i = 0;
  for (const float v : values) put(bytes, i++, v);
  return bytes;
}

TEST(Compare, OneWrongByteIsFound) {
  const Bytes right = random_bytes(1, 100);
  Bytes wrong = right;
  EXPECT_TRUE(compare(probe_of(Content::bytes, 0), right, wrong).allowed);
  wrong[70] ^= std::byte{4};
  const Difference difference = compare(probe_of(Content::bytes, 0), right, wrong);
  EXPECT_FALSE(difference.allowed);
  EXPECT_EQ(difference.first, 70);
  wrong.pop_back();
  EXPECT_FALSE(compare(probe_of(Content::bytes, 0), right, wrong).allowed);
}

TEST(Compare, NumbersMayDifferByTheToleranceAndNoMore) {
  const Bytes a = floats({1, 2, -3}), near = floats({1, 2.5f, -3}), far = floats({1, 2, -3.5f});
  EXPECT_TRUE(compare(probe_of(Content::fp32, 0.5), a, near).allowed);
  EXPECT_FALSE(compare(probe_of(Content::fp32, 0.25), a, near).allowed);
  EXPECT_EQ(compare(probe_of(Content::fp32, 0.25), a, far).first, 2);
}

TEST(Compare, UlpsAreCountedAcrossZero) {
  const float least = std::numeric_limits<float>::denorm_min();
  const Difference difference = compare(probe_of(Content::fp32, 1), floats({least}), floats({-least}));
  EXPECT_EQ(difference.ulps, 2);
  EXPECT_EQ(compare(probe_of(Content::fp32, 1), floats({1}), floats({std::nextafter(1.0f, 2.0f)})).ulps, 1);
}

TEST(Compare, NanIsNeverNearANumber) {
  const Bytes nan = floats({std::numeric_limits<float>::quiet_NaN()});
  EXPECT_FALSE(compare(probe_of(Content::fp32, 1e30), nan, floats({1})).allowed);
  EXPECT_FALSE(compare(probe_of(Content::fp32, 1e30), floats({1}), nan).allowed);
}

TEST(Probes, AreNamedOnceAndTheirInputsAreRandom) {
  std::set<std::string> names;
  for (auto* probes : {move_formulas, product_probes, tma_formulas, order_formulas}) {
    for (const Probe& probe : probes()) {
      EXPECT_TRUE(names.insert(probe.name).second) << probe.name;
      const Bytes input = probe.input(1);
      EXPECT_EQ(input, probe.input(1)) << probe.name;
      EXPECT_NE(input, probe.input(2)) << probe.name;
      EXPECT_NE(probe.expected(input), probe.expected(probe.input(2))) << probe.name;
    }
  }
}

}  // namespace
}  // namespace breakeven::conformance
