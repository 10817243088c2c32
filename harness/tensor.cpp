// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/tensor.h"

#include <algorithm>
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

uint32_t fp32_bits(uint32_t word) { return std::bit_cast<uint32_t>(uniform_fp32(word)); }

// Elements are made in chunks of kLanes Philox blocks side by side, so that each step becomes vector
// instructions. The two functions below are compiled once for every vector width of x86-64, the machine's own
// chosen at start-up; all give the same bytes because every step is exact. (Inlining is forced: a call would
// leave the chosen width.) Not under the thread sanitizer: the choice runs before it is set up, and crashes.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_THREAD__)
#define BREAKEVEN_EVERY_VECTOR_WIDTH __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define BREAKEVEN_EVERY_VECTOR_WIDTH
#endif
constexpr int64_t kLanes = 64;
constexpr int64_t kChunkWords = 4 * kLanes;
constexpr int64_t kWorthThreads = 1 << 14;  // words

/// The words of blocks first_block ... + kLanes - 1 in element order: philox(), the loop over blocks
/// innermost.
BREAKEVEN_EVERY_VECTOR_WIDTH
void make_words(uint64_t seed, uint64_t stream, int64_t first_block, uint32_t* __restrict words) {
  uint32_t c0[kLanes], c1[kLanes], c2[kLanes], c3[kLanes];
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    const uint64_t block = static_cast<uint64_t>(first_block + lane);
    c0[lane] = static_cast<uint32_t>(block);
    c1[lane] = static_cast<uint32_t>(block >> 32);
    c2[lane] = static_cast<uint32_t>(stream);
    c3[lane] = static_cast<uint32_t>(stream >> 32);
  }
  uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < kPhiloxRounds; ++round, k0 += kPhiloxWeyl0, k1 += kPhiloxWeyl1) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      philox_round(c0[lane], c1[lane], c2[lane], c3[lane], k0, k1);
    }
  }
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    words[4 * lane] = c0[lane];
    words[4 * lane + 1] = c1[lane];
    words[4 * lane + 2] = c2[lane];
    words[4 * lane + 3] = c3[lane];
  }
}

template <class T, class Make>
[[gnu::always_inline]] inline void each(std::byte* bytes, int64_t count, Make make) {
  T* __restrict out = reinterpret_cast<T*>(bytes);
  for (int64_t i = 0; i < count; ++i) out[i] = make(i);
}

/// `count` elements of `p` from the words that belong to them.
BREAKEVEN_EVERY_VECTOR_WIDTH
void convert(Precision p, const uint32_t* __restrict w, std::byte* out, int64_t count) {
  switch (p) {
    case Precision::fp64:
      return each<double>(out, count, [=](auto i) { return uniform_fp64(w[2 * i], w[2 * i + 1]); });
    case Precision::fp32:
      return each<float>(out, count, [=](auto i) { return uniform_fp32(w[i]); });
    case Precision::tf32:
      return each<uint32_t>(out, count, [=](auto i) { return to_tf32(fp32_bits(w[i])); });
    case Precision::bf16:
      return each<uint16_t>(out, count, [=](auto i) { return to_bf16(fp32_bits(w[i])); });
    case Precision::fp16:
      return each<uint16_t>(out, count, [=](auto i) { return to_fp16(fp32_bits(w[i])); });
    case Precision::fp8e4m3:
      return each<uint8_t>(out, count, [=](auto i) { return to_fp8e4m3(fp32_bits(w[i])); });
    case Precision::int8:
      return each<int8_t>(out, count, [=](auto i) { return uniform_int8(w[i]); });
    case Precision::u8:
      return each<uint8_t>(out, count, [=](auto i) { return static_cast<uint8_t>(w[i] >> 24); });
  }
}

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
    case Element::fp64:
      return decode_with(first, stride, out, [p = as<double>()](int64_t i) { return p[i]; });
    case Element::fp32:
      return decode_with(first, stride, out, [p = as<float>()](int64_t i) { return p[i]; });
    case Element::bf16:
      return decode_with(first, stride, out,
                         [p = as<uint16_t>()](int64_t i) { return widen(from_bf16(p[i])); });
    case Element::fp16:
      return decode_with(first, stride, out,
                         [p = as<uint16_t>()](int64_t i) { return widen(from_fp16(p[i])); });
    case Element::fp8e4m3:
      return decode_with(first, stride, out,
                         [p = as<uint8_t>()](int64_t i) { return widen(from_fp8e4m3(p[i])); });
    case Element::int32:
      return decode_with(first, stride, out, [p = as<int32_t>()](int64_t i) { return p[i]; });
    case Element::int8:
      return decode_with(first, stride, out, [p = as<int8_t>()](int64_t i) { return p[i]; });
    case Element::u8:
      return decode_with(first, stride, out, [p = as<uint8_t>()](int64_t i) { return p[i]; });
  }
}

double Tensor::at(int64_t index) const {
  double value = 0;
  decode(index, 1, {&value, 1});
  return value;
}

void fill_uniform(Tensor& t, Precision precision, uint64_t seed, uint64_t stream) {
  const int64_t words_each = precision == Precision::fp64 ? 2 : 1, words = t.size() * words_each;
  const int64_t element_bytes = breakeven::bytes(t.element());
#pragma omp parallel for schedule(static) if (words > kWorthThreads)
  for (int64_t first = 0; first < words; first += kChunkWords) {
    alignas(kCacheLine) uint32_t chunk[kChunkWords];
    make_words(seed, stream, first / 4, chunk);
    const int64_t begin = first / words_each, count = std::min(kChunkWords, words - first) / words_each;
    convert(precision, chunk, t.data() + begin * element_bytes, count);
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
