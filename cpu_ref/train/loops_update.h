// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_share.h"

// What is done to arenas of fp32 (harness/train/optimizer.h): one pass over all of them.

namespace breakeven::cpu {
namespace {

/// Gradients of one piece; an exponent of all ones is infinity or no number.
inline GradientFacts piece_facts(float* g, int64_t n, float factor) {
  Floats sum{};
  Words exponents{};
  for_vectors(n, [&](int64_t i, auto lanes) {
    Floats v = get<Fp32Format>(g + i, lanes);
    if (factor != 1) {
      v *= factor;
      put<Fp32Format>(v, g + i, lanes);
    }
    const Words alien = (words(v) & 0x7F800000u) == 0x7F800000u ? ~Words{} : Words{};
    exponents |= alien;
    sum += v * v;
  });
  bool finite = true;
  for (int64_t i = 0; i < kLanes; ++i) finite &= exponents[i] == 0;
  return {static_cast<double>(sum_of(sum)), finite};
}

template <class F>
GradientFacts gradient_facts(float* g, int64_t n, float factor, Room& room) {
  const int64_t pieces = (n + kPiece - 1) / kPiece;
  float *squares = room.floats(2 * pieces), *finite = squares + pieces;
  in_pieces(n, kPiece, n, [=](int64_t first, int64_t last) {
    const GradientFacts facts = piece_facts(g + first, last - first, factor);
    squares[first / kPiece] = static_cast<float>(facts.squares);
    finite[first / kPiece] = facts.finite ? 1.0f : 0.0f;
  });
  GradientFacts facts;
  for (int64_t i = 0; i < pieces; ++i) {
    facts.squares += static_cast<double>(squares[i]);
    facts.finite &= finite[i] != 0;
  }
  return facts;
}

/// One vector's parameters and moments.
struct Weights {
  Floats p, g, m, v;
};

struct SgdStep {
  float rate, momentum;
  static constexpr bool kFirst = true, kSecond = false;
  explicit SgdStep(const Update& u) : rate(u.rate), momentum(u.optimizer.momentum) {}
  void operator()(Weights& w, float decay) const {
    const Floats g = w.g + decay * w.p;
    w.m = momentum * w.m + g;
    w.p -= rate * (g + momentum * w.m);
  }
};

struct AdamwStep {
  float rate, beta1, beta2, rate_over, over2, epsilon;
  static constexpr bool kFirst = true, kSecond = true;
  explicit AdamwStep(const Update& u)
      : rate(u.rate), beta1(u.optimizer.beta1), beta2(u.optimizer.beta2), epsilon(u.optimizer.epsilon) {
    const auto number = static_cast<double>(u.number);
    rate_over = static_cast<float>(static_cast<double>(rate) /
                                   (1 - __builtin_pow(static_cast<double>(beta1), number)));
    over2 = static_cast<float>(1 / (1 - __builtin_pow(static_cast<double>(beta2), number)));
  }
  void operator()(Weights& w, float decay) const {
    w.m = beta1 * w.m + (1 - beta1) * w.g;
    w.v = beta2 * w.v + (1 - beta2) * (w.g * w.g);
    w.p = (w.p - (rate * decay) * w.p) - rate_over * w.m / (root(w.v * over2) + epsilon);
  }
};

struct AdagradStep {
  float rate, epsilon;
  static constexpr bool kFirst = false, kSecond = true;
  explicit AdagradStep(const Update& u) : rate(u.rate), epsilon(u.optimizer.epsilon) {}
  void operator()(Weights& w, float) const {
    w.v += w.g * w.g;
    w.p -= rate * w.g / (root(w.v) + epsilon);
  }
};

template <class F, class Step>
void update_piece(const Update& u, const Step& step, int64_t first, int64_t last) {
  auto* copy = elements<F>(u.copy);
  const float decay = u.optimizer.decay;
  for (int64_t i = first; i < last; i += kLanes) {
    Weights w{floats_at(u.parameters + i), floats_at(u.gradients + i) * u.factor, {}, {}};
    if (Step::kFirst) w.m = floats_at(u.first + i);
    if (Step::kSecond) w.v = floats_at(u.second + i);
    step(w, u.decays[i / 16] ? decay : 0.0f);
    if (Step::kFirst) store(w.m, u.first + i);
    if (Step::kSecond) store(w.v, u.second + i);
    store(w.p, u.parameters + i);
    if (copy) put<F>(w.p, copy + i, Full{});
  }
}

template <class F, class Step>
void update_as(const Update& u) {
  const Step step(u);
  in_pieces(u.n, kPiece, u.n, [&](int64_t first, int64_t last) { update_piece<F>(u, step, first, last); });
}
template <class F>
void update(const Update& u) {
  if (u.optimizer.kind == train::OptimizerKind::sgd) return update_as<F, SgdStep>(u);
  if (u.optimizer.kind == train::OptimizerKind::adamw) return update_as<F, AdamwStep>(u);
  update_as<F, AdagradStep>(u);
}

}  // namespace
}  // namespace breakeven::cpu
