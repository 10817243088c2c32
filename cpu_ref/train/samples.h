// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "cpu_ref/pages.h"
#include "harness/train/dataset.h"

namespace breakeven::cpu {

/// Data that batches are taken from, in memory of an executable's own. A batch's samples lie far apart: each
/// is one record, so that it is missed in the caches once, on huge pages, so that it is found in the TLB.
class Samples {
 public:
  Samples() = default;
  explicit Samples(const train::Dataset&);  // throws OutOfMemory

  train::DataKind kind = train::DataKind::images;
  int64_t count = 0;  // Dataset::samples
  int64_t channels = 0, height = 0, width = 0, dense_features = 0, fields = 0, window = 0;

  // images: pixels [channels, height, width], label; clicks: rows [fields], dense [dense_features], label.
  const uint8_t* record(uint32_t sample) const {
    return reinterpret_cast<const uint8_t*>(pages_.data()) + sample * stride_;
  }
  int64_t record_bytes() const { return label_at_ + 1; }
  const uint8_t* dense(uint32_t sample) const { return record(sample) + 4 * fields; }
  uint8_t label(uint32_t sample) const { return record(sample)[label_at_]; }
  /// text: the stream from this token on.
  const uint16_t* tokens(uint32_t start) const {
    return reinterpret_cast<const uint16_t*>(pages_.data()) + start;
  }

  /// Samples, or tokens where windows start, are below this.
  int64_t bound() const { return bound_; }
  int64_t bytes() const { return pages_.size(); }

 private:
  void copy_records(const train::Dataset&);

  Pages pages_;
  int64_t stride_ = 0, label_at_ = 0, bound_ = 0;
};

}  // namespace breakeven::cpu
