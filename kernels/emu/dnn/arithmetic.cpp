// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/dnn/arithmetic.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include <bit>
#include <cstring>
#include <type_traits>

namespace breakeven::emu {
namespace {

template <class T>
T element(const void* array, int64_t index) {
  return static_cast<const T*>(array)[index];
}

template <class Sum>
Sum load(const void* array, cudnnDataType_t type, int64_t index) {
  switch (type) {
    case CUDNN_DATA_DOUBLE:
      return static_cast<Sum>(element<double>(array, index));
    case CUDNN_DATA_FLOAT:
      return static_cast<Sum>(element<float>(array, index));
    case CUDNN_DATA_BFLOAT16:
      return static_cast<Sum>(__bfloat162float(element<__nv_bfloat16>(array, index)));
    case CUDNN_DATA_HALF:
      return static_cast<Sum>(__half2float(element<__half>(array, index)));
    case CUDNN_DATA_FP8_E4M3:
      return static_cast<Sum>(static_cast<float>(element<__nv_fp8_e4m3>(array, index)));
    case CUDNN_DATA_INT32:
      return static_cast<Sum>(element<int32_t>(array, index));
    default:
      return static_cast<Sum>(element<int8_t>(array, index));
  }
}

template <class Sum>
void store(void* array, cudnnDataType_t type, int64_t index, Sum value) {
  switch (type) {
    case CUDNN_DATA_DOUBLE:
      static_cast<double*>(array)[index] = static_cast<double>(value);
      return;
    case CUDNN_DATA_BFLOAT16:
      static_cast<__nv_bfloat16*>(array)[index] = __float2bfloat16_rn(static_cast<float>(value));
      return;
    case CUDNN_DATA_HALF:
      static_cast<__half*>(array)[index] = __float2half_rn(static_cast<float>(value));
      return;
    case CUDNN_DATA_INT32:
      static_cast<int32_t*>(array)[index] = static_cast<int32_t>(value);
      return;
    default:
      static_cast<float*>(array)[index] = static_cast<float>(value);
  }
}

/// To the nearest tf32, ties away from zero (what cvt.rna does).
float rounded_to_tf32(float x) {
  return std::bit_cast<float>((std::bit_cast<uint32_t>(x) + 0x1000u) & ~0x1FFFu);
}

template <class Sum>
class Convolution {
 public:
  explicit Convolution(const DnnWork& work)
      : work_(work),
        g_(work.graph),
        first_(decoded(g_.computes == DnnResult::x ? g_.y : g_.x)),
        second_(decoded(g_.computes == DnnResult::w ? g_.y : g_.w)) {}

  void run() {
    // Whatever an engine asked for it may also write: nobody else's data survives there.
    if (work_.workspace_bytes > 0)
      std::memset(work_.workspace, 0xFF, static_cast<size_t>(work_.workspace_bytes));
    const auto& extents = g_.result().extents;
    int64_t number = 0;
    for (int64_t a = 0; a < extents[0]; ++a) {
      for (int64_t b = 0; b < extents[1]; ++b) {
        for (int64_t c = 0; c < extents[2]; ++c) {
          for (int64_t d = 0; d < extents[3]; ++d) {
            products_.clear();
            collect(a, b, c, d);
            finish(sum(number++), a, b, c, d);
          }
        }
      }
    }
  }

 private:
  /// All of an operand's memory, from its first element to its last, as the engine sees it.
  std::vector<Sum> decoded(const DnnTensor& tensor) const {
    std::vector<Sum> values(static_cast<size_t>(tensor.bytes() / element_bytes(tensor.type)));
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = load<Sum>(work_.pointers.at(tensor.uid), tensor.type, static_cast<int64_t>(i));
      if constexpr (std::is_same_v<Sum, float>) {
        if (work_.engine == DnnEngine::tensor_cores) values[i] = rounded_to_tf32(values[i]);
      }
    }
    return values;
  }
  int64_t group_filters() const { return g_.w.extents[0] / (g_.x.extents[1] / g_.w.extents[1]); }

  /// The product of y (or dy) at (n, k, p, q) with the tap (l, i, j) if it meets x; `channel` is x's.
  void meet(int64_t n, int64_t k, int64_t p, int64_t q, int64_t l, int64_t i, int64_t j) {
    const int64_t row = p * g_.stride[0] - g_.padding[0] + i * g_.dilation[0];
    const int64_t column = q * g_.stride[1] - g_.padding[1] + j * g_.dilation[1];
    if (row < 0 || row >= g_.x.extents[2] || column < 0 || column >= g_.x.extents[3]) return;
    const int64_t channel = k / group_filters() * g_.w.extents[1] + l;
    const int64_t x = g_.x.offset(n, channel, row, column), w = g_.w.offset(k, l, i, j),
                  y = g_.y.offset(n, k, p, q);
    const auto first = static_cast<size_t>(g_.computes == DnnResult::x ? y : x);
    const auto second = static_cast<size_t>(g_.computes == DnnResult::w ? y : w);
    products_.push_back(first_[first] * second_[second]);
  }

  /// All products of one element of the result.
  void collect(int64_t a, int64_t b, int64_t c, int64_t d) {
    const auto &w = g_.w.extents, &y = g_.y.extents;
    if (g_.computes == DnnResult::w) {
      for (int64_t n = 0; n < y[0]; ++n)
        for (int64_t p = 0; p < y[2]; ++p)
          for (int64_t q = 0; q < y[3]; ++q) meet(n, a, p, q, b, c, d);
      return;
    }
    for (int64_t i = 0; i < w[2]; ++i) {
      for (int64_t j = 0; j < w[3]; ++j) {
        if (g_.computes == DnnResult::y) {
          for (int64_t l = 0; l < w[1]; ++l) meet(a, b, c, d, l, i, j);
        } else {
          collect_gradient(a, b, c, d, i, j);
        }
      }
    }
  }
  /// Of x at (n, channel, row, column): one tap's products, if any place of y puts that tap there.
  void collect_gradient(int64_t n, int64_t channel, int64_t row, int64_t column, int64_t i, int64_t j) {
    const int64_t down = row + g_.padding[0] - i * g_.dilation[0];
    const int64_t across = column + g_.padding[1] - j * g_.dilation[1];
    if (down < 0 || across < 0 || down % g_.stride[0] != 0 || across % g_.stride[1] != 0) return;
    const int64_t p = down / g_.stride[0], q = across / g_.stride[1];
    if (p >= g_.y.extents[2] || q >= g_.y.extents[3]) return;
    const int64_t group = channel / g_.w.extents[1];
    for (int64_t k = group * group_filters(); k < (group + 1) * group_filters(); ++k)
      meet(n, k, p, q, channel % g_.w.extents[1], i, j);
  }

  Sum sum_of(size_t from, size_t to) const {
    Sum sum = 0;
    for (size_t step = 0; step < to - from; ++step) {
      sum += products_[work_.engine == DnnEngine::backwards ? to - 1 - step : from + step];
      if (work_.engine == DnnEngine::rounds_sums) {
        std::byte narrow[8];
        store(narrow, g_.result().type, 0, sum);
        sum = load<Sum>(narrow, g_.result().type, 0);
      }
    }
    return sum;
  }
  Sum sum(int64_t number) const {
    const size_t count = products_.size();
    if (work_.engine != DnnEngine::split) return sum_of(0, count);
    // Both halves by way of the workspace, as they would meet there.
    Sum* partial = static_cast<Sum*>(work_.workspace) + 2 * number;
    partial[0] = sum_of(0, count / 2);
    partial[1] = sum_of(count / 2, count);
    return partial[0] + partial[1];
  }

  void finish(Sum sum, int64_t a, int64_t b, int64_t c, int64_t d) {
    const DnnTensor& result = g_.result();
    const int64_t at = result.offset(a, b, c, d);
    void* array = work_.pointers.at(result.uid);
    Sum value = static_cast<Sum>(static_cast<Sum>(g_.alpha) * sum);
    if (g_.beta != 0) value += static_cast<Sum>(g_.beta) * load<Sum>(array, result.type, at);
    if (g_.bias) {
      value += load<Sum>(work_.pointers.at(g_.bias->uid), g_.bias->type, g_.bias->offset(0, b, 0, 0));
      if (value < 0) value = 0;
    }
    store(array, result.type, at, value);
  }

  const DnnWork& work_;
  const DnnGraph& g_;
  std::vector<Sum> first_, second_;  // the operands
  std::vector<Sum> products_;        // of one element of the result
};

}  // namespace

void convolve(const DnnWork& work) {
  switch (work.graph.compute) {
    case CUDNN_DATA_DOUBLE:
      return Convolution<double>(work).run();
    case CUDNN_DATA_INT32:
      return Convolution<int32_t>(work).run();
    default:
      return Convolution<float>(work).run();
  }
}

}  // namespace breakeven::emu
