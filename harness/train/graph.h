// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "harness/train/program.h"

namespace breakeven::train {

/// Shapes of a model that do not fit together; the message names the layer and the shapes.
struct ShapeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A model as its code writes it: operations on values, forward alone. Every function checks the shapes it is
/// given and throws ShapeError naming the layer. `name` prefixes parameters and values.
class Graph {
 public:
  explicit Graph(int64_t batch);

  // What a batch brings.
  ValueId pixels(int64_t height, int64_t width, int64_t channels);
  ValueId tokens(int64_t length);
  ValueId dense(int64_t features);
  ValueId rows(int64_t fields);

  enum class Bias : uint8_t { no, yes };
  struct Linear {
    int64_t out = 0;
    Bias bias = Bias::no;
    float scale = 1;
    float bound = 0;  // of the initial weights; 0: sqrt(6 / inputs)
  };
  /// Over the last extent of [B,T,C]; over all but the batch of an image [B,H,W,C], flattened.
  ValueId linear(const std::string& name, ValueId x, const Linear&);
  /// With the weights of `embed` called `embedding`: logits = x E^T.
  ValueId tied_linear(const std::string& name, ValueId x, const std::string& embedding);
  ValueId conv(const std::string& name, ValueId x, int64_t out, int64_t kernel, int64_t stride,
               int64_t padding);
  ValueId batchnorm(const std::string& name, ValueId x);
  ValueId layernorm(const std::string& name, ValueId x);
  ValueId relu(const std::string& name, ValueId x);
  ValueId gelu(const std::string& name, ValueId x);
  ValueId maxpool(const std::string& name, ValueId x, int64_t size);
  ValueId add(const std::string& name, ValueId a, ValueId b);
  ValueId attention(const std::string& name, ValueId qkv, int64_t heads);
  ValueId embed(const std::string& name, ValueId tokens, int64_t vocabulary, int64_t width, float bound);
  ValueId lookup(const std::string& name, ValueId rows, int64_t table_rows, int64_t width, float bound);
  ValueId interaction(const std::string& name, ValueId x, ValueId e);

  /// The end: mean cross-entropy against one label a row of [R, classes] logits; or, of one logit a sample,
  /// against labels 0 and 1.
  void cross_entropy(ValueId logits);
  void binary_cross_entropy(ValueId logits);

  const std::vector<int64_t>& shape(ValueId id) const { return program_.value(id).shape; }
  int64_t batch() const { return program_.batch; }
  /// The operations so far, without gradients.
  const Program& forward() const { return program_; }

 private:
  ValueId value(std::string name, std::vector<int64_t> shape, Storage storage = Storage::activation);
  int parameter(std::string name, std::vector<int64_t> shape, float bound, float constant, bool decays);
  int state(std::string name, int64_t size, float initial);
  ValueId elementwise(OpKind, const std::string& name, ValueId x);
  void finish(OpKind, ValueId logits, std::vector<int64_t> label_shape);
  Program program_;
};

/// The whole program: activations drawn into the operations before them, then gradients by the
/// chain rule, in reverse order. Where a value is read several times, its gradients meet in `add`.
Program differentiate(const Graph&);

/// Where every value lies in one block of memory, in bytes, so that values which are never alive together
/// share it. `bytes_of` says how long each is; offsets are multiples of 64. Greedy by size, largest first
/// (Pisarchyk, Lee: "Efficient memory management for deep neural net inference", 2020).
struct MemoryPlan {
  std::vector<int64_t> offset;  // by ValueId; -1 where a value is never written
  int64_t bytes = 0;
};
MemoryPlan plan_memory(const Program&, const std::vector<int64_t>& bytes_of);

}  // namespace breakeven::train
