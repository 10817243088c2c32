// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "cpu_ref/train/samples.h"
#include "harness/precision.h"

namespace breakeven::cpu {

/// Which samples a batch takes, and how images are changed on the way (dataset.h).
struct BatchOf {
  const Samples* data = nullptr;
  std::span<const uint32_t> samples;  // text: where windows start
  train::Augmentation augmentation;   // none in evaluation
  uint64_t seed = 0, epoch = 0;
};

// Batches from the data as it lies in memory, shared among the threads of omp_get_max_threads(). Elements:
// fp32, bf16 or fp16. Sample numbers are the caller's to keep in bounds.

/// x[samples, height, width, channels], normalised; labels[samples].
void assemble_images(const BatchOf&, Element, void* x, int32_t* labels);
/// x[samples, dense_features], normalised; rows[samples, fields]; labels[samples].
void assemble_clicks(const BatchOf&, Element, void* x, int32_t* rows, int32_t* labels);
/// ids[samples, window] and the token after each.
void assemble_tokens(const BatchOf&, int32_t* ids, int32_t* next);

}  // namespace breakeven::cpu
