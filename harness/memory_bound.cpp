// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/memory_bound.h"

#include <algorithm>
#include <cmath>

namespace breakeven {
namespace {

constexpr double kRoundoff = 0x1p-24;  // u

double roundoff_of(Element e) {
  switch (e) {
    case Element::bf16:
      return 0x1p-8;
    case Element::fp16:
      return 0x1p-11;
    default:
      return kRoundoff;
  }
}

double rms(double squares, double count) { return std::sqrt(squares / count); }

}  // namespace

MemoryBound::MemoryBound(const MemoryOp& op, const Inputs& inputs)
    : op_(op), o_(inputs.operands), s_(8 + 2 * std::sqrt(static_cast<double>(op.columns))) {
  for (const ArrayShape& shape : op.results()) {
    roundoffs_.push_back(roundoff_of(shape.element));
    smallest_.push_back(shape.element == Element::fp16 ? 0x1p-25 : 0x1p-126);
  }
  if (op.kind != MemoryKind::scatter_add) return;
  takers_.resize(static_cast<size_t>(op.table));
  for (int64_t j = 0; j < op.indices; ++j) takers_[static_cast<size_t>(o_[1].as<int32_t>()[j])].push_back(j);
}

double MemoryBound::of(size_t result, int64_t index, double expected) {
  if (op_.kind == MemoryKind::copy || op_.kind == MemoryKind::gather) return 0;
  const double arithmetic_part = arithmetic(result, index, expected);
  if (op_.kind == MemoryKind::scatter_add && arithmetic_part == 0) return 0;
  return roundoffs_[result] * std::abs(expected) + arithmetic_part + smallest_[result];
}

double MemoryBound::arithmetic(size_t result, int64_t index, double expected) {
  switch (op_.kind) {
    case MemoryKind::softmax:
      return softmax_like(expected, index);
    case MemoryKind::layernorm:
      return layernorm(result, index);
    case MemoryKind::layernorm_bwd:
      return result == 0 ? layernorm_dx(index) : layernorm_column(result, index);
    case MemoryKind::cross_entropy: {
      const int64_t number = result == 0 ? index : index / op_.columns, label = o_[1].as<int32_t>()[number];
      if (result == 0) {
        const double largest = row(number).largest, at_label = o_[0].at(number * op_.columns + label);
        return kRoundoff * s_ * (1 + std::abs(largest) + std::abs(at_label));
      }
      const double count = static_cast<double>(op_.rows), hit = index % op_.columns == label ? 1 : 0;
      return softmax_like(std::abs(expected) * count + 2 * hit, index) / count;
    }
    case MemoryKind::scatter_add:
      return scattered(index);
    default:
      return flat(result, index);
  }
}

double MemoryBound::flat(size_t result, int64_t i) const {
  if (op_.kind == MemoryKind::triad) {
    return 2 * kRoundoff * (std::abs(o_[0].at(i)) + kTriadFactor * std::abs(o_[1].at(i)));
  }
  if (op_.kind == MemoryKind::gelu) return 16 * kRoundoff * std::abs(o_[0].at(i));
  const AdamwConstants& k = kAdamw;
  const double gradient = o_[3].at(i), beta1 = k.beta1, beta2 = k.beta2;
  const double first = beta1 * std::abs(o_[1].at(i)) + (1 - beta1) * std::abs(gradient);
  const double second = beta2 * o_[2].at(i) + (1 - beta2) * gradient * gradient;
  if (result == 1) return 4 * kRoundoff * first;
  if (result == 2) return 4 * kRoundoff * second;
  const double step = first / k.correction1 / (std::sqrt(second / k.correction2) + k.epsilon);
  return kRoundoff * (4 * std::abs(o_[0].at(i)) + 16 * k.rate * step);
}

const MemoryBound::Row& MemoryBound::row(int64_t number) {
  if (row_.number == number) return row_;
  const double count = static_cast<double>(op_.columns);
  std::vector<double> x(static_cast<size_t>(op_.columns));
  o_[0].decode(number * op_.columns, 1, x);
  row_ = {.number = number, .largest = *std::ranges::max_element(x)};
  double squares = 0, centred = 0;
  for (const double v : x) row_.mean += v / count, squares += v * v;
  row_.rms_x = rms(squares, count);
  for (const double v : x) centred += (v - row_.mean) * (v - row_.mean);
  row_.rstd = 1 / std::sqrt(centred / count + kLayerNormEpsilon);
  if (op_.kind != MemoryKind::layernorm_bwd) return row_;
  double g_squares = 0, gx_squares = 0;
  for (int64_t j = 0; j < op_.columns; ++j) {
    const double g = o_[4].at(number * op_.columns + j) * o_[1].at(j);
    const double gx = g * (x[static_cast<size_t>(j)] - row_.mean) * row_.rstd;
    g_squares += g * g;
    gx_squares += gx * gx;
  }
  row_.rms_g = rms(g_squares, count);
  row_.rms_g_xhat = rms(gx_squares, count);
  return row_;
}

double MemoryBound::softmax_like(double y, int64_t index) {
  return kRoundoff * y * (8 + s_ + std::abs(o_[0].at(index) - row(index / op_.columns).largest));
}

double MemoryBound::layernorm(size_t result, int64_t index) {
  const Row& r = row(result == 0 ? index / op_.columns : index);
  const double relative = r.rms_x * r.rstd;
  if (result == 1) return kRoundoff * s_ * r.rms_x;
  if (result == 2) return kRoundoff * s_ * r.rstd * (1 + relative * relative);
  const int64_t column = index % op_.columns;
  const double x = o_[0].at(index), xhat = std::abs(x - r.mean) * r.rstd;
  const double scale = (std::abs(x) + r.rms_x) * r.rstd + xhat * relative * relative;
  return kRoundoff * s_ * (std::abs(o_[1].at(column)) * scale + std::abs(o_[2].at(column)));
}

double MemoryBound::layernorm_dx(int64_t index) {
  const Row& r = row(index / op_.columns);
  const double g = std::abs(o_[4].at(index) * o_[1].at(index % op_.columns));
  const double x = (std::abs(o_[0].at(index)) + std::abs(r.mean)) * r.rstd;
  return kRoundoff * s_ * r.rstd * (g + r.rms_g + x * r.rms_g_xhat);
}

double MemoryBound::layernorm_column(size_t result, int64_t column) const {
  double dy = 0, xhat = 0;
  for (int64_t i = 0; i < op_.rows; ++i) {
    const double y = o_[4].at(i * op_.columns + column);
    const double x = (o_[0].at(i * op_.columns + column) - o_[2].at(i)) * o_[3].at(i);
    dy += y * y;
    xhat += x * x;
  }
  const double rows = static_cast<double>(op_.rows);
  return kRoundoff * (8 + 2 * std::sqrt(rows)) * std::sqrt(dy * (result == 2 ? rows : xhat));
}

double MemoryBound::scattered(int64_t index) {
  const std::vector<int64_t>& takers = takers_[static_cast<size_t>(index / op_.depth)];
  if (takers.empty()) return 0;
  double squares = o_[0].at(index) * o_[0].at(index);
  for (const int64_t j : takers) {
    const double x = o_[2].at(j * op_.depth + index % op_.depth);
    squares += x * x;
  }
  return 2 * kRoundoff * std::sqrt(squares) * static_cast<double>(takers.size() + 1);
}

}  // namespace breakeven
