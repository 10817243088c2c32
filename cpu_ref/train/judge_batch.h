// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "harness/train/dataset.h"
#include "harness/train/operation_judge.h"

namespace breakeven::cpu {

/// Whether a program can read these data: throws std::invalid_argument with one sentence naming what does not
/// fit (extents or number of samples, tokens beyond the vocabulary, rows beyond the tables, labels beyond the
/// classes).
void require_fit(const train::Program&, const train::Dataset&);

/// How the images of a batch are changed; by default not at all.
struct BatchAugmentation {
  train::Augmentation augmentation;
  uint64_t seed = 0, epoch = 0;  // of the run
};

/// Writes what a batch brings (Program::inputs): `samples` as Order::samples has them, one for each sample of
/// the program's batch; normalised, in double.
void assemble_batch(const train::Program&, const train::Dataset&, std::span<const uint32_t> samples,
                    const BatchAugmentation&, train::Arrays&);

/// The samples of the evaluation batch that starts with number `first`: in order from `first` on, sample 0
/// where there are no more.
std::vector<uint32_t> evaluation_samples(const train::Program&, const train::Dataset&, int64_t first);

}  // namespace breakeven::cpu
