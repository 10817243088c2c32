// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/train/dataset.h"

namespace breakeven::train {

/// Where a workload's samples come from. Generated: "glyph" (strokes of ten digits, 28 x 28), "shapes" (ten
/// shapes in colour, 32 x 32), "sentences" (an invented language), "clicks" (categorical and dense features,
/// 0 or 1). A user's files, in a folder: "mnist" (IDX), "cifar10" (binary), "text" (train.txt, test.txt; a
/// token a byte).
struct DataSpec {
  std::string source;
  int difficulty = 1;  // glyph, shapes
  int64_t train = 0;   // samples; sentences: tokens; files: 0 for all there are
  int64_t test = 0;
  int64_t window = 0;                 // sentences, text: tokens of a sample
  bool large = false;                 // sentences: a lexicon of 3139 words instead of 453
  int64_t scale = 1;                  // clicks: factor of the large tables' rows
  std::string train_hash, test_hash;  // expected; empty: not checked
};

bool is_generated(const std::string& source);
/// Makes the samples on all threads; the same bytes for any number of them.
Datasets make_data(const DataSpec&, const std::optional<std::filesystem::path>& folder);

}  // namespace breakeven::train
