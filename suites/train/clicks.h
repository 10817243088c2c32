// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace breakeven::train {

inline constexpr int kClickFields = 8, kClickDense = 8;
inline constexpr int64_t kMostClickScale = 100'000;  // so that all rows together count in 32 bits

/// What is shown to somebody, and whether they click: ids of eight kinds, eight bytes, 0 or 1.
struct Click {
  std::array<uint32_t, kClickFields> ids;
  std::array<uint8_t, kClickDense> dense;
  uint32_t probability;  // of the label 1, in 65536ths
  uint8_t label;
};

/// Ids there are of each kind: 4000, 2000, 1000, 500, 200, 100, 50, 20, those of 500 and more times `scale`.
std::array<uint32_t, kClickFields> click_ids(int64_t scale);

/// Sample `index` of a stream. Small ids are the frequent ones (each power of two is as likely as the next,
/// nearly Zipf's law). The log-odds are a sum of what each id is worth, of how well six pairs of ids go
/// together (products of hidden vectors, nothing linear finds them) and of terms in the dense bytes.
Click draw_click(int64_t scale, uint32_t stream, uint64_t index);

/// Area under the curve of the true probabilities over a stream's first samples: nobody who sees the features
/// can be expected to do better (0.8305 at scale 1; logistic regression reaches 0.641).
double bayes_auc(int64_t scale, uint32_t stream, int64_t samples);

}  // namespace breakeven::train
