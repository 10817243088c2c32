// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/batch.h"

#include "cpu_ref/train/loops_fixture.h"
#include "harness/philox.h"

namespace breakeven::cpu {
namespace {

class TrainBatchTest : public TrainLoopsTest {};
INSTANTIATE_TEST_SUITE_P(Elements, TrainBatchTest, every_element(), element_name);

train::Dataset images(int64_t channels, int64_t height, int64_t width) {
  train::Dataset data;
  data.samples = 9;
  data.channels = channels;
  data.height = height;
  data.width = width;
  for (int64_t i = 0; i < data.samples * channels * height * width; ++i) {
    data.pixels.push_back(static_cast<uint8_t>(i * 37 % 251));
  }
  for (uint8_t i = 0; i < data.samples; ++i) data.labels.push_back(i);
  return data;
}

/// Six samples of two rows (100, 101; 102, 103; ...), three dense features (0, 14, 28; 42, ...) and a label
/// (0, 1, 0, ...).
train::Dataset clicks() {
  train::Dataset data;
  data.kind = train::DataKind::clicks;
  data.samples = 6;
  data.fields = 2;
  data.dense_features = 3;
  for (uint32_t i = 0; i < 12; ++i) data.rows.push_back(100 + i);
  for (int i = 0; i < 18; ++i) data.dense.push_back(static_cast<uint8_t>(14 * i));
  for (int i = 0; i < 6; ++i) data.labels.push_back(static_cast<uint8_t>(i % 2));
  return data;
}

int64_t reflected(int64_t at, int64_t extent) {
  if (at < 0) at = -at;
  return at < extent ? at : 2 * (extent - 1) - at;
}

TEST_P(TrainBatchTest, ImagesAreTurnedToPixelsNormalisedAndAugmented) {
  const std::vector<uint32_t> samples{3, 8, 0, 3, 7};
  for (const auto& [channels, height, width] : {std::tuple<int64_t, int64_t, int64_t>{3, 8, 6}, {1, 5, 5}}) {
    const train::Dataset data = images(channels, height, width);
    for (const train::Augmentation augmentation :
         {train::Augmentation{}, train::Augmentation{2, true}, train::Augmentation{4, false}}) {
      const Samples held(data);
      const BatchOf of{
          .data = &held, .samples = samples, .augmentation = augmentation, .seed = 7, .epoch = 3};
      Elements x(element(), static_cast<int64_t>(samples.size()) * channels * height * width);
      std::vector<int32_t> labels(samples.size());
      assemble_images(of, element(), x.data(), labels.data());
      EXPECT_EQ(labels, std::vector<int32_t>(samples.begin(), samples.end()));
      const auto wanted = [&, channels = channels, height = height, width = width](int64_t i) {
        const int64_t c = i % channels, column = i / channels % width, row = i / channels / width % height;
        const uint32_t sample = samples[static_cast<size_t>(i / channels / width / height)];
        const PhiloxBlock draw = philox(7, sample, 3);
        const auto span = static_cast<uint32_t>(2 * augmentation.shift + 1);
        const int64_t dx = static_cast<int64_t>(draw.word[0] % span) - augmentation.shift;
        const int64_t dy = static_cast<int64_t>(draw.word[1] % span) - augmentation.shift;
        const bool flip = augmentation.flip && (draw.word[2] & 1u);
        const int64_t from_x = reflected((flip ? width - 1 - column : column) + dx, width);
        const int64_t from_y = reflected(row + dy, height);
        return (data.pixels[static_cast<size_t>(((sample * channels + c) * height + from_y) * width +
                                                from_x)] -
                127.5) /
               64;
      };
      expect(x, wanted, 0, "pixels");
    }
  }
}

TEST_P(TrainBatchTest, ClicksAreRowsNormalisedFeaturesAndLabels) {
  const Samples data(clicks());
  const std::vector<uint32_t> samples{5, 2};
  std::vector<int32_t> rows(4), labels(2);
  Elements x(element(), 6);
  assemble_clicks({.data = &data, .samples = samples, .augmentation = {}}, element(), x.data(), rows.data(),
                  labels.data());
  expect(
      x,
      [&](int64_t i) {
        return (14.0 * static_cast<double>(samples[static_cast<size_t>(i / 3)] * 3 + i % 3) - 128) / 64;
      },
      0, "features");
  EXPECT_EQ(rows, (std::vector<int32_t>{110, 111, 104, 105}));
  EXPECT_EQ(labels, (std::vector<int32_t>{1, 0}));
}

TEST(TrainBatch, TokensAreThoseOfTheWindowAndTheOnesAfterThem) {
  const std::vector<uint32_t> starts{5, 2};
  std::vector<int32_t> ids(6), next(6);
  train::Dataset text;
  text.kind = train::DataKind::text;
  text.window = 3;
  for (uint16_t i = 0; i < 20; ++i) text.tokens.push_back(static_cast<uint16_t>(40000 + i));
  const Samples stream(text);
  EXPECT_EQ(stream.bound(), 17);
  assemble_tokens({.data = &stream, .samples = starts, .augmentation = {}}, ids.data(), next.data());
  EXPECT_EQ(ids, (std::vector<int32_t>{40005, 40006, 40007, 40002, 40003, 40004}));
  EXPECT_EQ(next, (std::vector<int32_t>{40006, 40007, 40008, 40003, 40004, 40005}));
}

}  // namespace
}  // namespace breakeven::cpu
