// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_share.h"

// Elementwise loops.

namespace breakeven::cpu {
namespace {

inline Floats relu_of(Floats x) { return larger(Floats{}, x); }  // in this order, NaN stays

/// gelu(x) = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3). Beyond 10 either way the sigmoid is 1 or
/// nothing, and powers of x would overflow.
struct GeluGate {
  Floats x, power, open;  // x within the bounds, e^-2u, 1 / (1 + power)
  explicit GeluGate(Floats any) : x(larger(all(-10.0f), smaller(all(10.0f), any))) {  // NaN stays
    constexpr float kTwice = -2 * 0.79788456080286536f;
    power = exponential(smaller(all(41.0f), kTwice * (x + 0.044715f * x * x * x)));  // reciprocal(): 2^60
    open = reciprocal(1.0f + power);
  }
};
inline Floats gelu_of(Floats x) { return larger(all(-10.0f), x) * GeluGate(x).open; }
/// 1 - sigmoid as power times sigmoid: no digits are lost where it is small.
inline Floats gelu_slope(Floats any) {
  constexpr float kTwice = 2 * 0.79788456080286536f;
  const GeluGate gate(any);
  const Floats x = gate.x, bend = x * (kTwice + (3 * 0.044715f * kTwice) * (x * x));
  return gate.open + gate.power * (gate.open * gate.open) * bend;
}

template <class F, class Value>
void map_one(const void* x, void* y, int64_t n, Value value) {
  const auto* from = elements<F>(x);
  auto* to = elements<F>(y);
  in_pieces(n, kPiece, n, [=](int64_t first, int64_t last) {
    for_vectors(last - first, [=](int64_t i, auto lanes) {
      put<F>(value(get<F>(from + first + i, lanes)), to + first + i, lanes);
    });
  });
}
template <class F, class Value>
void map_two(const void* a, const void* b, void* c, int64_t n, Value value) {
  const auto *from = elements<F>(a), *other = elements<F>(b);
  auto* to = elements<F>(c);
  in_pieces(n, kPiece, n, [=](int64_t first, int64_t last) {
    for_vectors(last - first, [=](int64_t i, auto lanes) {
      put<F>(value(get<F>(from + first + i, lanes), get<F>(other + first + i, lanes)), to + first + i, lanes);
    });
  });
}

template <class F>
void relu(const void* x, void* y, int64_t n) {
  map_one<F>(x, y, n, relu_of);
}
template <class F>
void relu_bwd(const void* y, const void* dy, void* dx, int64_t n) {
  map_two<F>(y, dy, dx, n, [](Floats at, Floats d) { return at > 0.0f ? d : Floats{}; });
}
template <class F>
void gelu(const void* x, void* y, int64_t n) {
  map_one<F>(x, y, n, gelu_of);
}
template <class F>
void gelu_bwd(const void* x, const void* dy, void* dx, int64_t n) {
  map_two<F>(x, dy, dx, n, [](Floats at, Floats d) { return d * gelu_slope(at); });
}
template <class F>
void add(const void* a, const void* b, void* c, int64_t n) {
  map_two<F>(a, b, c, n, [](Floats x, Floats y) { return x + y; });
}

template <class F>
void narrow(const float* x, void* out, int64_t n, float factor) {
  auto* to = elements<F>(out);
  in_pieces(n, kPiece, n, [=](int64_t first, int64_t last) {
    for_vectors(last - first, [=](int64_t i, auto lanes) {
      put<F>(get<Fp32Format>(x + first + i, lanes) * factor, to + first + i, lanes);
    });
  });
}
template <class F>
void widen(const void* x, float* out, int64_t n, float factor) {
  const auto* from = elements<F>(x);
  in_pieces(n, kPiece, n, [=](int64_t first, int64_t last) {
    for_vectors(last - first, [=](int64_t i, auto lanes) {
      put<Fp32Format>(get<F>(from + first + i, lanes) * factor, out + first + i, lanes);
    });
  });
}

/// gelu is of z as it is kept, so that the gradient is taken where the value was.
template <class F, Following kThen>
void epilogue_as(const Epilogue& e) {
  const int64_t n = e.columns;
  in_parallel(e.rows, e.rows * n, [&](int64_t row) {
    const float* product = e.product + row * n;
    auto* y = elements<F>(e.y) + row * n;
    auto* z = e.z ? elements<F>(e.z) + row * n : nullptr;
    for_vectors(n, [=, &e](int64_t i, auto lanes) {
      Floats v = get<Fp32Format>(product + i, lanes) * e.scale;
      if (e.bias) v += get<Fp32Format>(e.bias + i, lanes);
      if (z) put<F>(v, z + i, lanes);
      if constexpr (kThen == Following::relu) v = relu_of(v);
      if constexpr (kThen == Following::gelu) v = gelu_of(rounded<F>(v));
      put<F>(v, y + i, lanes);
    });
  });
}
template <class F>
void epilogue(const Epilogue& e) {
  if (e.following == Following::relu) return epilogue_as<F, Following::relu>(e);
  if (e.following == Following::gelu) return epilogue_as<F, Following::gelu>(e);
  epilogue_as<F, Following::nothing>(e);
}

/// Up to four vectors of columns stay in registers along a block's rows.
template <class F, int kVectors>
void add_rows(const typename F::Element* x, int64_t stride, int64_t rows, float* sums) {
  Floats sum[kVectors] = {};
  for (int64_t row = 0; row < rows; ++row) {
    for (int k = 0; k < kVectors; ++k) sum[k] += get<F>(x + row * stride + k * kLanes, Full{});
  }
  for (int k = 0; k < kVectors; ++k) store(sum[k], sums + k * kLanes);
}
template <class F>
void add_columns(const typename F::Element* x, int64_t columns, int64_t rows, float* sums) {
  int64_t i = 0;
  for (; i + 4 * kLanes <= columns; i += 4 * kLanes) add_rows<F, 4>(x + i, columns, rows, sums + i);
  for (; i + kLanes <= columns; i += kLanes) add_rows<F, 1>(x + i, columns, rows, sums + i);
  if (i == columns) return;
  const Part rest{columns - i};
  Floats sum{};
  for (int64_t row = 0; row < rows; ++row) sum += get<F>(x + row * columns + i, rest);
  put<Fp32Format>(sum, sums + i, rest);
}

template <class F>
void column_sums(const ColumnSums& s) {
  const Blocks blocks(s.rows, s.columns);
  float* parts = s.room->floats(blocks.count * s.columns);
  in_parallel(blocks.count, s.rows * s.columns, [&](int64_t b) {
    add_columns<F>(elements<F>(s.x) + blocks.first(b) * s.columns, s.columns,
                   blocks.last(b) - blocks.first(b), parts + b * s.columns);
  });
  add_blocks(parts, blocks.count, s.columns, s.factor, s.accumulate, s.sums);
}

}  // namespace
}  // namespace breakeven::cpu
