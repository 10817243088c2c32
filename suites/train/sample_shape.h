// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "harness/train/dataset.h"
#include "suites/train/data.h"

namespace breakeven::train {

/// What a model is given and asked for: the shape of one sample, known before any is made.
struct SampleShape {
  DataKind kind = DataKind::images;
  int64_t height = 0, width = 0, channels = 0, classes = 0;  // images
  int64_t vocabulary = 0, window = 0;                        // text
  int64_t dense_features = 0, fields = 0, table_rows = 0;    // clicks
  int64_t bytes() const;                                     // of a sample; of text: of a token
};

/// The sources that data.h lists.
std::span<const std::string_view> data_sources();
/// Of the samples from `source`, one of data_sources().
SampleShape sample_shape(const DataSpec&);

}  // namespace breakeven::train
