// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace breakeven::train {

/// How a value's elements are kept: `activation` in the precision of the training (fp64 by the judge), `wide`
/// always in fp32 (statistics, losses; fp64 by the judge), `index` in int32 (tokens, rows of tables, labels).
enum class Storage : uint8_t { activation, wide, index };

using ValueId = int32_t;
inline constexpr ValueId kNoValue = -1;

/// An array that one operation writes and others read. The batch is part of the shape: [batch, height, width,
/// channels], [batch, tokens, width], [batch, width].
struct Value {
  std::string name;
  std::vector<int64_t> shape;
  Storage storage = Storage::activation;
  int64_t size() const {
    int64_t n = 1;
    for (const int64_t extent : shape) n *= extent;
    return n;
  }
};

/// A parameter tensor: `size` floats from `offset` on in the arenas of parameters, gradients and moments,
/// row-major. Arenas are fp32; offsets are multiples of kArenaAlignment floats, and what lies between two
/// parameters is zero and stays so.
struct Parameter {
  std::string name;            // "block1.conv.weight"
  std::vector<int64_t> shape;  // linear [out, in]; conv [out, r, s, in]; tables [rows, width]; else [n]
  int64_t offset = 0, size = 0;
  /// Starts at U(-bound, bound), or, where bound is 0, at `constant`.
  float bound = 0, constant = 0;
  bool decays = true;  // weight decay applies
};
inline constexpr int64_t kArenaAlignment = 16;

/// Running statistics of a batch normalization: floats from `offset` on in the arena of states.
struct State {
  std::string name;
  int64_t offset = 0, size = 0;
  float initial = 0;
};

/// What one operation computes. Shapes: R rows (all extents but the last), B batch, T tokens, D width.
/// `in` -> `out` (parameters; attributes):
///   linear           x[R,K] -> y[R,N], with activation gelu also z[R,N] before it
///                    (W[N,K], perhaps b[N]; scale, activation)      y = act(scale x W^T + b)
///                    R = size(x) / K, however x is shaped
///   linear_data      dz -> dx                 (W; scale)            dx = scale dz W
///   linear_weights   x, dz -> (W, perhaps b; scale, accumulate)     dW (+)= scale dz^T x, db (+)= column
///   sums conv             x[B,H,W,C] -> y[B,P,Q,K] (w[K,r,s,C]; stride, padding) conv_data        dy -> dx
///   (w; stride, padding) conv_weights     x, dy ->                 (w; stride, padding) batchnorm x[..,C] ->
///   y, mean[C], rstd[C] (gamma[C], beta[C]; states running mean and variance;
///                    activation none or relu)     over all rows, biased variance, eps kBatchNormEpsilon;
///                    evaluation takes the running ones, which move by kBatchNormMomentum each step
///   batchnorm_bwd    x, y, mean, rstd, dy -> dx  (gamma, beta: gradients; activation: dy counts where y > 0)
///   layernorm        x[R,D] -> y, mean[R], rstd[R] (gamma[D], beta[D])   eps kLayerNormEpsilon
///   layernorm_bwd    x, mean, rstd, dy -> dx  (gamma, beta)
///   relu, gelu       x -> y                   gelu by tanh: x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
///   relu_bwd         y, dy -> dx              dx = y > 0 ? dy : 0
///   gelu_bwd         x, dy -> dx
///   maxpool          x[B,H,W,C] -> y[B,H/k,W/k,C] (kernel k = stride)
///   maxpool_bwd      x, y, dy -> dx           to the first largest of each window, in row-major order
///   add              a, b -> c                c = a + b, elementwise; also where gradients meet
///   attention        qkv[B,T,3D] -> y[B,T,D], lse[B,heads,T] wide (heads)
///                    per head h of width D/heads: q, k, v at columns h D/heads of each third; causal;
///                    logits times 1/sqrt(D/heads); lse: log of the sum of exponentials
///   attention_bwd    qkv, y, lse, dy -> dqkv  (heads)
///   embed            tokens[B,T] -> x[B,T,D]  (E[V,D], P[T,D])      x = E[token] + P[position]
///   embed_bwd        tokens, dx ->            (E, P; accumulate: E's gradient is added to, else set)
///   lookup           rows[B,F] -> e[B,F,D]    (table[rows,D])
///   lookup_bwd       rows, de ->              (table: gradient set, zero where no row came)
///   interaction      x[B,D], e[B,F,D] -> z[B,D+F(F+1)/2]   x, then v_i . v_j for i < j, i outside, of the
///                    F + 1 vectors v = x, e_0, ..., e_F-1
///   interaction_bwd  x, e, dz -> dx, de
///   cross_entropy    logits[R,V], labels[R] -> loss[1], dlogits[R,V]   mean over rows, gradient with it
///   binary_cross_entropy  logits[B], labels[B] -> loss[1], dlogits[B]  of sigmoid(logit), mean over rows
/// dlogits carry the loss scale (fp16); gradients in the arena are without it.
enum class OpKind : uint8_t {
  linear,
  linear_data,
  linear_weights,
  conv,
  conv_data,
  conv_weights,
  batchnorm,
  batchnorm_bwd,
  layernorm,
  layernorm_bwd,
  relu,
  relu_bwd,
  gelu,
  gelu_bwd,
  maxpool,
  maxpool_bwd,
  add,
  attention,
  attention_bwd,
  embed,
  embed_bwd,
  lookup,
  lookup_bwd,
  interaction,
  interaction_bwd,
  cross_entropy,
  binary_cross_entropy
};
std::string_view name(OpKind);

inline constexpr float kBatchNormEpsilon = 1e-5f, kBatchNormMomentum = 0.1f, kLayerNormEpsilon = 1e-5f;

enum class Activation : uint8_t { none, relu, gelu };

struct Op {
  OpKind kind{};
  std::vector<ValueId> in = {}, out = {};
  std::vector<int> parameters =
      {};  // indices: read; of `_weights` and `_bwd`, (also) whose gradients are written
  std::vector<int> states = {};
  Activation activation = Activation::none;
  bool accumulate = false;
  int64_t kernel = 0, stride = 1, padding = 0, heads = 1;
  float scale = 1;
};

/// What a batch brings: the values that are made from the data (executable.h), in this order. Images: pixels,
/// labels. Text: tokens, the tokens after them. Clicks: dense features, rows of the tables, labels.
struct BatchValues {
  ValueId pixels = kNoValue, tokens = kNoValue, dense = kNoValue, rows = kNoValue, labels = kNoValue;
};

/// A model with its gradient, flat: `forward`, then `backward`, each in the order of execution, every value
/// written once. Knows neither precision nor layout nor backend.
struct Program {
  int64_t batch = 0;
  std::vector<Value> values;
  std::vector<Parameter> parameters;
  std::vector<State> states;
  std::vector<Op> forward, backward;
  BatchValues inputs;
  ValueId logits = kNoValue, loss = kNoValue;
  int64_t arena_size() const;  // floats in the arenas of parameters, gradients and each moment
  int64_t state_size() const;
  const Value& value(ValueId id) const { return values[static_cast<size_t>(id)]; }
  const Parameter& parameter(int id) const { return parameters[static_cast<size_t>(id)]; }
};

/// Operations of one class of hardware work, as time is told by: "conv forward", "conv backward data", ...
std::string_view operation_class(OpKind);

/// Floating-point operations of one step's products (linear, convolution, attention; forward and both
/// gradients), 2 per multiply-add; no recomputation, no elementwise work. The products of padding do not
/// count.
double model_flops(const Program&);
/// Of the forward pass alone.
double forward_flops(const Program&);

}  // namespace breakeven::train
