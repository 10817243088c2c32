// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/data.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>

#include "harness/usage_error.h"
#include "suites/train/clicks.h"
#include "suites/train/data_hash.h"
#include "suites/train/draws.h"
#include "suites/train/generate.h"

namespace breakeven::train {
namespace {

DataSpec spec(const std::string& source, int64_t train, int64_t test) {
  DataSpec s;
  s.source = source;
  s.train = train;
  s.test = test;
  s.window = 64;
  return s;
}

const DataSpec kSmall[] = {spec("glyph", 1000, 300), spec("shapes", 300, 100),
                           spec("sentences", 30'000, 2113), spec("clicks", 3000, 1000)};

TEST(Data, AreTheSameForAnyNumberOfThreads) {
  const int before = omp_get_max_threads();
  for (const DataSpec& s : kSmall) {
    omp_set_num_threads(1);
    const Datasets one = make_data(s, {});
    EXPECT_NE(one.train_hash, one.test_hash);
    for (const int threads : {2, 3}) {
      omp_set_num_threads(threads);
      const Datasets more = make_data(s, {});
      EXPECT_EQ(more.train_hash, one.train_hash) << s.source;
      EXPECT_EQ(more.test_hash, one.test_hash) << s.source;
    }
  }
  omp_set_num_threads(before);
}

// Whole test sets of the workloads (and a training set); the workloads' own definitions carry these hashes,
// and those of the larger training sets, which are checked whenever a workload's data are made.
TEST(Data, OfTheWorkloadsAreWhatTheyWere) {
  const auto hash = [](const DataSpec& s) { return hash_of(generate(s, kTestStream, s.test)); };
  EXPECT_EQ(hash(spec("glyph", 60'000, 10'000)), "3015801d1cfd59c1");
  EXPECT_EQ(hash(spec("shapes", 20'000, 5'000)), "1e089fb983ab7a0d");
  EXPECT_EQ(hash(spec("clicks", 4'000'000, 200'000)), "3f7e894b27517065");
  const Datasets text = make_data(spec("sentences", 1'000'000, 16'384 + 64), {});
  EXPECT_EQ(text.train_hash, "0686bcea07abf6c1");
  EXPECT_EQ(text.test_hash, "81ca49037be69539");
}

/// The first values of `all` are `few`.
template <class T>
bool begins_with(const std::vector<T>& all, const std::vector<T>& few) {
  return few.size() < all.size() + 1 && std::equal(few.begin(), few.end(), all.begin());
}

TEST(Data, ASampleIsTheSameInAnyNumberOfSamples) {
  for (const DataSpec& s : kSmall) {
    const Dataset all = generate(s, kTrainStream, s.train), few = generate(s, kTrainStream, s.train / 3 + 1);
    EXPECT_TRUE(begins_with(all.labels, few.labels) && begins_with(all.pixels, few.pixels)) << s.source;
    EXPECT_TRUE(begins_with(all.dense, few.dense) && begins_with(all.rows, few.rows)) << s.source;
    EXPECT_TRUE(begins_with(all.tokens, few.tokens)) << s.source;
    EXPECT_GT(few.bytes(), 0);
  }
}

TEST(Data, ClassesAreEquallyFrequent) {
  for (const char* source : {"glyph", "shapes"}) {
    const Dataset data = generate(spec(source, 2000, 1), kTrainStream, 2000);
    EXPECT_EQ(data.classes, 10);
    for (uint8_t label = 0; label < 10; ++label) {
      EXPECT_NEAR(std::ranges::count(data.labels, label), 200, 55) << source;  // four standard deviations
    }
  }
}

TEST(Data, ClicksCountRowsThroughAllTables) {
  DataSpec s = spec("clicks", 2000, 1);
  s.scale = 2;
  const Dataset data = generate(s, kTrainStream, s.train);
  EXPECT_EQ(data.table_rows, 2 * 7500 + 370);
  const auto ids = click_ids(2);
  for (uint64_t i = 0; i < 2000; ++i) {
    const Click click = draw_click(2, kTrainStream, i);
    uint32_t first = 0;
    for (size_t field = 0; field < ids.size(); first += ids[field++]) {
      ASSERT_EQ(data.rows[i * 8 + field], first + click.ids[field]);
    }
  }
}

TEST(Data, TextIsCutIntoWindowsEachWithATokenAfterIt) {
  const Datasets data = make_data(spec("sentences", 30'000, 2113), {});
  EXPECT_EQ(data.train.tokens.size(), 30'000u);
  EXPECT_EQ(data.train.samples, 30'000 - 64);
  EXPECT_EQ(data.test.samples, 33);
  EXPECT_EQ(data.train.vocabulary, 512);
  EXPECT_EQ(make_data(spec("sentences", 65, 65 + 63), {}).test.samples, 1);
  DataSpec large = spec("sentences", 100, 100);
  large.large = true;
  EXPECT_EQ(make_data(large, {}).test.vocabulary, 3200);
}

TEST(Data, HashIsFnv1aOfTheSamplesInOrder) {
  Dataset text;
  text.kind = DataKind::text;
  EXPECT_EQ(hash_of(text), "cbf29ce484222325");
  text.tokens = {0x6f66, 0x626f, 0x7261};  // "foobar", from the authors' test vectors
  EXPECT_EQ(hash_of(text), "85944171f73967e8");
  Dataset images;
  images.samples = 2;
  images.channels = images.height = 1;
  images.width = 2;
  images.labels = {'f', 'b'};
  images.pixels = {'o', 'o', 'a', 'r'};
  EXPECT_EQ(hash_of(images), "85944171f73967e8");
  Dataset clicks;
  clicks.kind = DataKind::clicks;
  clicks.samples = clicks.dense_features = clicks.fields = 1;
  clicks.labels = {'f'};
  clicks.dense = {'o'};
  clicks.rows = {0x7261626f};
  EXPECT_EQ(hash_of(clicks), "85944171f73967e8");
}

TEST(Data, OtherBytesThanExpectedAreRefused) {
  DataSpec s = spec("clicks", 100, 50);
  const Datasets data = make_data(s, {});
  s.train_hash = data.train_hash;
  s.test_hash = data.test_hash;
  EXPECT_EQ(make_data(s, {}).train_hash, data.train_hash);
  s.test_hash[3] ^= 1;
  try {
    make_data(s, {});
    FAIL() << "a wrong hash passed";
  } catch (const std::runtime_error& e) {
    EXPECT_EQ(std::string(e.what()),
              "the generated test data differ from what they should be: their hash is " + data.test_hash +
                  ", expected " + s.test_hash);
  }
}

void expect_refused(const DataSpec& s, const std::string& words) {
  try {
    make_data(s, {});
    FAIL() << "accepted: " << words;
  } catch (const UsageError& e) {
    EXPECT_NE(std::string(e.what()).find(words), std::string::npos) << e.what();
  }
}

TEST(Data, WhatCannotBeGeneratedIsRefusedInASentence) {
  DataSpec s = spec("glyph", 0, 10);
  expect_refused(s, "glyph: 0 samples cannot be generated; ask for 1 to");
  s.train = int64_t{1} << 62;
  expect_refused(s, "cannot be generated");
  s.train = 10;
  s.difficulty = 2;
  expect_refused(s, "glyph: there is no difficulty 2; choose 1");
  s.source = "shapes";
  s.difficulty = 0;
  expect_refused(s, "shapes: there is no difficulty 0; choose 1 to 2");
  s.source = "clicks";
  s.scale = kMostClickScale + 1;
  expect_refused(s, "clicks: a scale of 100001");
  expect_refused(spec("sentences", 64, 64), "64 tokens are too few for a window of 64");
  expect_refused(spec("sen\ntences", 64, 64), "'sen?tences' is no source of data; choose from glyph,");
  expect_refused(spec("mnist", 0, 0), "--data");
  s = spec("sentences", 100, 100);
  s.window = 0;
  expect_refused(s, "a window of 0 tokens");
}

}  // namespace
}  // namespace breakeven::train
