// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/cpu.h"
#include "cpu_ref/cpu_features.h"
#include "cpu_ref/train/contender.h"

namespace breakeven::cpu {
namespace {

Reason why_not(const TrainTask& task) {
  if (task.precision == Precision::bf16 && !has(Feature::amx_bf16))
    return "this CPU has no AMX, or its operating system lets nobody use it";
  return unless_trained_by_cpu(task, {Precision::bf16});
}

}  // namespace

Kernel train_amx() {
  return training_contender("amx", "own AMX convolutions, oneDNN for the other products, own vector loops",
                            why_not, amx_products);
}

}  // namespace breakeven::cpu
