// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <bit>
#include <cmath>

#include "harness/operand.h"
#include "harness/precision.h"
#include "kernels/conformance/probe.h"

// D[m][n] = A[m][k] B[n][k]: mma, wmma, wgmma. Each kernel is probed with small integers, of which every sum
// is exact in any order, so that every bit must agree, and with numbers uniform on [-1, 1), where the order
// of the additions and the width of the accumulator show.

namespace breakeven::conformance {
namespace {

enum class Values : uint8_t { integers, uniform };

struct Product {
  std::string kernel;
  Precision precision;
  size_t m, n, k;
  bool rounds_tf32 = false;  // the kernel rounds to tf32; otherwise the instruction truncates
};

uint32_t fp32_bits(float value) { return std::bit_cast<uint32_t>(value); }

void put_element(Bytes& bytes, size_t index, Precision precision, float value) {
  switch (precision) {
    case Precision::fp64:
      return put(bytes, index, static_cast<double>(value));
    case Precision::tf32:
      return put(bytes, index, value);
    case Precision::bf16:
      return put(bytes, index, to_bf16(fp32_bits(value)));
    case Precision::fp16:
      return put(bytes, index, to_fp16(fp32_bits(value)));
    case Precision::fp8e4m3:
      return put(bytes, index, to_fp8e4m3(fp32_bits(value)));
    default:
      return put(bytes, index, static_cast<int8_t>(value));
  }
}

double get_element(const Bytes& bytes, size_t index, const Product& product) {
  switch (product.precision) {
    case Precision::fp64:
      return get<double>(bytes, index);
    case Precision::tf32: {
      const uint32_t bits = get<uint32_t>(bytes, index) + (product.rounds_tf32 ? 0x1000u : 0u);
      return std::bit_cast<float>(bits & 0xFFFFE000u);
    }
    case Precision::bf16:
      return std::bit_cast<float>(from_bf16(get<uint16_t>(bytes, index)));
    case Precision::fp16:
      return std::bit_cast<float>(from_fp16(get<uint16_t>(bytes, index)));
    case Precision::fp8e4m3:
      return std::bit_cast<float>(from_fp8e4m3(get<uint8_t>(bytes, index)));
    default:
      return get<int8_t>(bytes, index);
  }
}

Bytes input(const Product& p, Values values, uint64_t seed) {
  const size_t elements = (p.m + p.n) * p.k;
  Bytes bytes(elements * static_cast<size_t>(breakeven::bytes(facts(p.precision).input)));
  for (size_t i = 0; i < elements; ++i) {
    const uint32_t word = uniform_word(seed, 0, i);
    const float integer = static_cast<float>(static_cast<int>(word >> 16) % 17 - 8);
    const float uniform = p.precision == Precision::int8 ? uniform_int8(word) : uniform_fp32(word);
    put_element(bytes, i, p.precision, values == Values::integers ? integer : uniform);
  }
  return bytes;
}

Bytes expected(const Product& p, const Bytes& input) {
  const bool int8 = p.precision == Precision::int8, fp64 = p.precision == Precision::fp64;
  Bytes sums(p.m * p.n * (fp64 ? 8 : 4));
  for (size_t i = 0; i < p.m * p.n; ++i) {
    double sum = 0;  // of at most 128 products of narrow numbers: rounded far below the tolerance
    for (size_t k = 0; k < p.k; ++k) {
      sum += get_element(input, i / p.n * p.k + k, p) * get_element(input, p.m * p.k + i % p.n * p.k + k, p);
    }
    if (fp64) {
      put(sums, i, sum);
    } else if (int8) {
      put(sums, i, static_cast<int32_t>(sum));
    } else {
      put(sums, i, static_cast<float>(sum));
    }
  }
  return sums;
}

/// Products are below 1, partial sums below k: so is what each of k additions cuts off, times the
/// accumulator's last bit. (fp8 on Hopper keeps about 14 bits; a few more units of room for how operands are
/// aligned.)
double tolerance(const Product& p) {
  const double k = static_cast<double>(p.k);
  switch (p.precision) {
    case Precision::int8:
      return 0;
    case Precision::fp64:
      return k * 0x1p-50;
    case Precision::fp8e4m3:
      return k * 0x1p-11;
    default:
      return k * 0x1p-20;
  }
}

void add(std::vector<Probe>& probes, const Product& product) {
  const Content content = product.precision == Precision::fp64   ? Content::fp64
                          : product.precision == Precision::int8 ? Content::bytes
                                                                 : Content::fp32;
  for (const Values values : {Values::integers, Values::uniform}) {
    Probe probe;
    probe.name = product.kernel + (values == Values::integers ? "/integers" : "/uniform");
    probe.kernel = product.kernel;
    probe.content = content;
    probe.tolerance = values == Values::integers ? 0 : tolerance(product);
    probe.input = [product, values](uint64_t seed) { return input(product, values, seed); };
    probe.expected = [product](const Bytes& bytes) { return expected(product, bytes); };
    probes.push_back(std::move(probe));
  }
}

void add_wgmma(std::vector<Probe>& probes, Precision precision, const char* major,
               std::initializer_list<size_t> ns) {
  const size_t k = 128 / static_cast<size_t>(breakeven::bytes(facts(precision).input));
  for (const size_t n : ns) {
    add(probes, {"wgmma/" + std::string(name(precision)) + "/n" + std::to_string(n) + "/" + major, precision,
                 64, n, k});
  }
}

}  // namespace

std::vector<Probe> product_probes() {
  std::vector<Probe> probes;
  add(probes, {"mma/bf16", Precision::bf16, 16, 8, 16});
  add(probes, {"mma/fp16", Precision::fp16, 16, 8, 16});
  add(probes, {"mma/fp16_k8", Precision::fp16, 16, 8, 8});
  add(probes, {"mma/tf32", Precision::tf32, 16, 8, 8});
  add(probes, {"mma/int8", Precision::int8, 16, 8, 32});
  add(probes, {"mma/fp8e4m3", Precision::fp8e4m3, 16, 8, 32});
  add(probes, {"mma/fp64", Precision::fp64, 16, 8, 16});
  for (const char* major : {"/k", "/mn"}) {
    for (const Precision p : {Precision::fp16, Precision::bf16, Precision::int8}) {
      add(probes, {"wmma/" + std::string(name(p)) + major, p, 16, 16, 16});
    }
    add(probes, {std::string("wmma/tf32") + major, Precision::tf32, 16, 16, 8, true});
    add(probes, {std::string("wmma/fp64") + major, Precision::fp64, 8, 8, 4});
  }
  add_wgmma(probes, Precision::bf16, "k", {8, 24, 64, 128, 256});
  add_wgmma(probes, Precision::bf16, "mn", {16, 64, 128, 192, 256});
  add_wgmma(probes, Precision::bf16, "mn_mn", {64, 256});
  add_wgmma(probes, Precision::fp16, "k", {32});
  add_wgmma(probes, Precision::fp16, "mn", {128});
  add_wgmma(probes, Precision::fp16, "mn_mn", {128});
  add_wgmma(probes, Precision::tf32, "k", {8, 96, 256});
  add_wgmma(probes, Precision::fp8e4m3, "k", {16, 128, 256});
  add_wgmma(probes, Precision::int8, "k", {8, 128, 256});
  return probes;
}

}  // namespace breakeven::conformance
