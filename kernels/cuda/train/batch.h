// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "harness/precision.h"
#include "harness/train/dataset.h"

// Batches, made on the device from data that lie there as whole numbers (harness/train/dataset.h).

namespace breakeven::cuda {

/// Which samples: order[0..batch), or, where that is null, `first` and those after it (the last one again
/// where the data end).
struct Chosen {
  const uint32_t* order = nullptr;
  int64_t first = 0, samples = 0, batch = 0;
};

struct ImageBatch {
  const uint8_t *pixels = nullptr, *labels = nullptr;
  int64_t channels = 0, height = 0, width = 0;
  train::Augmentation augmentation;
  uint64_t seed = 0, epoch = 0;
};
void launch_images(Precision, const ImageBatch&, const Chosen&, void* pixels, int* labels, cudaStream_t);

/// Windows of `window` tokens begin at order[i], or at multiples of `window`.
struct TextBatch {
  const uint16_t* tokens = nullptr;
  int64_t window = 0;
};
void launch_text(const TextBatch&, const Chosen&, int* tokens, int* labels, cudaStream_t);

struct ClickBatch {
  const uint8_t *labels = nullptr, *dense = nullptr;
  const uint32_t* rows = nullptr;
  int64_t dense_features = 0, fields = 0;
};
void launch_clicks(Precision, const ClickBatch&, const Chosen&, void* dense, int* rows, int* labels,
                   cudaStream_t);

}  // namespace breakeven::cuda
