// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/tensor.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "harness/operand.h"

namespace breakeven {
namespace {

// The known answers that Random123 publishes for philox4x32-10 (kat_vectors).
TEST(Philox, KnownAnswers) {
  const auto expect = [](uint64_t key, uint64_t low, uint64_t high, std::array<uint32_t, 4> words) {
    const PhiloxBlock got = philox(key, low, high);
    for (size_t i = 0; i < 4; ++i) EXPECT_EQ(got.word[i], words[i]) << "word " << i;
  };
  expect(0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  expect(~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  expect(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e,
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

Tensor uniform(Precision p, std::vector<int64_t> shape, uint64_t seed = 1, uint64_t stream = 0) {
  Tensor made(facts(p).input, std::move(shape));
  fill_uniform(made, p, seed, stream);
  return made;
}

/// Element `index` as operand.h defines it, one at a time.
double defined_element(Precision p, uint64_t seed, uint64_t stream, uint64_t index) {
  const uint32_t word = uniform_word(seed, stream, index);
  const uint32_t fp32 = std::bit_cast<uint32_t>(uniform_fp32(word));
  const auto widen = [](uint32_t b) { return static_cast<double>(std::bit_cast<float>(b)); };
  switch (p) {
    case Precision::fp64:
      return uniform_fp64(uniform_word(seed, stream, 2 * index), uniform_word(seed, stream, 2 * index + 1));
    case Precision::fp32:
      return widen(fp32);
    case Precision::tf32:
      return widen(to_tf32(fp32));
    case Precision::bf16:
      return widen(from_bf16(to_bf16(fp32)));
    case Precision::fp16:
      return widen(from_fp16(to_fp16(fp32)));
    case Precision::fp8e4m3:
      return widen(from_fp8e4m3(to_fp8e4m3(fp32)));
    case Precision::int8:
      return uniform_int8(word);
    case Precision::u8:
      return word >> 24;
  }
  return 0;
}

TEST(FillUniform, IsTheDefinitionOfEveryElement) {
  for (const Precision p : all_precisions()) {
    for (const int64_t size : {0, 1, 2, 3, 5, 255, 256, 257, 513, 20001}) {  // around and beyond a chunk
      const Tensor t = uniform(p, {size}, 0x123456789abcdef, 7);
      for (int64_t i = 0; i < size; ++i) {
        ASSERT_EQ(t.at(i), defined_element(p, 0x123456789abcdef, 7, static_cast<uint64_t>(i)))
            << name(p) << " " << i;
      }
    }
  }
}

// What records and other machines rely on: these bytes never change without a new method number.
TEST(FillUniform, BytesArePinned) {
  const std::pair<Precision, uint64_t> pinned[] = {
      {Precision::fp64, 0xf13f172addd7c293}, {Precision::fp32, 0xcd7cbe3b0e2b8e6c},
      {Precision::tf32, 0x2535e55f0fff106b}, {Precision::bf16, 0x7e2f2bbce59bf14c},
      {Precision::fp16, 0x5b89e9fa3be42e80}, {Precision::fp8e4m3, 0x01d6c321cef85dc6},
      {Precision::int8, 0x6e5a9d740f529906}, {Precision::u8, 0xe3feee97211101ea}};
  for (const auto& [p, expected] : pinned) {
    EXPECT_EQ(fingerprint(uniform(p, {33, 31}, 1, 0)), expected) << name(p);
  }
}

TEST(FillUniform, SameBytesForAnyNumberOfThreads) {
  const int before = omp_get_max_threads();
  for (const Precision p : all_precisions()) {
    omp_set_num_threads(1);
    const uint64_t one = fingerprint(uniform(p, {201, 503}));
    for (const int threads : {2, 3, 8}) {
      omp_set_num_threads(threads);
      EXPECT_EQ(fingerprint(uniform(p, {201, 503})), one) << name(p) << " with " << threads;
    }
  }
  omp_set_num_threads(before);
}

TEST(FillUniform, SeedsAndStreamsDiffer) {
  const uint64_t first = fingerprint(uniform(Precision::fp32, {1000}, 1, 0));
  EXPECT_NE(first, fingerprint(uniform(Precision::fp32, {1000}, 2, 0)));
  EXPECT_NE(first, fingerprint(uniform(Precision::fp32, {1000}, 1, 1)));
}

// 300,000 draws: mean 0 +- 0.001 and variance 1/3 +- 0.0005 are one standard deviation; five are allowed.
TEST(FillUniform, LooksUniform) {
  for (const Precision p : all_precisions()) {
    if (p == Precision::u8) continue;
    const Tensor t = uniform(p, {300, 1000});
    const double scale =
        p == Precision::int8 ? std::sqrt(255.0 * 255 - 1) / 2 : 1;  // variance (N^2 - 1) / 12 = scale^2 / 3
    double sum = 0, squares = 0, least = 1, most = -1, previous = 0, lag = 0;
    std::vector<double> values(static_cast<size_t>(t.size()));
    t.decode(0, 1, values);
    for (double value : values) {
      value /= scale;
      sum += value, squares += value * value, lag += value * previous;
      least = std::min(least, value), most = std::max(most, value), previous = value;
    }
    const double n = static_cast<double>(values.size());
    EXPECT_NEAR(sum / n, 0, 0.006) << name(p);
    EXPECT_NEAR(squares / n, 1.0 / 3, p == Precision::fp8e4m3 ? 0.005 : 0.0025) << name(p);
    EXPECT_NEAR(lag / n, 0, 0.004) << name(p);
    EXPECT_GE(least, -1) << name(p);
    EXPECT_LE(most, 1) << name(p);
    EXPECT_LT(least, -0.99) << name(p);
    EXPECT_GT(most, 0.99) << name(p);
  }
}

TEST(FillUniform, Int8CoversEveryValueButTheLowest) {
  const Tensor t = uniform(Precision::int8, {100000});
  std::array<int, 256> count{};
  for (int64_t i = 0; i < t.size(); ++i) ++count[static_cast<size_t>(t.as<int8_t>()[i] + 128)];
  EXPECT_EQ(count[0], 0);  // -128
  for (size_t value = 1; value < 256; ++value)
    EXPECT_NEAR(count[value], 100000 / 255.0, 6 * std::sqrt(100000 / 255.0));
}

TEST(Tensor, PoisonIsNanInFloatsAndMinusOneInIntegers) {
  for (const Element e : {Element::fp64, Element::fp32, Element::bf16, Element::fp16, Element::fp8e4m3}) {
    Tensor t(e, {3, 5});
    poison(t);
    for (int64_t i = 0; i < t.size(); ++i) EXPECT_TRUE(std::isnan(t.at(i))) << name(e);
  }
  for (const Element e : {Element::int32, Element::int8}) {
    Tensor t(e, {3, 5});
    poison(t);
    for (int64_t i = 0; i < t.size(); ++i) EXPECT_EQ(t.at(i), -1) << name(e);
  }
}

TEST(Tensor, DecodeWithStrides) {
  for (const Precision p : all_precisions()) {
    const Tensor t = uniform(p, {6, 7});
    std::vector<double> column(6), row(7), backwards(3);
    t.decode(2, 7, column);
    t.decode(3 * 7, 1, row);
    t.decode(41, -2, backwards);
    for (int64_t i = 0; i < 6; ++i) EXPECT_EQ(column[static_cast<size_t>(i)], t.at(7 * i + 2)) << name(p);
    for (int64_t i = 0; i < 7; ++i) EXPECT_EQ(row[static_cast<size_t>(i)], t.at(21 + i)) << name(p);
    for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(backwards[static_cast<size_t>(i)], t.at(41 - 2 * i)) << name(p);
  }
}

TEST(Tensor, ShapeSizeAlignment) {
  const Tensor t(Element::bf16, {3, 5, 7});
  EXPECT_EQ(t.size(), 105);
  EXPECT_EQ(t.bytes(), 210);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(t.data()) % 64, 0u);
  EXPECT_EQ(Tensor(Element::fp32, {0, 4}).bytes(), 0);
  EXPECT_EQ(Tensor().size(), 0);
  EXPECT_THROW(Tensor(Element::fp64, {int64_t{1} << 50}), std::bad_alloc);
}

TEST(Tensor, CloneIsACopyOfItsOwn) {
  const Tensor original = uniform(Precision::fp16, {9, 9});
  Tensor copy = original.clone();
  EXPECT_EQ(copy.shape(), original.shape());
  EXPECT_EQ(copy.element(), original.element());
  EXPECT_EQ(std::memcmp(copy.data(), original.data(), static_cast<size_t>(original.bytes())), 0);
  const uint64_t before = fingerprint(original);
  poison(copy);
  EXPECT_EQ(fingerprint(original), before);
  EXPECT_NE(fingerprint(copy), before);
  EXPECT_EQ(Tensor(Element::fp32, {0}).clone().size(), 0);
}

// FNV-1a of the empty text and of "a", from its authors' test vectors.
TEST(Tensor, FingerprintIsFnv1a) {
  EXPECT_EQ(fingerprint(Tensor(Element::u8, {0})), 0xcbf29ce484222325u);
  Tensor a(Element::u8, {1});
  *a.as<char>() = 'a';
  EXPECT_EQ(fingerprint(a), 0xaf63dc4c8601ec8cu);
}

}  // namespace
}  // namespace breakeven
