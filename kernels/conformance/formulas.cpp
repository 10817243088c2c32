// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <bit>

#include "harness/rounding.h"
#include "kernels/conformance/probe.h"
#include "kernels/conformance/tensor.h"

// What moves, and in which order, without arithmetic.

namespace breakeven::conformance {
namespace {

/// Half-word `column` of row `row` of matrix `matrix`, of rows of 16 bytes.
size_t half_word(size_t matrix, size_t row, size_t column) { return (matrix * 8 + row) * 8 + column; }

/// Output: register i of lane l, of `count` each.
Bytes loaded(const Bytes& rows, size_t count, bool transposed) {
  Bytes registers(32 * count * 4);
  for (size_t lane = 0; lane < 32; ++lane) {
    for (size_t i = 0; i < 2 * count; ++i) {
      const size_t row = lane / 4, column = lane % 4 * 2 + i % 2;
      put(registers, lane * 2 * count + i,
          get<uint16_t>(rows, transposed ? half_word(i / 2, column, row) : half_word(i / 2, row, column)));
    }
  }
  return registers;
}

Bytes stored(const Bytes& registers, bool transposed) {
  Bytes rows(512);
  for (size_t i = 0; i < 256; ++i) {
    const size_t matrix = i / 64, row = i / 8 % 8, column = i % 8, r = transposed ? column : row,
                 c = transposed ? row : column;
    put(rows, i, get<uint16_t>(registers, ((r * 4 + c / 2) * 4 + matrix) * 2 + c % 2));
  }
  return rows;
}

Bytes rounded(const Bytes& words) {
  Bytes out(words.size());
  for (size_t i = 0; i < words.size() / 4; ++i)
    put(out, i, (get<uint32_t>(words, i) + 0x1000u) & 0xFFFFE000u);
  return out;
}

/// Finite fp32 numbers far from overflow, ties among them.
Bytes numbers(uint64_t seed) {
  Bytes bytes = random_bytes(seed, 4096);
  for (size_t i = 0; i < 1024; ++i) {
    uint32_t bits = get<uint32_t>(bytes, i) & 0xBFFFFFFFu;
    if (i % 3 == 0) bits = (bits & 0xFFFFE000u) | 0x1000u;
    put(bytes, i, bits);
  }
  return bytes;
}

Bytes zero_filled(const Bytes& input, size_t size) {
  Bytes out = input;
  for (size_t i = 0; i < out.size(); ++i) {
    if (i % size >= i / size % (size + 1)) out[i] = std::byte{0};
  }
  return out;
}

Probe bytes_probe(std::string name, size_t input_bytes, std::function<Bytes(const Bytes&)> expected) {
  Probe probe;
  probe.name = probe.kernel = std::move(name);
  probe.input = [input_bytes](uint64_t seed) { return random_bytes(seed, input_bytes); };
  probe.expected = std::move(expected);
  return probe;
}

/// Handed over lane by lane in reverse, `width` at a time.
Bytes handed(const Bytes& words, size_t width, uint32_t added) {
  Bytes out(words.size());
  for (size_t i = 0; i < words.size() / 4; ++i) {
    const size_t from = i / width * width + (width - 1 - i % width);
    put(out, i, 3 * get<uint32_t>(words, from) + added);
  }
  return out;
}

Bytes in_turn(const Bytes& words) {
  Bytes out(words.size());
  for (size_t i = 0; i < words.size() / 4; ++i) {
    put(out, i, 3 * get<uint32_t>(words, i) + (i >= 64 ? get<uint32_t>(out, i - 64) : 0u) + 4u);
  }
  return out;
}

}  // namespace

std::vector<Probe> move_formulas() {
  std::vector<Probe> probes;
  probes.push_back(bytes_probe("ldmatrix/x4", 512, [](const Bytes& b) { return loaded(b, 4, false); }));
  probes.push_back(bytes_probe("ldmatrix/x4_trans", 512, [](const Bytes& b) { return loaded(b, 4, true); }));
  probes.push_back(bytes_probe("ldmatrix/x2", 512, [](const Bytes& b) { return loaded(b, 2, false); }));
  probes.push_back(bytes_probe("ldmatrix/x2_trans", 512, [](const Bytes& b) { return loaded(b, 2, true); }));
  probes.push_back(bytes_probe("stmatrix/x4", 512, [](const Bytes& b) { return stored(b, false); }));
  probes.push_back(bytes_probe("stmatrix/x4_trans", 512, [](const Bytes& b) { return stored(b, true); }));
  probes.push_back(bytes_probe("round_to_tf32", 4096, rounded));
  probes.back().input = numbers;
  probes.push_back(bytes_probe("streaming", 1024, [](const Bytes& b) { return b; }));
  for (const size_t size : {4u, 8u, 16u}) {
    probes.push_back(bytes_probe("cp_async/" + std::to_string(size), 128 * size,
                                 [size](const Bytes& b) { return zero_filled(b, size); }));
  }
  return probes;
}

std::vector<Probe> order_formulas() {
  std::vector<Probe> probes;
  probes.push_back(bytes_probe("order/named_barrier", 1024, [](const Bytes& b) { return handed(b, 32, 1); }));
  probes.push_back(bytes_probe("order/mbarrier", 1024, [](const Bytes& b) { return handed(b, 32, 2); }));
  probes.push_back(bytes_probe("order/setmaxnreg", 1024, [](const Bytes& b) { return handed(b, 256, 4); }));
  probes.push_back(bytes_probe("order/cluster", 1024, in_turn));
  return probes;
}

}  // namespace breakeven::conformance
