// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "suites/train/clicks.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "suites/train/draws.h"
#include "suites/train/mix.h"

namespace breakeven::train {
namespace {

constexpr uint64_t kSeed = 4242;

/// 65536 / (1 + e^-x) for x = -8, -7.75, ... 8, as the generator defines it.
constexpr std::array<uint32_t, 65> kLogistic{
    22,    28,    36,    47,    60,    77,    99,    127,   162,   208,   268,   343,   440,
    565,   724,   928,   1179,  1512,  1938,  2481,  3108,  3946,  4994,  6301,  7812,  9740,
    11954, 14545, 17625, 20864, 24743, 28693, 32768, 36843, 40793, 44672, 47911, 50991, 53582,
    55796, 57724, 59235, 60542, 61590, 62428, 63055, 63598, 64024, 64357, 64608, 64812, 64971,
    65096, 65193, 65268, 65328, 65374, 65409, 65437, 65459, 65476, 65489, 65500, 65508, 65514};

/// log_odds in 1024ths, interpolated.
uint32_t logistic(int32_t log_odds) {
  const auto place = static_cast<uint32_t>(std::clamp(log_odds + 8192, 0, 16383));
  const uint32_t step = place >> 8, part = place & 255;
  return (kLogistic[step] * (256 - part) + kLogistic[step + 1] * part) >> 8;
}

/// An octave first, all alike likely, then an id within it.
uint32_t draw_id(Draws& draws, uint32_t ids) {
  const auto octaves = static_cast<uint32_t>(std::bit_width(ids - 1));
  const uint32_t octave = draws.below(octaves);
  const uint32_t first = octave == 0 ? 0 : 1u << octave, end = std::min(ids, 2u << octave);
  return end > first ? first + draws.below(end - first) : 0;
}

using Hidden = std::array<int32_t, 4>;

/// The hidden vector of an id, components -8..8.
Hidden hidden(uint32_t field, uint32_t id) {
  Hidden vector;
  for (uint32_t i = 0; i < vector.size(); ++i) {
    vector[i] = static_cast<int32_t>(mix(id * 31u + field * 1000003u + i * 77777u) % 17) - 8;
  }
  return vector;
}

int32_t log_odds(const Click& click) {
  constexpr std::pair<size_t, size_t> kPairs[] = {{0, 1}, {0, 3}, {1, 2}, {2, 4}, {0, 5}, {1, 6}};
  std::array<Hidden, kClickFields> vectors;
  int32_t sum = -1300;
  for (uint32_t field = 0; field < kClickFields; ++field) {
    sum += static_cast<int32_t>(mix(click.ids[field] * 131u + field * 7919u) % 801) - 400;
    vectors[field] = hidden(field, click.ids[field]);
  }
  for (const auto& [one, other] : kPairs) {
    int32_t product = 0;
    for (size_t i = 0; i < vectors[one].size(); ++i) product += vectors[one][i] * vectors[other][i];
    sum += 14 * product;
  }
  const auto dense = [&](size_t i) { return click.dense[i] - 128; };
  return sum + 3 * dense(0) + dense(1) * dense(2) / 64;
}

}  // namespace

std::array<uint32_t, kClickFields> click_ids(int64_t scale) {
  std::array<uint32_t, kClickFields> ids{4000, 2000, 1000, 500, 200, 100, 50, 20};
  for (uint32_t& count : ids) {
    if (count >= 500) count *= static_cast<uint32_t>(scale);
  }
  return ids;
}

Click draw_click(int64_t scale, uint32_t stream, uint64_t index) {
  Draws draws(kSeed, stream, index);
  const auto ids = click_ids(scale);
  Click click;
  for (size_t field = 0; field < ids.size(); ++field) click.ids[field] = draw_id(draws, ids[field]);
  for (uint8_t& byte : click.dense) byte = static_cast<uint8_t>(draws.next() >> 24);
  click.probability = logistic(log_odds(click));
  click.label = draws.next() >> 16 < click.probability;
  return click;
}

double bayes_auc(int64_t scale, uint32_t stream, int64_t samples) {
  // Samples of either label by probability; a pair of them counts when the clicked one is likelier, half in a
  // tie.
  std::vector<int64_t> clicked(1 << 16), passed(1 << 16);
  for (int64_t i = 0; i < samples; ++i) {
    const Click click = draw_click(scale, stream, static_cast<uint64_t>(i));
    ++(click.label ? clicked : passed)[click.probability];
  }
  double pairs = 0, all_clicked = 0, passed_below = 0;
  for (size_t p = 0; p < clicked.size(); ++p) {
    const auto here = static_cast<double>(clicked[p]), others = static_cast<double>(passed[p]);
    pairs += here * (passed_below + others / 2);
    all_clicked += here;
    passed_below += others;
  }
  return pairs / (all_clicked * passed_below);
}

}  // namespace breakeven::train
