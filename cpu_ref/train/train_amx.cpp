// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/cpu.h"
#include "cpu_ref/cpu_features.h"
#include "cpu_ref/train/contender.h"

namespace breakeven::cpu {
namespace {

Reason why_not(const TrainTask& task) {
  if (!has(Feature::amx_bf16)) return "this CPU has no AMX";
  return unless_trained_by_cpu(task, {Precision::bf16});
}

}  // namespace

Kernel train_amx() {
  return training_contender("amx",
                            "own AMX convolutions where they are faster, oneDNN products, own vector loops",
                            why_not, amx_products);
}

}  // namespace breakeven::cpu
