// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/tensor.h"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <numeric>

#include "harness/operand.h"

namespace breakeven {
namespace {

constexpr int64_t kCacheLine = 64;

double widen(uint32_t bits) { return std::bit_cast<float>(bits); }

/// One element to double. Written once per element type so that `decode` stays a plain loop.
template <class Read>
void decode_with(int64_t first, int64_t stride, std::span<double> out, Read read) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = read(first + static_cast<int64_t>(i) * stride);
}

template <class T, class Make>
void fill_words(Tensor& t, uint64_t seed, uint64_t stream, Make make) {
  T* out = t.as<T>();
  const int64_t size = t.size(), blocks = (size + 3) / 4;
#pragma omp parallel for schedule(static) if (blocks > 4096)
  for (int64_t block = 0; block < blocks; ++block) {
    const PhiloxBlock draws = philox(seed, static_cast<uint64_t>(block), stream);
    const int64_t first = block * 4, end = std::min<int64_t>(first + 4, size);
    for (int64_t i = first; i < end; ++i) out[i] = make(draws.word[i - first]);
  }
}

void fill_fp64(Tensor& t, uint64_t seed, uint64_t stream) {
  double* out = t.as<double>();
  const int64_t size = t.size(), blocks = (size + 1) / 2;
#pragma omp parallel for schedule(static) if (blocks > 4096)
  for (int64_t block = 0; block < blocks; ++block) {
    const PhiloxBlock draws = philox(seed, static_cast<uint64_t>(block), stream);
    out[2 * block] = uniform_fp64(draws.word[0], draws.word[1]);
    if (2 * block + 1 < size) out[2 * block + 1] = uniform_fp64(draws.word[2], draws.word[3]);
  }
}

uint32_t fp32_bits(uint32_t word) { return std::bit_cast<uint32_t>(uniform_fp32(word)); }

}  // namespace

void HostBuffer::Free::operator()(std::byte* p) const { std::free(p); }

HostBuffer::HostBuffer(int64_t bytes) : size_(bytes) {
  const size_t rounded = static_cast<size_t>((bytes + kCacheLine - 1) / kCacheLine * kCacheLine);
  if (rounded == 0) return;
  data_.reset(static_cast<std::byte*>(std::aligned_alloc(kCacheLine, rounded)));
  if (!data_) throw std::bad_alloc();
}

Tensor::Tensor(Element element, std::vector<int64_t> shape)
    : element_(element),
      shape_(std::move(shape)),
      size_(std::accumulate(shape_.begin(), shape_.end(), int64_t{1}, std::multiplies<>())),
      buffer_(size_ * breakeven::bytes(element)) {}

Tensor Tensor::clone() const {
  Tensor copy(element_, shape_);
  if (bytes() > 0) std::memcpy(copy.data(), data(), static_cast<size_t>(bytes()));
  return copy;
}

void Tensor::decode(int64_t first, int64_t stride, std::span<double> out) const {
  switch (element_) {
    case Element::fp64: return decode_with(first, stride, out, [p = as<double>()](int64_t i) { return p[i]; });
    case Element::fp32: return decode_with(first, stride, out, [p = as<float>()](int64_t i) { return p[i]; });
    case Element::bf16:
      return decode_with(first, stride, out, [p = as<uint16_t>()](int64_t i) { return widen(from_bf16(p[i])); });
    case Element::fp16:
      return decode_with(first, stride, out, [p = as<uint16_t>()](int64_t i) { return widen(from_fp16(p[i])); });
    case Element::fp8e4m3:
      return decode_with(first, stride, out, [p = as<uint8_t>()](int64_t i) { return widen(from_fp8e4m3(p[i])); });
    case Element::int32: return decode_with(first, stride, out, [p = as<int32_t>()](int64_t i) { return p[i]; });
    case Element::int8: return decode_with(first, stride, out, [p = as<int8_t>()](int64_t i) { return p[i]; });
    case Element::u8: return decode_with(first, stride, out, [p = as<uint8_t>()](int64_t i) { return p[i]; });
  }
}

double Tensor::at(int64_t index) const {
  double value = 0;
  decode(index, 1, {&value, 1});
  return value;
}

void fill_uniform(Tensor& t, Precision precision, uint64_t seed, uint64_t stream) {
  switch (precision) {
    case Precision::fp64: return fill_fp64(t, seed, stream);
    case Precision::fp32: return fill_words<float>(t, seed, stream, uniform_fp32);
    case Precision::tf32:
      return fill_words<uint32_t>(t, seed, stream, [](uint32_t w) { return to_tf32(fp32_bits(w)); });
    case Precision::bf16:
      return fill_words<uint16_t>(t, seed, stream, [](uint32_t w) { return to_bf16(fp32_bits(w)); });
    case Precision::fp16:
      return fill_words<uint16_t>(t, seed, stream, [](uint32_t w) { return to_fp16(fp32_bits(w)); });
    case Precision::fp8e4m3:
      return fill_words<uint8_t>(t, seed, stream, [](uint32_t w) { return to_fp8e4m3(fp32_bits(w)); });
    case Precision::int8: return fill_words<int8_t>(t, seed, stream, uniform_int8);
    case Precision::u8:
      return fill_words<uint8_t>(t, seed, stream, [](uint32_t w) { return static_cast<uint8_t>(w >> 24); });
  }
}

void poison(Tensor& t) {
  if (t.bytes() > 0) std::memset(t.data(), kPoisonByte, static_cast<size_t>(t.bytes()));
}

uint64_t fingerprint(const Tensor& t) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (int64_t i = 0; i < t.bytes(); ++i) {
    hash = (hash ^ static_cast<uint64_t>(t.data()[i])) * 0x100000001b3u;
  }
  return hash;
}

}  // namespace breakeven
