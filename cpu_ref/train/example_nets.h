// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/train/dataset.h"
#include "harness/train/graph.h"

// Models and data for tests and benchmarks of the executables.

namespace breakeven::cpu::example {

/// ResNet-9 on images of 32 x 32 x 3; `width` filters in its first layer.
train::Graph resnet9(int64_t batch, int64_t width);

/// A decoder-only transformer with tied embeddings.
struct Gpt {
  int64_t layers = 2, width = 128, heads = 4, context = 64, vocabulary = 512;
};
train::Graph gpt(int64_t batch, const Gpt&);

/// Layers of `hidden` on images of size x size x 1, ten classes.
train::Graph mlp(int64_t batch, int64_t size, int64_t hidden);

struct Dlrm {
  int64_t dense = 8, fields = 8, table_rows = 8000, width = 16, bottom = 64, top = 64;
};
train::Graph dlrm(int64_t batch, const Dlrm&);

// Random bytes, labels and tokens, the same for the same seed.
train::Dataset images(int64_t samples, int64_t size, int64_t channels, uint64_t seed);
train::Dataset text(int64_t tokens, const Gpt&, uint64_t seed);
train::Dataset clicks(int64_t samples, const Dlrm&, uint64_t seed);

}  // namespace breakeven::cpu::example
