// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/memory_cases.h"

#include <algorithm>

namespace breakeven::cuda {
namespace {

constexpr double kFp32 = 0x1p-24;  // relative error of one rounding

std::vector<double> values(const Tensor& tensor) {
  std::vector<double> made(static_cast<size_t>(tensor.size()));
  tensor.decode(0, 1, made);
  return made;
}

/// Operands in double, and what rounding to the problem's precision costs.
class Question {
 public:
  Question(const MemoryOp& op, const Inputs& inputs) : op(op), inputs_(inputs) {
    for (const Tensor& tensor : inputs.operands) {
      operands.push_back(tensor.element() == Element::int32 ? std::vector<double>{} : values(tensor));
    }
  }
  double x(size_t operand, int64_t i) const { return operands[operand][static_cast<size_t>(i)]; }
  int64_t number(size_t operand, int64_t i) const { return inputs_.operands[operand].as<int32_t>()[i]; }
  /// An element of the problem's precision computed in fp32 with an absolute error of `computed`.
  double within(double exact, double computed) const {
    const PrecisionFacts& f = facts(op.precision);
    const double below_normal = op.precision == Precision::fp16 ? 0x1p-24 : 0x1p-140;
    return below_normal + 1.01 * f.output_roundoff * std::abs(exact) + computed;
  }

  const MemoryOp& op;
  std::vector<std::vector<double>> operands;

 private:
  const Inputs& inputs_;
};

void flat(const Question& q, ExpectedMemory& e) {
  for (int64_t i = 0; i < q.op.n; ++i) {
    const double x = q.x(0, i);
    if (q.op.kind == MemoryKind::copy) {
      e.add(x, 0);
    } else if (q.op.kind == MemoryKind::triad) {
      const double b = 3 * q.x(1, i);
      e.add(x + b, q.within(x + b, kFp32 * (std::abs(x) + 2 * std::abs(b))));
    } else {
      const double y = 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
      e.add(y, q.within(y, 16 * kFp32 * std::abs(y)));
    }
  }
}

struct Softmax {
  double largest, sum;
};

Softmax softmax_of(const Question& q, int64_t row) {
  const int64_t c = q.op.columns;
  Softmax s{-INFINITY, 0};
  for (int64_t i = 0; i < c; ++i) s.largest = std::max(s.largest, q.x(0, row * c + i));
  for (int64_t i = 0; i < c; ++i) s.sum += std::exp(q.x(0, row * c + i) - s.largest);
  return s;
}

void softmax(const Question& q, ExpectedMemory& e) {
  const int64_t c = q.op.columns;
  for (int64_t row = 0; row < q.op.rows; ++row) {
    const Softmax s = softmax_of(q, row);
    for (int64_t i = 0; i < c; ++i) {
      const double y = std::exp(q.x(0, row * c + i) - s.largest) / s.sum;
      e.add(y, q.within(y, (16 + 0.1 * static_cast<double>(c)) * kFp32 * y));
    }
  }
}

void cross_entropy(const Question& q, ExpectedMemory& e) {
  const int64_t c = q.op.columns, rows = q.op.rows;
  for (int64_t row = 0; row < rows; ++row) {
    const Softmax s = softmax_of(q, row);
    const double loss = std::log(s.sum) + s.largest - q.x(0, row * c + q.number(1, row));
    e.add(loss, (16 + 0.1 * static_cast<double>(c)) * kFp32 * (1 + std::abs(loss)));
  }
  for (int64_t row = 0; row < rows; ++row) {
    const Softmax s = softmax_of(q, row);
    for (int64_t i = 0; i < c; ++i) {
      const double p = std::exp(q.x(0, row * c + i) - s.largest) / s.sum;
      const double share = 1.0 / static_cast<double>(rows), y = (p - (q.number(1, row) == i)) * share;
      e.add(y, q.within(y, (18 + 0.1 * static_cast<double>(c)) * kFp32 * share * (p + std::abs(p - 1))));
    }
  }
}

void layernorm(const Question& q, ExpectedMemory& e) {
  const int64_t c = q.op.columns, rows = q.op.rows;
  const double n = static_cast<double>(c), sums = (4 + 0.1 * n) * kFp32;
  std::vector<double> mean, rstd;
  for (int64_t row = 0; row < rows; ++row) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < c; ++i) sum += q.x(0, row * c + i);
    for (int64_t i = 0; i < c; ++i) squares += std::pow(q.x(0, row * c + i) - sum / n, 2);
    mean.push_back(sum / n);
    rstd.push_back(1 / std::sqrt(squares / n + static_cast<double>(kLayerNormEpsilon)));
    for (int64_t i = 0; i < c; ++i) {
      const double x = q.x(0, row * c + i), normal = (x - mean.back()) * rstd.back();
      const double y = normal * q.x(1, i) + q.x(2, i);
      const double computed = 2 * sums * (std::abs(normal) + rstd.back()) * std::abs(q.x(1, i));
      e.add(y, q.within(y, computed + 2 * kFp32 * std::abs(q.x(2, i))));
    }
  }
  for (const double m : mean) e.add(m, sums);  // of elements up to 1
  for (const double r : rstd) e.add(r, 2 * sums * r * (1 + r));
}

void layernorm_bwd(const Question& q, ExpectedMemory& e) {
  const int64_t c = q.op.columns, rows = q.op.rows;
  const double n = static_cast<double>(c), sums = (8 + 0.1 * n) * kFp32,
               down = (4 + static_cast<double>(rows)) * kFp32;
  std::vector<double> dgamma(static_cast<size_t>(c)), dbeta(dgamma), gamma_size(dgamma), beta_size(dgamma);
  for (int64_t row = 0; row < rows; ++row) {
    const double mean = q.x(2, row), rstd = q.x(3, row);
    double first = 0, second = 0, first_size = 0, second_size = 0;
    const auto normal = [&](int64_t i) { return (q.x(0, row * c + i) - mean) * rstd; };
    for (int64_t i = 0; i < c; ++i) {
      const double dy = q.x(4, row * c + i), through = dy * q.x(1, i);
      const auto at = static_cast<size_t>(i);
      first += through, first_size += std::abs(through);
      second += through * normal(i), second_size += std::abs(through) * (std::abs(normal(i)) + rstd);
      dgamma[at] += dy * normal(i), dbeta[at] += dy;
      gamma_size[at] += std::abs(dy) * (std::abs(normal(i)) + rstd), beta_size[at] += std::abs(dy);
    }
    for (int64_t i = 0; i < c; ++i) {
      const double through = q.x(4, row * c + i) * q.x(1, i);
      const double dx = rstd * (through - first / n - normal(i) * second / n);
      const double size = std::abs(through) + first_size / n + (std::abs(normal(i)) + rstd) * second_size / n;
      e.add(dx, q.within(dx, sums * rstd * size));
    }
  }
  for (size_t i = 0; i < dgamma.size(); ++i) e.add(dgamma[i], down * gamma_size[i]);
  for (size_t i = 0; i < dbeta.size(); ++i) e.add(dbeta[i], down * beta_size[i]);
}

void adamw(const Question& q, ExpectedMemory& e) {
  // The constants as they are in fp32: 1 - 0.999f is not 0.001.
  const double rate = kAdamw.rate, beta1 = kAdamw.beta1, beta2 = kAdamw.beta2, epsilon = kAdamw.epsilon,
               decay = kAdamw.decay;
  std::vector<double> first, second;
  for (int64_t i = 0; i < q.op.n; ++i) {
    const double p = q.x(0, i), g = q.x(3, i);
    first.push_back(beta1 * q.x(1, i) + (1 - beta1) * g);
    second.push_back(beta2 * q.x(2, i) + (1 - beta2) * g * g);
    const double root = std::sqrt(second.back() / static_cast<double>(kAdamw.correction2)) + epsilon;
    const double moved = first.back() / static_cast<double>(kAdamw.correction1) / root;
    const double size = (std::abs(q.x(1, i)) + std::abs(g)) / root;
    e.add(p - rate * (moved + decay * p), kFp32 * (2 * std::abs(p) + rate * 32 * (std::abs(moved) + size)));
  }
  for (size_t i = 0; i < first.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    e.add(first[i], 4 * kFp32 * (std::abs(q.x(1, at)) + std::abs(q.x(3, at))));
  }
  for (size_t i = 0; i < second.size(); ++i) {
    e.add(second[i], 4 * kFp32 * second[i]);
  }
}

void gather(const Question& q, ExpectedMemory& e) {
  for (int64_t i = 0; i < q.op.indices; ++i) {
    for (int64_t j = 0; j < q.op.depth; ++j) e.add(q.x(0, q.number(1, i) * q.op.depth + j), 0);
  }
}

void scatter_add(const Question& q, ExpectedMemory& e) {
  std::vector<double> size, additions(static_cast<size_t>(q.op.table * q.op.depth));
  e.value = q.operands[0];
  for (const double value : e.value) size.push_back(std::abs(value));
  for (int64_t i = 0; i < q.op.indices; ++i) {
    for (int64_t j = 0; j < q.op.depth; ++j) {
      const auto at = static_cast<size_t>(q.number(1, i) * q.op.depth + j);
      e.value[at] += q.x(2, i * q.op.depth + j);
      size[at] += std::abs(q.x(2, i * q.op.depth + j));
      additions[at] += 1;
    }
  }
  for (size_t i = 0; i < size.size(); ++i) e.bound.push_back(additions[i] * kFp32 * size[i]);
}

/// f(result, its element i, number of it among all).
template <class F>
void each_element(const std::vector<Tensor>& got, const F& f) {
  size_t at = 0;
  for (const Tensor& tensor : got) {
    for (int64_t i = 0; i < tensor.size(); ++i) f(tensor, i, at++);
  }
}

}  // namespace

ExpectedMemory expected(const MemoryOp& op, const Inputs& inputs) {
  const Question q(op, inputs);
  ExpectedMemory e;
  constexpr void (*kHow[])(const Question&, ExpectedMemory&) = {
      flat, flat, softmax, layernorm, layernorm_bwd, flat, cross_entropy, adamw, gather, scatter_add};
  kHow[static_cast<size_t>(op.kind)](q, e);
  return e;
}

testing::AssertionResult agrees(const std::vector<Tensor>& got, const ExpectedMemory& e) {
  size_t wrong = 0, count = 0;
  std::string first;
  each_element(got, [&](const Tensor& tensor, int64_t i, size_t at) {
    ++count;
    if (at < e.value.size() && std::abs(tensor.at(i) - e.value[at]) <= e.bound[at]) return;
    if (wrong++ == 0) {
      first = "element " + std::to_string(at) + ": " + std::to_string(tensor.at(i)) + ", not " +
              (at < e.value.size() ? std::to_string(e.value[at]) : "there");
    }
  });
  if (wrong == 0 && count == e.value.size()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << wrong << " of " << count << " elements are wrong (" << e.value.size()
                                     << " wanted), the first " << first;
}

double worst(const std::vector<Tensor>& got, const ExpectedMemory& e) {
  double most = 0;
  each_element(got, [&](const Tensor& tensor, int64_t i, size_t at) {
    const double error = std::abs(tensor.at(i) - e.value[at]);
    if (std::isnan(error)) most = INFINITY;
    if (error > 0) most = std::max(most, error / e.bound[at]);
  });
  return most;
}

bool same_bits(const std::vector<Tensor>& x, const std::vector<Tensor>& y) {
  return std::ranges::equal(x, y, [](const Tensor& a, const Tensor& b) {
    return a.bytes() == b.bytes() && std::memcmp(a.data(), b.data(), static_cast<size_t>(a.bytes())) == 0;
  });
}

}  // namespace breakeven::cuda
