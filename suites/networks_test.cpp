// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "suites/suites.h"

// The convolutions of published networks, built here from the tables of their papers and held against the
// data files.

namespace breakeven {
namespace {

/// Walks through a network: an image of `size` x `size` with `channels`, from layer to layer.
struct Walk {
  int64_t size, channels;
  std::set<std::string> names;  // of one image, forward

  Conv2d at(int64_t filters, int64_t taps, int64_t stride, int64_t padding, int64_t groups = 1) const {
    return {.n = 1,
            .c = channels,
            .h = size,
            .w = size,
            .k = filters,
            .r = taps,
            .s = taps,
            .stride = stride,
            .padding = padding,
            .groups = groups};
  }
  /// A convolution beside the path: a shortcut.
  void beside(const Conv2d& conv) { names.insert(conv.name()); }
  void through(const Conv2d& conv) {
    beside(conv);
    size = conv.p();
    channels = conv.k;
  }
  void pool() { size /= 2; }
};

Walk resnet50() {
  Walk walk{224, 3, {}};
  walk.through(walk.at(64, 7, 2, 3));
  walk.pool();
  const int64_t blocks[] = {3, 4, 6, 3};
  for (int stage = 0; stage < 4; ++stage) {
    const int64_t width = int64_t{64} << stage;
    for (int64_t block = 0; block < blocks[stage]; ++block) {
      const int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      if (block == 0) walk.beside(walk.at(4 * width, 1, stride, 0));
      walk.through(walk.at(width, 1, 1, 0));
      walk.through(walk.at(width, 3, stride, 1));  // v1.5: the stride is here
      walk.through(walk.at(4 * width, 1, 1, 0));
    }
  }
  return walk;
}

Walk vgg16() {
  Walk walk{224, 3, {}};
  for (const auto& [filters, layers] : {std::pair{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}}) {
    for (int layer = 0; layer < layers; ++layer) walk.through(walk.at(filters, 3, 1, 1));
    walk.pool();
  }
  return walk;
}

Walk mobilenet_v2() {
  struct Row {  // t, c, n, s of the paper's table 2
    int64_t expansion, filters, blocks, stride;
  };
  Walk walk{224, 3, {}};
  walk.through(walk.at(32, 3, 2, 1));
  for (const Row& row : {Row{1, 16, 1, 1}, Row{6, 24, 2, 2}, Row{6, 32, 3, 2}, Row{6, 64, 4, 2},
                         Row{6, 96, 3, 1}, Row{6, 160, 3, 2}, Row{6, 320, 1, 1}}) {
    for (int64_t block = 0; block < row.blocks; ++block) {
      const int64_t inner = walk.channels * row.expansion;
      if (row.expansion > 1) walk.through(walk.at(inner, 1, 1, 0));
      walk.through(walk.at(inner, 3, block == 0 ? row.stride : 1, 1, inner));
      walk.through(walk.at(row.filters, 1, 1, 0));
    }
  }
  walk.through(walk.at(1280, 1, 1, 0));
  return walk;
}

std::vector<Conv2d> convolutions(std::string_view preset) {
  const std::vector<Suite> all = suites({});
  const Suite& conv = *std::ranges::find(all, "conv", &Suite::name);
  std::vector<Conv2d> found;
  for (const Question& q : questions({conv}, preset)) found.push_back(std::get<Conv2d>(q.problem));
  return found;
}

/// Names of those that compute `direction` in fp32, as if for one image.
std::set<std::string> names(const std::vector<Conv2d>& all, Direction direction, int64_t images) {
  std::set<std::string> found;
  for (Conv2d conv : all) {
    if (conv.direction != direction || conv.n != images || conv.precision != Precision::fp32) continue;
    conv.direction = Direction::forward;
    conv.n = 1;
    found.insert(conv.name());
  }
  return found;
}

struct Network {
  const char* name;
  Walk walk;
  size_t different;
  int64_t training_images;
};

struct Networks : testing::TestWithParam<Network> {};

TEST_P(Networks, EveryDifferentConvolutionIsThereBothWays) {
  const auto& [name, walk, different, images] = GetParam();
  EXPECT_EQ(walk.names.size(), different);
  EXPECT_EQ(walk.size, 7);
  const std::vector<Conv2d> standard = convolutions("standard"), full = convolutions("full");
  EXPECT_TRUE(std::ranges::includes(names(standard, Direction::forward, 1), walk.names));
  EXPECT_TRUE(std::ranges::includes(names(full, Direction::forward, images), walk.names));
  EXPECT_TRUE(std::ranges::includes(names(full, Direction::backward_weights, images), walk.names));
  std::set<std::string> inner = walk.names;
  std::erase_if(inner, [](const std::string& n) { return n.starts_with("fwd-n1c3h"); });
  EXPECT_EQ(inner.size() + 1, walk.names.size());
  EXPECT_TRUE(std::ranges::includes(names(full, Direction::backward_data, images), inner));
}

INSTANTIATE_TEST_SUITE_P(All, Networks,
                         testing::Values(Network{"ResNet50", resnet50(), 23, 32},
                                         Network{"MobileNetV2", mobilenet_v2(), 30, 32}),
                         [](const auto& info) { return info.param.name; });

TEST(Vgg16, EveryDifferentConvolutionIsThereBothWays) {
  const Walk walk = vgg16();
  EXPECT_EQ(walk.names.size(), 9u);
  const std::vector<Conv2d> full = convolutions("full");
  EXPECT_TRUE(std::ranges::includes(names(convolutions("standard"), Direction::forward, 1), walk.names));
  EXPECT_TRUE(std::ranges::includes(names(full, Direction::forward, 16), walk.names));
  EXPECT_TRUE(std::ranges::includes(names(full, Direction::backward_weights, 16), walk.names));
}

// 94, 107 and 16 lines in DeepBench; each list names a problem once.
TEST(DeepBench, ConvolutionsAreWhole) {
  const std::vector<Suite> all = suites({});
  const Suite& conv = *std::ranges::find(all, "conv", &Suite::name);
  const auto set = [&](std::string_view name) -> const ProblemSet& {
    return *std::ranges::find(conv.sets, name, &ProblemSet::name);
  };
  EXPECT_EQ(set("deepbench_training").problems.size(), 90u * 3);
  EXPECT_EQ(set("deepbench_gradients").problems.size(), 90u * 2 * 2);
  EXPECT_EQ(set("deepbench_server").problems.size(), 103u * 3);
  EXPECT_EQ(set("deepbench_device").problems.size(), 15u * 2);
  // Its first line: w 700, h 161, c 1, n 4, k 32, filter_w 20, filter_h 5, no padding, steps of 2.
  EXPECT_EQ(name(set("deepbench_training").problems.front()), "fwd-n4c1h161w700k32r5s20u2p0");
}

// The paper's figure 1: 572 -> 570 -> 568, pooled, 284 -> 282 -> 280; upwards 200 -> 198 -> 196.
TEST(UNet, ImagesShrinkAsInTheFigure) {
  std::map<std::string, int64_t> heights;
  for (const Conv2d& conv : convolutions("full")) heights[conv.name()] = conv.p();
  EXPECT_EQ(heights.at("fwd-n1c1h572w572k64r3s3u1p0"), 570);
  EXPECT_EQ(heights.at("fwd-n1c64h570w570k64r3s3u1p0"), 568);
  EXPECT_EQ(heights.at("fwd-n1c64h284w284k128r3s3u1p0"), 282);
  EXPECT_EQ(heights.at("fwd-n1c256h200w200k128r3s3u1p0"), 198);
  EXPECT_EQ(heights.at("bwdd-n1c128h200w200k256r2s2u2p0"), 100);  // 100 -> 200, upwards
}

}  // namespace
}  // namespace breakeven
