// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/cpu.h"
#include "cpu_ref/cpu_features.h"
#include "cpu_ref/train/contender.h"

namespace breakeven::cpu {
namespace {

Reason why_not(const TrainTask& task) {
  if (task.precision == Precision::fp16) return "oneDNN does not train in fp16 on a CPU";
  if (task.precision == Precision::bf16 && !has(Feature::amx_bf16) && !has(Feature::avx512_bf16))
    return "this CPU has no bf16 arithmetic";
  return unless_trained_by_cpu(task, {Precision::fp32, Precision::bf16});
}

}  // namespace

Kernel train_onednn() {
  return training_contender("onednn", "oneDNN products (NHWC, weights in the layout it prefers), own vector loops",
                            why_not, onednn_products);
}

}  // namespace breakeven::cpu
