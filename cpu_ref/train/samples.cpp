// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/samples.h"

#include <algorithm>
#include <cstring>

namespace breakeven::cpu {

using train::DataKind;
using train::Dataset;

Samples::Samples(const Dataset& data)
    : kind(data.kind),
      count(data.samples),
      channels(data.channels),
      height(data.height),
      width(data.width),
      dense_features(data.dense_features),
      fields(data.fields),
      window(data.window) {
  if (kind == DataKind::text) {
    pages_ = Pages(2 * std::ssize(data.tokens));
    std::memcpy(pages_.data(), data.tokens.data(), data.tokens.size() * 2);
    bound_ = std::ssize(data.tokens) - window;
    return;
  }
  constexpr int64_t kAlignment = 16;
  label_at_ = kind == DataKind::images ? channels * height * width : 4 * fields + dense_features;
  stride_ = (record_bytes() + kAlignment - 1) / kAlignment * kAlignment;
  pages_ = Pages(count * stride_);
  bound_ = count;
  copy_records(data);
}

void Samples::copy_records(const Dataset& data) {
  const int64_t pixels = channels * height * width;
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < count; ++i) {
    auto* to = reinterpret_cast<uint8_t*>(pages_.data()) + i * stride_;
    to = std::copy_n(data.pixels.data() + i * pixels, pixels, to);
    if (kind == DataKind::clicks) {
      std::memcpy(to, data.rows.data() + i * fields, static_cast<size_t>(4 * fields));
      to = std::copy_n(data.dense.data() + i * dense_features, dense_features, to + 4 * fields);
    }
    *to = data.labels[static_cast<size_t>(i)];
  }
}

}  // namespace breakeven::cpu
