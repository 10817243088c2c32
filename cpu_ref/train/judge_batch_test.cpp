// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/judge_batch.h"

#include <gtest/gtest.h>

#include "harness/philox.h"
#include "harness/train/graph.h"

namespace breakeven::cpu {
namespace {

using namespace train;

Program image_program(int64_t batch, int64_t height, int64_t width, int64_t channels) {
  Graph g(batch);
  g.cross_entropy(g.linear("head", g.pixels(height, width, channels), {.out = 10}));
  return differentiate(g);
}

/// Every pixel with a number of its own.
Dataset images(int64_t samples, int64_t height, int64_t width, int64_t channels) {
  Dataset d;
  d.samples = samples;
  d.channels = channels;
  d.height = height;
  d.width = width;
  d.classes = 10;
  for (int64_t i = 0; i < samples * channels * height * width; ++i)
    d.pixels.push_back(static_cast<uint8_t>(i));
  for (int64_t i = 0; i < samples; ++i) d.labels.push_back(static_cast<uint8_t>(i % 10));
  return d;
}

TEST(JudgeBatch, ImagesComeWithChannelsLastAndNormalised) {
  const Program p = image_program(2, 2, 3, 2);
  const Dataset d = images(3, 2, 3, 2);
  Arrays a;
  const std::vector<uint32_t> samples{2, 0};
  assemble_batch(p, d, samples, {}, a);
  const auto& pixels = a.values[static_cast<size_t>(p.inputs.pixels)];
  ASSERT_EQ(pixels.size(), 24u);
  EXPECT_EQ(pixels[0], (24 - 127.5) / 64);  // sample 2 starts at 24
  EXPECT_EQ(pixels[1], (30 - 127.5) / 64);  // its other channel, a plane of 6 further
  EXPECT_EQ(pixels[12 + (1 * 3 + 2) * 2 + 1], (6 + 5 - 127.5) / 64);  // sample 0, row 1, column 2, channel 1
  EXPECT_EQ(a.values[static_cast<size_t>(p.inputs.labels)], (std::vector<double>{2, 0}));
}

/// By the formula of dataset.h, written once more.
int64_t source_of(int64_t x, int64_t y, const PhiloxBlock& block, int64_t shift, int64_t size) {
  const int64_t dx = block.word[0] % static_cast<uint32_t>(2 * shift + 1) - shift;
  const int64_t dy = block.word[1] % static_cast<uint32_t>(2 * shift + 1) - shift;
  const auto mirror = [&](int64_t i) { return i < 0 ? -i : i >= size ? 2 * size - 2 - i : i; };
  return mirror(y + dy) * size + mirror((block.word[2] & 1 ? size - 1 - x : x) + dx);
}

TEST(JudgeBatch, AugmentationFollowsItsFormula) {
  constexpr int64_t kSize = 6, kShift = 2, kSamples = 7;
  const Program p = image_program(kSamples, kSize, kSize, 1);
  const Dataset d = images(kSamples, kSize, kSize, 1);
  Arrays a;
  const std::vector<uint32_t> samples{6, 5, 4, 3, 2, 1, 0};
  assemble_batch(p, d, samples, {{.shift = kShift, .flip = true}, 42, 3}, a);
  const double* pixel = a.values[static_cast<size_t>(p.inputs.pixels)].data();
  for (const uint32_t sample : samples) {
    const PhiloxBlock block = philox(42, sample, 3);
    for (int64_t y = 0; y < kSize; ++y) {
      for (int64_t x = 0; x < kSize; ++x) {
        const auto from = static_cast<size_t>(sample * kSize * kSize + source_of(x, y, block, kShift, kSize));
        EXPECT_EQ(*pixel++, (d.pixels[from] - 127.5) / 64) << sample << " " << y << " " << x;
      }
    }
  }
}

TEST(JudgeBatch, ATextsLabelsAreTheTokensAfter) {
  Graph g(2);
  g.cross_entropy(g.tied_linear("head", g.embed("e", g.tokens(3), 50, 4, 0.1f), "e"));
  const Program p = differentiate(g);
  Dataset d;
  d.kind = DataKind::text;
  d.samples = 2;
  d.vocabulary = 50;
  d.window = 3;
  d.tokens = {10, 11, 12, 13, 14, 15, 16};
  Arrays a;
  assemble_batch(p, d, std::vector<uint32_t>{1, 3}, {}, a);
  EXPECT_EQ(a.values[static_cast<size_t>(p.inputs.tokens)], (std::vector<double>{11, 12, 13, 13, 14, 15}));
  EXPECT_EQ(a.values[static_cast<size_t>(p.inputs.labels)], (std::vector<double>{12, 13, 14, 14, 15, 16}));
  EXPECT_EQ(evaluation_samples(p, d, 0), (std::vector<uint32_t>{0, 3}));
  EXPECT_THROW(assemble_batch(p, d, std::vector<uint32_t>{0, 4}, {}, a), std::out_of_range);
}

TEST(JudgeBatch, ClicksBringDenseFeaturesRowsAndLabels) {
  Graph g(2);
  const ValueId z =
      g.interaction("i", g.linear("l", g.dense(2), {.out = 3}), g.lookup("t", g.rows(2), 9, 3, 0.1f));
  g.binary_cross_entropy(g.linear("head", z, {.out = 1}));
  const Program p = differentiate(g);
  Dataset d;
  d.kind = DataKind::clicks;
  d.samples = 3;
  d.dense_features = 2;
  d.fields = 2;
  d.table_rows = 9;
  d.labels = {0, 1, 1};
  d.dense = {0, 128, 255, 64, 1, 2};
  d.rows = {0, 8, 1, 7, 2, 6};
  require_fit(p, d);
  Arrays a;
  assemble_batch(p, d, std::vector<uint32_t>{1, 0}, {}, a);
  EXPECT_EQ(a.values[static_cast<size_t>(p.inputs.dense)], (std::vector<double>{127.0 / 64, -1, -2, 0}));
  EXPECT_EQ(a.values[static_cast<size_t>(p.inputs.rows)], (std::vector<double>{1, 7, 0, 8}));
  EXPECT_EQ(a.values[static_cast<size_t>(p.inputs.labels)], (std::vector<double>{1, 0}));
  d.rows[3] = 9;
  EXPECT_THROW(require_fit(p, d), std::invalid_argument);
}

TEST(JudgeBatch, TheLastEvaluationBatchIsFilledUpWithSampleZero) {
  const Program p = image_program(4, 2, 2, 1);
  EXPECT_EQ(evaluation_samples(p, images(6, 2, 2, 1), 4), (std::vector<uint32_t>{4, 5, 0, 0}));
}

TEST(JudgeBatch, DataThatDoNotFitAreRefusedInASentence) {
  const Program p = image_program(2, 4, 4, 3);
  EXPECT_NO_THROW(require_fit(p, images(2, 4, 4, 3)));
  try {
    require_fit(p, images(2, 4, 5, 3));
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "the model reads pixels of [4,4,3] a sample, and the data have [4,5,3]");
  }
  Dataset truncated = images(2, 4, 4, 3);
  truncated.pixels.pop_back();
  EXPECT_THROW(require_fit(p, truncated), std::invalid_argument);
  Dataset labelled = images(2, 4, 4, 3);
  labelled.labels[1] = 10;
  EXPECT_THROW(require_fit(p, labelled), std::invalid_argument);
}

}  // namespace
}  // namespace breakeven::cpu
