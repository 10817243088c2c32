// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "cpu_ref/train/judge_operands.h"

namespace breakeven::cpu {
namespace {

/// The row that an index names, in a table of so many.
int64_t row_at(double index, int64_t rows) {
  const auto row = static_cast<int64_t>(index);
  if (row < 0 || row >= rows) throw std::out_of_range(fmt::format("row {} of a table of {} rows", row, rows));
  return row;
}

std::vector<int64_t> rows_of(const double* indices, int64_t count, int64_t rows) {
  std::vector<int64_t> made(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) made[static_cast<size_t>(i)] = row_at(indices[i], rows);
  return made;
}

/// table[row of i] += from[i], for every i, in order; threads share the columns.
void scatter(const std::vector<int64_t>& rows, const double* from, int64_t width, double* table) {
#pragma omp parallel for schedule(static)
  for (int64_t first = 0; first < width; first += 8) {
    const int64_t end = std::min(first + 8, width);
    for (size_t i = 0; i < rows.size(); ++i) {
      for (int64_t c = first; c < end; ++c)
        table[rows[i] * width + c] += from[static_cast<int64_t>(i) * width + c];
    }
  }
}

}  // namespace

void judge_embed(const JudgeOperands& o) {
  const int64_t length = o.in_shape(0).at(1), width = o.out_shape(0).back();
  const std::vector<int64_t> rows = rows_of(o.in(0), o.in_size(0), o.parameter_shape(0).at(0));
  const double *tokens = o.parameter(0), *positions = o.parameter(1);
  double* x = o.out(0);
  for (size_t i = 0; i < rows.size(); ++i) {
    const double *e = tokens + rows[i] * width, *p = positions + static_cast<int64_t>(i) % length * width;
    for (int64_t c = 0; c < width; ++c) *x++ = e[c] + p[c];
  }
}

void judge_embed_bwd(const JudgeOperands& o) {
  const int64_t length = o.in_shape(0).at(1), width = o.in_shape(1).back();
  const std::vector<int64_t> rows = rows_of(o.in(0), o.in_size(0), o.parameter_shape(0).at(0));
  std::vector<int64_t> positions(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) positions[i] = static_cast<int64_t>(i) % length;
  if (!o.op().accumulate) std::fill_n(o.gradient(0), o.parameter_size(0), 0.0);
  std::fill_n(o.gradient(1), o.parameter_size(1), 0.0);
  scatter(rows, o.in(1), width, o.gradient(0));
  scatter(positions, o.in(1), width, o.gradient(1));
}

void judge_lookup(const JudgeOperands& o) {
  const int64_t width = o.out_shape(0).back();
  const std::vector<int64_t> rows = rows_of(o.in(0), o.in_size(0), o.parameter_shape(0).at(0));
  const double* table = o.parameter(0);
  double* e = o.out(0);
  for (const int64_t row : rows) e = std::copy_n(table + row * width, width, e);
}

void judge_lookup_bwd(const JudgeOperands& o) {
  const std::vector<int64_t> rows = rows_of(o.in(0), o.in_size(0), o.parameter_shape(0).at(0));
  std::fill_n(o.gradient(0), o.parameter_size(0), 0.0);
  scatter(rows, o.in(1), o.in_shape(1).back(), o.gradient(0));
}

}  // namespace breakeven::cpu
