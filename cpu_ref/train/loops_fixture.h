// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "cpu_ref/round_to.h"
#include "cpu_ref/train/loops.h"

// What the tests of the loops share: arrays of any element type, and every instruction set with each of them.

namespace breakeven::cpu {

/// An array of elements that also knows its values in double. Stands one element off a cache line, so that
/// nothing may count on alignment.
class Elements {
 public:
  Elements(Element element, int64_t n)
      : element_(element), size_(n), bytes_(static_cast<size_t>((n + 33) * 4), 0xAB) {}
  Elements(Element element, const std::vector<double>& values)
      : Elements(element, static_cast<int64_t>(values.size())) {
    for (size_t i = 0; i < values.size(); ++i) set(static_cast<int64_t>(i), values[i]);
  }
  void set(int64_t i, double value) {
    if (element_ == Element::fp32) return round_to(value, as<float>() + i);
    element_ == Element::bf16 ? round_to(value, as<Bf16>() + i) : round_to(value, as<Fp16>() + i);
  }
  double at(int64_t i) const {
    if (element_ == Element::fp32) return static_cast<double>(as<float>()[i]);
    const uint16_t bits = as<uint16_t>()[i];
    return static_cast<double>(
        std::bit_cast<float>(element_ == Element::bf16 ? from_bf16(bits) : from_fp16(bits)));
  }
  double operator[](int64_t i) const { return at(i); }
  int64_t size() const { return size_; }
  void* data() { return as<char>(); }
  const void* data() const { return as<char>(); }
  /// What stands behind the last element is as it was.
  bool intact() const {
    const size_t behind = static_cast<size_t>(offset() + size_ * width());
    for (size_t i = behind; i < behind + 64; ++i) {
      if (bytes_[i] != 0xAB) return false;
    }
    return true;
  }
  std::vector<uint8_t> pattern() const {
    return {bytes_.begin() + offset(), bytes_.begin() + offset() + size_ * width()};
  }

 private:
  int64_t width() const { return element_ == Element::fp32 ? 4 : 2; }
  int64_t offset() const { return width(); }
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(const_cast<uint8_t*>(bytes_.data()) + offset());
  }
  Element element_;
  int64_t size_;
  std::vector<uint8_t> bytes_;
};

/// Relative error of one rounding to an element.
inline double roundoff(Element element) {
  return element == Element::fp32 ? 0x1p-24 : element == Element::bf16 ? 0x1p-8 : 0x1p-11;
}

/// The same numbers every time: about normal, times `spread`.
inline std::vector<double> some(int64_t n, uint32_t seed, double spread = 1) {
  std::mt19937 random(seed);
  std::vector<double> made(static_cast<size_t>(n));
  for (double& value : made) {
    double sum = 0;
    for (int i = 0; i < 6; ++i) sum += static_cast<double>(random()) * 0x1p-32 - 0.5;
    value = spread * 1.4 * sum;
  }
  return made;
}
inline std::vector<float> some_floats(int64_t n, uint32_t seed, double spread = 1) {
  const std::vector<double> values = some(n, seed, spread);
  return {values.begin(), values.end()};
}
inline std::vector<int32_t> some_ids(int64_t n, int32_t below, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int32_t> made(static_cast<size_t>(n));
  for (int32_t& id : made) id = static_cast<int32_t>(random() % static_cast<uint32_t>(below));
  return made;
}

/// Each of n results within `units` roundings of what is wanted, and `slack` absolutely.
inline void expect_near(const std::function<double(int64_t)>& got,
                        const std::function<double(int64_t)>& wanted, int64_t n, double relative,
                        double slack, const std::string& what) {
  for (int64_t i = 0; i < n; ++i) {
    const double want = wanted(i);
    ASSERT_LE(std::abs(got(i) - want), relative * std::abs(want) + slack)
        << what << ", element " << i << ": " << got(i) << ", not " << want;
  }
}

class TrainLoopsTest : public testing::TestWithParam<Element> {
 protected:
  Element element() const { return GetParam(); }
  double unit() const { return roundoff(GetParam()); }
  /// test(loops, who) with every instruction set of this CPU.
  template <class Test>
  void everywhere(Test test) const {
    for (const TrainUnit* unit : train_units()) {
      SCOPED_TRACE(unit->name);
      test(loops_of(*unit, element()));
      if (testing::Test::HasFatalFailure()) return;
    }
  }
  /// `got` of elements: rounded once, from fp32 sums that are off by `slack`.
  void expect(const Elements& got, const std::function<double(int64_t)>& wanted, double slack,
              const std::string& what) const {
    expect_near([&](int64_t i) { return got[i]; }, wanted, got.size(), 1.01 * unit() + 2e-6, slack + 1e-7,
                what);
    EXPECT_TRUE(got.intact()) << what << ": written beyond the end";
  }
  static void expect(const std::vector<float>& got, const std::function<double(int64_t)>& wanted,
                     double slack, const std::string& what) {
    expect_near([&](int64_t i) { return static_cast<double>(got[static_cast<size_t>(i)]); }, wanted,
                static_cast<int64_t>(got.size()), 1e-5, slack, what);
  }
};

inline std::string element_name(const testing::TestParamInfo<Element>& info) {
  return std::string(name(info.param));
}
inline auto every_element() { return testing::Values(Element::fp32, Element::bf16, Element::fp16); }

}  // namespace breakeven::cpu
