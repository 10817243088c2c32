// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/train/executable.h"
#include "kernels/cuda/context.h"
#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/train/batch.h"
#include "kernels/cuda/train/memory.h"

namespace breakeven::cuda {

/// A data set in device memory.
class DeviceData {
 public:
  DeviceData() = default;
  DeviceData(const train::Dataset&, const Context&);
  int64_t samples() const { return samples_; }
  /// The batch's values from the samples chosen.
  void load(const train::Program&, Precision, const train::Augmentation&, const train::Order&, const Chosen&,
            const TrainMemory&, cudaStream_t) const;
  int64_t bytes() const;

 private:
  int64_t samples_ = 0;
  ImageBatch images_;
  TextBatch text_;
  ClickBatch clicks_;
  DeviceBuffer pixels_, labels_, tokens_, dense_, rows_;
};

}  // namespace breakeven::cuda
