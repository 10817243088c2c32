// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/cpu.h"
#include "cpu_ref/train/contender.h"

namespace breakeven::cpu {
namespace {

Reason why_not(const TrainTask& task) {
  if (task.precision == Precision::bf16 || task.precision == Precision::fp16)
    return "OpenBLAS has no products of narrow numbers that give narrow results";
  return unless_trained_by_cpu(task, {Precision::fp32});
}

}  // namespace

Kernel train_openblas() {
  return training_contender("openblas", "OpenBLAS sgemm, one call a thread, convolutions by patches; own vector loops",
                            why_not, openblas_products);
}

}  // namespace breakeven::cpu
