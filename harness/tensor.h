// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "harness/precision.h"

namespace breakeven {

/// Bytes on the host, aligned to a 64-byte cache line, not initialised. Throws std::bad_alloc.
class HostBuffer {
 public:
  HostBuffer() = default;
  explicit HostBuffer(int64_t bytes);
  std::byte* data() const { return data_.get(); }
  int64_t size() const { return size_; }

 private:
  struct Free {
    void operator()(std::byte* p) const;
  };
  std::unique_ptr<std::byte[], Free> data_;
  int64_t size_ = 0;
};

/// A dense row-major array in host memory. Movable, copied only by `clone`.
class Tensor {
 public:
  Tensor() = default;
  Tensor(Element element, std::vector<int64_t> shape);
  Tensor clone() const;

  Element element() const { return element_; }
  const std::vector<int64_t>& shape() const { return shape_; }
  int64_t size() const { return size_; }  // elements
  int64_t bytes() const { return buffer_.size(); }
  std::byte* data() const { return buffer_.data(); }
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(buffer_.data());
  }

  /// Element `index` in row-major order, exactly, as a double.
  double at(int64_t index) const;
  /// `out[i] = element (first + i * stride)`.
  void decode(int64_t first, int64_t stride, std::span<double> out) const;

 private:
  Element element_ = Element::fp32;
  std::vector<int64_t> shape_;
  int64_t size_ = 0;
  HostBuffer buffer_;
};

/// Fills with uniform values of `precision` (operand.h), the same bytes on every machine and for any number
/// of threads. `stream` tells operands of one problem apart.
void fill_uniform(Tensor&, Precision precision, uint64_t seed, uint64_t stream);

/// What results are filled with before a contender runs.
inline constexpr unsigned char kPoisonByte = 0xFF;
/// Every byte becomes kPoisonByte: NaN in all float formats, -1 in integers. Written before a contender runs,
/// so that an element it never wrote cannot pass for an answer.
void poison(Tensor&);

/// FNV-1a over the bytes, for tests and records of what was fed in.
uint64_t fingerprint(const Tensor&);

}  // namespace breakeven
