// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/train/optimizer.h"

// What the loops of a training step are given (loops.h). Plain structures: they go to code that is compiled
// for one instruction set, where nothing of a library may be instantiated.

namespace breakeven::cpu {

/// Memory for partial sums that grows to what is asked for and is kept; one loop's at a time.
class Room {
 public:
  Room() = default;
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room();
  /// `n` floats on a cache line, with anything in them; they are gone at the next call. Throws OutOfMemory.
  float* floats(int64_t n);
  int64_t bytes() const { return 4 * size_; }

 private:
  float* data_ = nullptr;
  int64_t size_ = 0;
};

/// x[rows, channels] -> y = act(gamma (x - mean) rstd + beta). With `pooled` the largest of each 2x2 window
/// of y[batch, height, width, channels] as well: rows = batch height width, both even; then y may be null,
/// which saves half of the traffic.
struct BatchNorm {
  const void* x = nullptr;
  const float *gamma = nullptr, *beta = nullptr;
  void* y = nullptr;
  void* pooled = nullptr;                  // [batch, height / 2, width / 2, channels], or null
  float *mean = nullptr, *rstd = nullptr;  // written by `batchnorm`
  float *running_mean = nullptr, *running_variance = nullptr;  // read by `batchnorm_inference`; else moved
                                                               // unless null
  int64_t rows = 0, channels = 0;
  int64_t height = 0, width = 0;  // with `pooled`
  bool relu = false;
  Room* room = nullptr;
};

/// Does not read y: it is worked out again from x, to the same bits. With dpooled in place of dy, the
/// gradient passes the 2x2 pooling first (to the first largest of a window); same conditions.
struct BatchNormBackward {
  const void *x = nullptr, *dy = nullptr, *dpooled = nullptr;
  const float *mean = nullptr, *rstd = nullptr, *gamma = nullptr, *beta = nullptr;  // as forward had them
  void* dx = nullptr;                                                               // may be dy
  float *dgamma = nullptr, *dbeta = nullptr;                                        // set
  int64_t rows = 0, channels = 0;
  int64_t height = 0, width = 0;
  bool relu = false;
  Room* room = nullptr;
};

struct LayerNorm {
  const void* x = nullptr;
  const float *gamma = nullptr, *beta = nullptr;
  void* y = nullptr;
  float *mean = nullptr, *rstd = nullptr;  // [rows]
  int64_t rows = 0, columns = 0;
};
struct LayerNormBackward {
  const void *x = nullptr, *dy = nullptr;
  const float *mean = nullptr, *rstd = nullptr, *gamma = nullptr;
  void* dx = nullptr;                         // not dy, not x
  float *dgamma = nullptr, *dbeta = nullptr;  // set
  int64_t rows = 0, columns = 0;
  Room* room = nullptr;
};

enum class Following : uint8_t { nothing, relu, gelu };
/// z = scale product + bias, y = act(z). With fp32 elements y or z may be the product.
struct Epilogue {
  const float* product = nullptr;  // [rows, columns]
  const float* bias = nullptr;     // [columns] or null
  void* y = nullptr;
  void* z = nullptr;  // or null
  int64_t rows = 0, columns = 0;
  float scale = 1;
  Following following = Following::nothing;
};
struct ColumnSums {
  const void* x = nullptr;
  float* sums = nullptr;
  int64_t rows = 0, columns = 0;
  float factor = 1;
  bool accumulate = false;
  Room* room = nullptr;
};

/// x[batch, height, width, channels] -> y[batch, height / kernel, width / kernel, channels]; what is left
/// over at the far edges is in no window.
struct MaxPool {
  const void* x = nullptr;
  void* y = nullptr;
  int64_t batch = 0, height = 0, width = 0, channels = 0, kernel = 2;
};
struct MaxPoolBackward {
  const void *x = nullptr, *dy = nullptr;
  void* dx = nullptr;
  int64_t batch = 0, height = 0, width = 0, channels = 0, kernel = 2;
};

/// qkv[batch, tokens, 3 width] -> y[batch, tokens, width], lse[batch, heads, tokens].
struct Attention {
  const void* qkv = nullptr;
  void* y = nullptr;
  float* lse = nullptr;
  int64_t batch = 0, tokens = 0, width = 0, heads = 1;
  Room* room = nullptr;
};
struct AttentionBackward {
  const void *qkv = nullptr, *y = nullptr, *dy = nullptr;
  const float* lse = nullptr;
  void* dqkv = nullptr;
  int64_t batch = 0, tokens = 0, width = 0, heads = 1;
  Room* room = nullptr;
};

/// Tables are fp32: the masters.
struct Embed {
  const int32_t* ids = nullptr;  // [batch, tokens]
  const float *table = nullptr, *positions = nullptr;
  void* x = nullptr;
  int64_t batch = 0, tokens = 0, width = 0;
};
struct EmbedBackward {
  const int32_t* ids = nullptr;
  const void* dx = nullptr;
  float *dtable = nullptr, *dpositions = nullptr;  // dpositions set
  int64_t batch = 0, tokens = 0, width = 0, vocabulary = 0;
  bool accumulate = false;  // dtable is added to, else set
};
struct Lookup {
  const int32_t* rows = nullptr;  // [count]: batch times fields
  const float* table = nullptr;   // [table_rows, width]
  void* e = nullptr;              // [count, width]
  int64_t count = 0, width = 0;
};
struct LookupBackward {
  const int32_t* rows = nullptr;
  const void* de = nullptr;
  float* dtable = nullptr;  // set
  int64_t count = 0, width = 0, table_rows = 0;
};
struct Interaction {
  const void *x = nullptr, *e = nullptr;
  void* z = nullptr;
  int64_t batch = 0, fields = 0, width = 0;
  Room* room = nullptr;
};
struct InteractionBackward {
  const void *x = nullptr, *e = nullptr, *dz = nullptr;
  void *dx = nullptr, *de = nullptr;
  int64_t batch = 0, fields = 0, width = 0;
  Room* room = nullptr;
};

/// Labels below `columns`. `loss` and `dlogits` by training alone: the mean over rows; its gradient times
/// loss_scale.
struct CrossEntropy {
  const void* logits = nullptr;  // [rows, columns]
  const int32_t* labels = nullptr;
  void* dlogits = nullptr;  // may be logits
  float* loss = nullptr;    // one
  int64_t rows = 0, columns = 1;
  float loss_scale = 1;
  Room* room = nullptr;
};
struct LossSum {
  double loss = 0;  // summed over rows
  int64_t correct = 0;
};

struct GradientFacts {
  double squares = 0;  // their sum
  bool finite = true;  // all of them
};

/// Arenas of n floats, n a multiple of 16. Gradients are left as they are.
struct Update {
  float* parameters = nullptr;
  const float* gradients = nullptr;
  float *first = nullptr, *second = nullptr;  // moments: sgd m; adamw m, v; adagrad v (as `second`)
  void* copy = nullptr;                       // of the parameters in the table's elements, or null
  const uint8_t* decays = nullptr;            // for each 16 floats, whether they decay
  int64_t n = 0;
  train::Optimizer optimizer;
  float rate = 0;
  int64_t number = 1;  // of the step, from 1
  float factor = 1;    // of the gradients: clipping
};

}  // namespace breakeven::cpu
