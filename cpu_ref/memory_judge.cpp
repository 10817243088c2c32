// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/memory_judge.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace breakeven::cpu {
namespace {

/// A position in the sequence of all results: which result, and where in it.
struct Place {
  size_t result;
  int64_t index;
};

class Places {
 public:
  explicit Places(const MemoryOp& op) {
    for (const ArrayShape& shape : op.results()) sizes_.push_back(shape.size());
  }
  Place of(int64_t position) const {
    size_t result = 0;
    while (position >= sizes_[result]) position -= sizes_[result++];
    return {result, position};
  }

 private:
  std::vector<int64_t> sizes_;
};

/// Element by element: `value(result, index)`.
template <class Value>
void each_probe(const Places& places, std::span<const int64_t> probes, std::span<double> out,
                const Value& value) {
#pragma omp parallel for schedule(static)
  for (size_t i = 0; i < probes.size(); ++i) {
    const Place at = places.of(probes[i]);
    out[i] = value(at.result, at.index);
  }
}

double gelu(double x) {
  const double root = 0.79788456080286535588;  // sqrt(2 / pi)
  return 0.5 * x * (1 + std::tanh(root * (x + 0.044715 * x * x * x)));
}

/// Algorithm 2 of Loshchilov and Hutter: result 0 the parameters, 1 and 2 the moments.
double adamw(const std::vector<Tensor>& o, size_t result, int64_t i) {
  const AdamwConstants& k = kAdamw;
  const double beta1 = k.beta1, beta2 = k.beta2, gradient = o[3].at(i), p = o[0].at(i);
  const double first = beta1 * o[1].at(i) + (1 - beta1) * gradient;
  const double second = beta2 * o[2].at(i) + (1 - beta2) * gradient * gradient;
  if (result == 1) return first;
  if (result == 2) return second;
  const double step = (first / k.correction1) / (std::sqrt(second / k.correction2) + k.epsilon);
  return p - k.rate * (step + static_cast<double>(k.decay) * p);
}

/// What a row's elements have in common.
struct RowFacts {
  double largest = 0, sum = 0;         // of x; of exp(x - largest)
  double mean = 0, rstd = 0;           // of x
  double mean_g = 0, mean_g_xhat = 0;  // g = dy gamma
};

RowFacts facts_of_row(const MemoryOp& op, const std::vector<Tensor>& o, int64_t row) {
  const double count = static_cast<double>(op.columns);
  std::vector<double> x(static_cast<size_t>(op.columns));
  o[0].decode(row * op.columns, 1, x);
  RowFacts f;
  if (op.kind == MemoryKind::softmax || op.kind == MemoryKind::cross_entropy) {
    f.largest = *std::ranges::max_element(x);
    for (const double value : x) f.sum += std::exp(value - f.largest);
  } else if (op.kind == MemoryKind::layernorm) {
    for (const double value : x) f.mean += value / count;
    double squares = 0;
    for (const double value : x) squares += (value - f.mean) * (value - f.mean);
    f.rstd = 1 / std::sqrt(squares / count + kLayerNormEpsilon);
  } else {
    f.mean = o[2].at(row);
    f.rstd = o[3].at(row);
    for (int64_t j = 0; j < op.columns; ++j) {
      const double g = o[4].at(row * op.columns + j) * o[1].at(j);
      f.mean_g += g / count;
      f.mean_g_xhat += g * (x[static_cast<size_t>(j)] - f.mean) * f.rstd / count;
    }
  }
  return f;
}

/// dgamma (result 1) or dbeta (2) of one column: a sum over all rows.
double column_gradient(const MemoryOp& op, const std::vector<Tensor>& o, size_t result, int64_t column) {
  double sum = 0;
  for (int64_t row = 0; row < op.rows; ++row) {
    const int64_t i = row * op.columns + column;
    sum += o[4].at(i) * (result == 2 ? 1 : (o[0].at(i) - o[2].at(row)) * o[3].at(row));
  }
  return sum;
}

double layernorm_at(const MemoryOp& op, const std::vector<Tensor>& o, const RowFacts& f, Place at) {
  if (at.result > 0) return at.result == 1 ? f.mean : f.rstd;
  const int64_t column = at.index % op.columns;
  return (o[0].at(at.index) - f.mean) * f.rstd * o[1].at(column) + o[2].at(column);
}

double layernorm_bwd_at(const MemoryOp& op, const std::vector<Tensor>& o, const RowFacts& f, int64_t index) {
  const double xhat = (o[0].at(index) - f.mean) * f.rstd;
  return f.rstd * (o[4].at(index) * o[1].at(index % op.columns) - f.mean_g - xhat * f.mean_g_xhat);
}

double cross_entropy_at(const MemoryOp& op, const std::vector<Tensor>& o, const RowFacts& f, Place at) {
  const int64_t row = at.result == 0 ? at.index : at.index / op.columns, label = o[1].as<int32_t>()[row];
  if (at.result == 0) return std::log(f.sum) + f.largest - o[0].at(row * op.columns + label);
  const double hit = at.index % op.columns == label ? 1 : 0;
  return (std::exp(o[0].at(at.index) - f.largest) / f.sum - hit) / static_cast<double>(op.rows);
}

double row_value(const MemoryOp& op, const std::vector<Tensor>& o, const RowFacts& f, Place at) {
  switch (op.kind) {
    case MemoryKind::softmax:
      return std::exp(o[0].at(at.index) - f.largest) / f.sum;
    case MemoryKind::layernorm:
      return layernorm_at(op, o, f, at);
    case MemoryKind::layernorm_bwd:
      return layernorm_bwd_at(op, o, f, at.index);
    default:
      return cross_entropy_at(op, o, f, at);
  }
}

bool per_column(const MemoryOp& op, Place at) {
  return op.kind == MemoryKind::layernorm_bwd && at.result > 0;
}

/// The row that a place belongs to: results have one element per element, or one per row.
int64_t row_of(const MemoryOp& op, Place at) {
  const bool matrix = at.result == (op.kind == MemoryKind::cross_entropy ? 1u : 0u);
  return matrix ? at.index / op.columns : at.index;
}

/// Rows that probes touch are read once, each by one thread.
void each_row(const MemoryOp& op, const std::vector<Tensor>& o, std::span<const int64_t> probes,
              std::span<double> out) {
  const Places places(op);
  std::unordered_map<int64_t, std::vector<size_t>> by_row;
  std::vector<size_t> columns;
  for (size_t i = 0; i < probes.size(); ++i) {
    const Place at = places.of(probes[i]);
    (per_column(op, at) ? columns : by_row[row_of(op, at)]).push_back(i);
  }
  const std::vector<std::pair<int64_t, std::vector<size_t>>> rows(by_row.begin(), by_row.end());
#pragma omp parallel for schedule(dynamic)
  for (size_t r = 0; r < rows.size(); ++r) {
    const RowFacts f = facts_of_row(op, o, rows[r].first);
    for (const size_t i : rows[r].second) out[i] = row_value(op, o, f, places.of(probes[i]));
  }
#pragma omp parallel for schedule(dynamic, 16)
  for (size_t c = 0; c < columns.size(); ++c) {
    const Place at = places.of(probes[columns[c]]);
    out[columns[c]] = column_gradient(op, o, at.result, at.index);
  }
}

/// One pass over the indices adds to the probes of each row of the table.
void scatter_add(const MemoryOp& op, const std::vector<Tensor>& o, std::span<const int64_t> probes,
                 std::span<double> out) {
  std::unordered_map<int64_t, std::vector<size_t>> by_row;
  for (size_t i = 0; i < probes.size(); ++i) {
    out[i] = o[0].at(probes[i]);
    by_row[probes[i] / op.depth].push_back(i);
  }
  for (int64_t j = 0; j < op.indices; ++j) {
    const auto hit = by_row.find(o[1].as<int32_t>()[j]);
    if (hit == by_row.end()) continue;
    for (const size_t i : hit->second) out[i] += o[2].at(j * op.depth + probes[i] % op.depth);
  }
}

}  // namespace

std::vector<double> memory_at(const MemoryOp& op, const Inputs& inputs, std::span<const int64_t> probes) {
  const std::vector<Tensor>& o = inputs.operands;
  std::vector<double> out(probes.size());
  const Places places(op);
  switch (op.kind) {
    case MemoryKind::copy:
      each_probe(places, probes, out, [&](size_t, int64_t i) { return o[0].at(i); });
      break;
    case MemoryKind::triad:
      each_probe(places, probes, out,
                 [&](size_t, int64_t i) { return o[0].at(i) + kTriadFactor * o[1].at(i); });
      break;
    case MemoryKind::gelu:
      each_probe(places, probes, out, [&](size_t, int64_t i) { return gelu(o[0].at(i)); });
      break;
    case MemoryKind::adamw:
      each_probe(places, probes, out, [&](size_t result, int64_t i) { return adamw(o, result, i); });
      break;
    case MemoryKind::gather:
      each_probe(places, probes, out, [&](size_t, int64_t i) {
        return o[0].at(o[1].as<int32_t>()[i / op.depth] * op.depth + i % op.depth);
      });
      break;
    case MemoryKind::scatter_add:
      scatter_add(op, o, probes, out);
      break;
    default:
      each_row(op, o, probes, out);
  }
  return out;
}

std::vector<double> transfer_at(const Transfer& transfer, const Inputs& inputs,
                                std::span<const int64_t> probes) {
  std::vector<double> out(probes.size());
  for (size_t i = 0; i < probes.size(); ++i) {
    if (!inputs.operands.empty()) {
      out[i] = inputs.operands[0].at(probes[i]);
    } else {
      out[i] = transfer.route == Route::first_touch && probes[i] % kPage != 0 ? 0 : kArrived;
    }
  }
  return out;
}

}  // namespace breakeven::cpu
