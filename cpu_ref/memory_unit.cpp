// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "cpu_ref/cpu_features.h"
#include "cpu_ref/memory_simd.h"

namespace breakeven::cpu {

int64_t stays_cached() {
  static const long kSize = sysconf(_SC_LEVEL3_CACHE_SIZE);
  return (kSize > 0 ? kSize : 32L << 20) / 2;
}

AdamwFactors adamw_factors() {
  const AdamwConstants& k = kAdamw;
  return {.keep = static_cast<float>(1 - static_cast<double>(k.rate) * k.decay),
          .beta1 = k.beta1,
          .beta2 = k.beta2,
          .rest1 = 1 - k.beta1,
          .rest2 = 1 - k.beta2,
          .rate_over = static_cast<float>(static_cast<double>(k.rate) / k.correction1),
          .over_correction2 = static_cast<float>(1 / static_cast<double>(k.correction2)),
          .epsilon = k.epsilon};
}

std::vector<const MemoryUnit*> memory_units() {
  std::vector<const MemoryUnit*> units;
#if defined(__x86_64__)
  if (has(Feature::avx512)) units.push_back(&avx512_memory_unit());
  if (has(Feature::avx2_fma)) units.push_back(&avx2_memory_unit());  // every such CPU has F16C
#endif
  units.push_back(&portable_memory_unit());
  return units;
}

const MemoryUnit& best_memory_unit() {
  static const MemoryUnit& kBest = *memory_units().front();
  return kBest;
}

int64_t rows_of_room(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::layernorm_bwd:
      return 1;
    case MemoryKind::softmax:
    case MemoryKind::layernorm:
    case MemoryKind::cross_entropy:
      return 2;
    default:
      return 0;
  }
}

MemoryLoop loop_of(const MemoryUnit& unit, const MemoryOp& op) {
  const MemoryLoops& loops = op.precision == Precision::fp32   ? unit.fp32
                             : op.precision == Precision::bf16 ? unit.bf16
                                                               : unit.fp16;
  switch (op.kind) {
    case MemoryKind::copy:
      return loops.copy;
    case MemoryKind::triad:
      return loops.triad;
    case MemoryKind::softmax:
      return loops.softmax;
    case MemoryKind::layernorm:
      return loops.layernorm;
    case MemoryKind::layernorm_bwd:
      return loops.layernorm_bwd;
    case MemoryKind::gelu:
      return loops.gelu;
    case MemoryKind::cross_entropy:
      return loops.cross_entropy;
    case MemoryKind::adamw:
      return loops.adamw;
    case MemoryKind::gather:
      return loops.gather;
    case MemoryKind::scatter_add:
      break;
  }
  return loops.scatter_add;
}

}  // namespace breakeven::cpu
