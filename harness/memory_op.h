// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/inputs.h"
#include "harness/precision.h"

namespace breakeven {

/// Operations that memory bounds. P is the problem's precision; "[r,c]" are rows and columns.
///   copy, triad        n: y = x; y = a + 3 b
///   softmax            r, c: y = softmax of each row of x
///   layernorm          r, c: y = (x - mean) rstd gamma + beta per row; mean, rstd
///   layernorm_bwd      r, c: dx, dgamma, dbeta from dy, x, gamma, mean, rstd
///   gelu               n: y = 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))  (Hendrycks & Gimpel 2016, eq.
///   3) cross_entropy      r, c: loss[i] = -log softmax(x[i])[label[i]]; dx = (softmax(x) - onehot(label)) /
///   r adamw              n: one step (Loshchilov & Hutter 2019, algorithm 2), in place gather             v,
///   d, i: y[j] = table[index[j]], rows of d scatter_add        v, d, i: table[index[j]] += x[j], in place
enum class MemoryKind : uint8_t {
  copy,
  triad,
  softmax,
  layernorm,
  layernorm_bwd,
  gelu,
  cross_entropy,
  adamw,
  gather,
  scatter_add
};
std::string_view name(MemoryKind);
std::span<const MemoryKind> all_memory_kinds();

inline constexpr float kTriadFactor = 3;
inline constexpr float kLayerNormEpsilon = 1e-5f;
/// AdamW at step 1000, so that the bias corrections 1 - beta^step matter and are not tiny.
struct AdamwConstants {
  float rate = 1e-3f, beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f, decay = 0.01f;
  float correction1 = 1.0f;         // 1 - 0.9^1000
  float correction2 = 0.63230461f;  // 1 - 0.999^1000
};
inline constexpr AdamwConstants kAdamw{};

/// One operation on dense row-major arrays. Arrays that hold P's elements: x, y, dx, dy, a, b, the gradient
/// of adamw, the tables of gather, the rows that scatter_add adds. Always fp32: gamma, beta, mean, rstd,
/// dgamma, dbeta, loss, AdamW's parameters and moments, the table of scatter_add. int32: labels and indices.
///
/// In place: the first results are the first operands, as they become. A contender is given them afresh by
/// `Job::poison`, and repeated executions go on from what the one before left.
struct MemoryOp {
  MemoryKind kind = MemoryKind::copy;
  int64_t n = 0;                  // elements (copy, triad, gelu, adamw)
  int64_t rows = 0, columns = 0;  // softmax, layernorm*, cross_entropy
  int64_t table = 0, depth = 0,
          indices = 0;  // gather, scatter_add: rows of the table, their length, rows taken
  Precision precision = Precision::fp32;

  /// `<kind>-n..`, `<kind>-r..c..` or `<kind>-v..d..i..`, for example `softmax-r4096c1024`.
  std::string name() const;
  /// Compulsory traffic: every array read once and written once; in place, both; of a table, the rows that
  /// are taken. The flops are nominal and small.
  Work work() const;
  /// In the order of the list below.
  ///   copy x | triad a, b | softmax x | gelu x | layernorm x, gamma, beta | layernorm_bwd x, gamma, mean,
  ///   rstd, dy | cross_entropy x, labels | adamw parameters, first moment, second moment, gradient | gather
  ///   table, indices | scatter_add table, indices, x
  std::vector<ArrayShape> operands() const;
  ///   copy, triad, softmax, gelu, gather y | layernorm y, mean, rstd | layernorm_bwd dx, dgamma, dbeta |
  ///   cross_entropy loss, dx | adamw parameters, first moment, second moment | scatter_add table
  std::vector<ArrayShape> results() const;
  /// How many of the first operands are updated in place.
  int64_t in_place() const;
  Inputs inputs(uint64_t seed) const;
  bool operator==(const MemoryOp&) const = default;
};

std::optional<MemoryOp> parse_memory_op(std::string_view text, Precision precision, std::string* why);

}  // namespace breakeven
