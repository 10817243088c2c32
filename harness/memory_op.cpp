// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/memory_op.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/fill.h"
#include "harness/operand.h"
#include "harness/problem_name.h"
#include "harness/usage_error.h"

namespace breakeven {
namespace {

/// Which letters a kind's name has after the dash.
enum class Form : uint8_t { flat, matrix, table };

struct KindFacts {
  MemoryKind kind;
  std::string_view name;
  Form form;
  int in_place;
  double flops;  // nominal, per element of the largest array
};
constexpr std::array<KindFacts, 10> kFacts{{{MemoryKind::copy, "copy", Form::flat, 0, 0},
                                            {MemoryKind::triad, "triad", Form::flat, 0, 2},
                                            {MemoryKind::softmax, "softmax", Form::matrix, 0, 5},
                                            {MemoryKind::layernorm, "layernorm", Form::matrix, 0, 8},
                                            {MemoryKind::layernorm_bwd, "layernorm_bwd", Form::matrix, 0, 12},
                                            {MemoryKind::gelu, "gelu", Form::flat, 0, 8},
                                            {MemoryKind::cross_entropy, "cross_entropy", Form::matrix, 0, 6},
                                            {MemoryKind::adamw, "adamw", Form::flat, 3, 14},
                                            {MemoryKind::gather, "gather", Form::table, 0, 0},
                                            {MemoryKind::scatter_add, "scatter_add", Form::table, 1, 1}}};
constexpr std::array<MemoryKind, 10> kAll{
    MemoryKind::copy,          MemoryKind::triad,      MemoryKind::softmax,       MemoryKind::layernorm,
    MemoryKind::layernorm_bwd, MemoryKind::gelu,       MemoryKind::cross_entropy, MemoryKind::adamw,
    MemoryKind::gather,        MemoryKind::scatter_add};

const KindFacts& facts_of(MemoryKind kind) { return kFacts[static_cast<size_t>(kind)]; }

int64_t largest(const MemoryOp& op) {
  switch (facts_of(op.kind).form) {
    case Form::flat:
      return op.n;
    case Form::matrix:
      return op.rows * op.columns;
    case Form::table:
      break;
  }
  return op.indices * op.depth;
}

Precision or_fp32(const ArrayShape& shape, Precision precision) {
  return shape.element == facts(precision).input ? precision : Precision::fp32;
}

/// Uniform on 0 .. below - 1.
void fill_indices(Tensor& t, int64_t below, uint64_t seed, uint64_t stream) {
  for (int64_t i = 0; i < t.size(); ++i) {
    const uint64_t word = uniform_word(seed, stream, static_cast<uint64_t>(i));
    t.as<int32_t>()[i] = static_cast<int32_t>((word * static_cast<uint64_t>(below)) >> 32);
  }
}

/// Mean and reciprocal standard deviation of each row of x, as layernorm leaves them for its backward.
void fill_statistics(const MemoryOp& op, const Tensor& x, Tensor& mean, Tensor& rstd) {
  std::vector<double> row(static_cast<size_t>(op.columns));
  const double count = static_cast<double>(op.columns);
  for (int64_t i = 0; i < op.rows; ++i) {
    x.decode(i * op.columns, 1, row);
    double sum = 0, squares = 0;
    for (const double value : row) sum += value;
    for (const double value : row) squares += (value - sum / count) * (value - sum / count);
    mean.as<float>()[i] = static_cast<float>(sum / count);
    rstd.as<float>()[i] = static_cast<float>(1 / std::sqrt(squares / count + kLayerNormEpsilon));
  }
}

/// AdamW's second moment is an average of squares: never negative.
void make_squares(Tensor& t) {
  for (int64_t i = 0; i < t.size(); ++i) t.as<float>()[i] *= t.as<float>()[i];
}

bool take_form(std::string_view& text, Form form, MemoryOp& op, std::string* why) {
  constexpr int64_t kMost = int64_t{1} << 40;
  switch (form) {
    case Form::flat:
      return take_number(text, 'n', op.n, why, kMost);
    case Form::matrix:
      return take_number(text, 'r', op.rows, why, kMost) &&
             take_number(text, 'c', op.columns, why, kLargestExtent);
    case Form::table:
      break;
  }
  return take_number(text, 'v', op.table, why, int64_t{1} << 31) && take_number(text, 'd', op.depth, why) &&
         take_number(text, 'i', op.indices, why, kMost);
}

std::string unusable(const MemoryOp& op) {
  if (op.precision != Precision::fp32 && op.precision != Precision::bf16 && op.precision != Precision::fp16) {
    return fmt::format("{} is none of fp32, bf16, fp16", name(op.precision));
  }
  const double elements =
      std::max({static_cast<double>(op.n), static_cast<double>(op.rows) * static_cast<double>(op.columns),
                static_cast<double>(op.table) * static_cast<double>(op.depth),
                static_cast<double>(op.indices) * static_cast<double>(op.depth)});
  return elements > kMostElements ? "an operand of more than 2^40 elements" : "";
}

}  // namespace

std::string_view name(MemoryKind kind) { return facts_of(kind).name; }
std::span<const MemoryKind> all_memory_kinds() { return kAll; }

std::string MemoryOp::name() const {
  const KindFacts& facts = facts_of(kind);
  switch (facts.form) {
    case Form::flat:
      return fmt::format("{}-n{}", facts.name, n);
    case Form::matrix:
      return fmt::format("{}-r{}c{}", facts.name, rows, columns);
    case Form::table:
      break;
  }
  return fmt::format("{}-v{}d{}i{}", facts.name, table, depth, indices);
}

int64_t MemoryOp::in_place() const { return facts_of(kind).in_place; }

Work MemoryOp::work() const {
  const int64_t read = bytes(operands()), written = bytes(results());
  const int64_t rows_taken = indices * depth, table_bytes = table * depth;
  const int64_t element = breakeven::bytes(facts(precision).input);
  double moved = static_cast<double>(read) + static_cast<double>(written);
  if (kind == MemoryKind::gather) moved += static_cast<double>((rows_taken - table_bytes) * element);
  if (kind == MemoryKind::scatter_add) moved += static_cast<double>(2 * (rows_taken - table_bytes) * 4);
  return {facts_of(kind).flops * static_cast<double>(largest(*this)), moved};
}

std::vector<ArrayShape> MemoryOp::operands() const {
  const Element p = facts(precision).input, fp32 = Element::fp32, int32 = Element::int32;
  switch (kind) {
    case MemoryKind::copy:
    case MemoryKind::gelu:
      return {{p, {n}}};
    case MemoryKind::triad:
      return {{p, {n}}, {p, {n}}};
    case MemoryKind::softmax:
      return {{p, {rows, columns}}};
    case MemoryKind::layernorm:
      return {{p, {rows, columns}}, {fp32, {columns}}, {fp32, {columns}}};
    case MemoryKind::layernorm_bwd:
      return {{p, {rows, columns}}, {fp32, {columns}}, {fp32, {rows}}, {fp32, {rows}}, {p, {rows, columns}}};
    case MemoryKind::cross_entropy:
      return {{p, {rows, columns}}, {int32, {rows}}};
    case MemoryKind::adamw:
      return {{fp32, {n}}, {fp32, {n}}, {fp32, {n}}, {p, {n}}};
    case MemoryKind::gather:
      return {{p, {table, depth}}, {int32, {indices}}};
    case MemoryKind::scatter_add:
      break;
  }
  return {{fp32, {table, depth}}, {int32, {indices}}, {p, {indices, depth}}};
}

std::vector<ArrayShape> MemoryOp::results() const {
  const Element p = facts(precision).input, fp32 = Element::fp32;
  switch (kind) {
    case MemoryKind::copy:
    case MemoryKind::triad:
    case MemoryKind::gelu:
      return {{p, {n}}};
    case MemoryKind::softmax:
      return {{p, {rows, columns}}};
    case MemoryKind::layernorm:
      return {{p, {rows, columns}}, {fp32, {rows}}, {fp32, {rows}}};
    case MemoryKind::layernorm_bwd:
      return {{p, {rows, columns}}, {fp32, {columns}}, {fp32, {columns}}};
    case MemoryKind::cross_entropy:
      return {{fp32, {rows}}, {p, {rows, columns}}};
    case MemoryKind::adamw:
      return {{fp32, {n}}, {fp32, {n}}, {fp32, {n}}};
    case MemoryKind::gather:
      return {{p, {indices, depth}}};
    case MemoryKind::scatter_add:
      break;
  }
  return {{fp32, {table, depth}}};
}

Inputs MemoryOp::inputs(uint64_t seed) const {
  Inputs made;
  for (const ArrayShape& shape : operands()) {
    const uint64_t stream = made.operands.size();
    Tensor& t = made.operands.emplace_back(shape.make());
    if (shape.element == Element::int32) {
      fill_indices(t, kind == MemoryKind::cross_entropy ? columns : table, seed, stream);
    } else {
      fill_uniform(t, or_fp32(shape, precision), seed, stream);
    }
  }
  std::vector<Tensor>& o = made.operands;
  if (kind == MemoryKind::layernorm_bwd) fill_statistics(*this, o[0], o[2], o[3]);
  if (kind == MemoryKind::adamw) make_squares(o[2]);
  return made;
}

std::optional<MemoryOp> parse_memory_op(std::string_view text, Precision precision, std::string* why) {
  const std::string_view word = text.substr(0, text.find('-'));
  const auto* found = std::ranges::find(kFacts, word, &KindFacts::name);
  if (found == kFacts.end() || word.size() == text.size()) {
    std::vector<std::string_view> known;
    for (const KindFacts& facts : kFacts) known.push_back(facts.name);
    *why = fmt::format("'{}' does not begin with an operation and a dash ({})", shown(text),
                       fmt::join(known, ", "));
    return std::nullopt;
  }
  MemoryOp op{.kind = found->kind, .precision = precision};
  text.remove_prefix(word.size() + 1);
  if (!take_form(text, found->form, op, why)) return std::nullopt;
  if (!text.empty()) {
    *why = fmt::format("'{}' left over at the end", shown(text));
    return std::nullopt;
  }
  if (*why = unusable(op); !why->empty()) return std::nullopt;
  return op;
}

}  // namespace breakeven
