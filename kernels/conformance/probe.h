// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

// What the runner knows of a probe: what to put in, and what must come out by plain formulas, written without
// regard to how a kernel or the emulator does it.

namespace breakeven::conformance {

using Bytes = std::vector<std::byte>;

/// What an output consists of. Numbers may differ by `tolerance` (absolute); bytes not at all.
enum class Content : uint8_t { bytes, fp32, fp64 };

struct Probe {
  std::string name;    // unique
  std::string kernel;  // the module's name for it
  Content content = Content::bytes;
  double tolerance = 0;  // 0: every bit
  std::function<Bytes(uint64_t seed)> input;
  std::function<Bytes(const Bytes& input)> expected;
};

std::vector<Probe> product_probes();  // mma, wmma, wgmma
std::vector<Probe> move_formulas();
std::vector<Probe> tma_formulas();
std::vector<Probe> order_formulas();

Bytes random_bytes(uint64_t seed, size_t count);

/// Element `index` of bytes taken as an array of T, and back.
template <class T>
T get(const Bytes& bytes, size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}
template <class T>
void put(Bytes& bytes, size_t index, T value) {
  std::memcpy(bytes.data() + index * sizeof(T), &value, sizeof(T));
}

/// How far two outputs are from each other. Units in the last place of `a`; NaN where only one is: infinite.
struct Difference {
  bool allowed = false;
  double error = 0;    // the largest, absolute; of bytes: how many differ
  double ulps = 0;     // the most
  int64_t first = -1;  // the first element that differs beyond the tolerance
};
Difference compare(const Probe&, const Bytes& a, const Bytes& b);

}  // namespace breakeven::conformance
