// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/loops.h"

#include <fmt/format.h>

#include <cstdlib>

#include "cpu_ref/cpu_features.h"
#include "harness/backend.h"

namespace breakeven::cpu {

std::vector<const TrainUnit*> train_units() {
  std::vector<const TrainUnit*> units;
#if defined(__x86_64__)
  if (has(Feature::avx512)) units.push_back(&avx512_train_unit());
  if (has(Feature::avx2_fma)) units.push_back(&avx2_train_unit());  // every such CPU has F16C
#endif
  units.push_back(&portable_train_unit());
  return units;
}

const TrainLoops& loops_of(const TrainUnit& unit, Element element) {
  return element == Element::fp32 ? unit.fp32 : element == Element::bf16 ? unit.bf16 : unit.fp16;
}

Room::~Room() { std::free(data_); }

float* Room::floats(int64_t n) {
  constexpr int64_t kLine = 16;  // floats
  const int64_t wanted = (n + kLine - 1) / kLine * kLine;
  if (wanted <= size_) return data_;
  std::free(data_);
  data_ = static_cast<float*>(std::aligned_alloc(64, static_cast<size_t>(4 * wanted)));
  size_ = data_ ? wanted : 0;
  if (!data_) {
    throw OutOfMemory(
        fmt::format("no {} bytes of host memory for partial sums; choose a smaller batch", 4 * wanted));
  }
  return data_;
}

}  // namespace breakeven::cpu
