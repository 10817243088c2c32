// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cpu_ref/train/loops_attention.h"
#include "cpu_ref/train/loops_batchnorm_run.h"
#include "cpu_ref/train/loops_entropy.h"
#include "cpu_ref/train/loops_flat.h"
#include "cpu_ref/train/loops_interaction.h"
#include "cpu_ref/train/loops_layernorm.h"
#include "cpu_ref/train/loops_maxpool.h"
#include "cpu_ref/train/loops_tables.h"
#include "cpu_ref/train/loops_update.h"

// All loops of one instruction set.

namespace breakeven::cpu {
namespace {

template <class F>
constexpr TrainLoops loops_as() {
  return {.batchnorm = batchnorm<F>,
          .batchnorm_inference = batchnorm_inference<F>,
          .batchnorm_bwd = batchnorm_bwd<F>,
          .layernorm = layernorm<F>,
          .layernorm_bwd = layernorm_bwd<F>,
          .relu = relu<F>,
          .relu_bwd = relu_bwd<F>,
          .gelu = gelu<F>,
          .gelu_bwd = gelu_bwd<F>,
          .add = add<F>,
          .narrow = narrow<F>,
          .widen = widen<F>,
          .epilogue = epilogue<F>,
          .column_sums = column_sums<F>,
          .maxpool = maxpool<F>,
          .maxpool_bwd = maxpool_bwd<F>,
          .attention = attention<F>,
          .attention_bwd = attention_bwd<F>,
          .embed = embed<F>,
          .embed_bwd = embed_bwd<F>,
          .lookup = lookup<F>,
          .lookup_bwd = lookup_bwd<F>,
          .interaction = interaction<F>,
          .interaction_bwd = interaction_bwd<F>,
          .cross_entropy = cross_entropy<F>,
          .cross_entropy_evaluation = cross_entropy_evaluation<F>,
          .binary_cross_entropy = binary_cross_entropy<F>,
          .binary_cross_entropy_evaluation = binary_cross_entropy_evaluation<F>,
          .gradient_facts = gradient_facts<F>,
          .update = update<F>};
}
constexpr TrainUnit train_unit(const char* name) {
  return {name, loops_as<Fp32Format>(), loops_as<Bf16Format>(), loops_as<Fp16Format>()};
}

}  // namespace
}  // namespace breakeven::cpu
