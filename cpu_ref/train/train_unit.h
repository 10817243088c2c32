// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "cpu_ref/train/loop_arguments.h"

namespace breakeven::cpu {

/// Everything of a training step that is no product and no convolution, for activations of one element type
/// by one instruction set. What the operations mean stands in harness/train/program.h, the arguments in
/// loop_arguments.h. Every loop shares its work among the threads of omp_get_max_threads(); no result depends
/// on how many these are: sums are taken over fixed blocks and then in the order of the blocks. `void*`:
/// elements of the table's type; `float*`: always fp32. Arrays at any address, fastest on whole cache lines.
struct TrainLoops {
  void (*batchnorm)(const BatchNorm&);            // training: statistics of the batch
  void (*batchnorm_inference)(const BatchNorm&);  // the running ones
  void (*batchnorm_bwd)(const BatchNormBackward&);
  void (*layernorm)(const LayerNorm&);
  void (*layernorm_bwd)(const LayerNormBackward&);

  void (*relu)(const void* x, void* y, int64_t n);
  void (*relu_bwd)(const void* y, const void* dy, void* dx, int64_t n);  // dx may be dy
  void (*gelu)(const void* x, void* y, int64_t n);
  void (*gelu_bwd)(const void* x, const void* dy, void* dx, int64_t n);  // dx may be dy
  void (*add)(const void* a, const void* b, void* c, int64_t n);         // c may be a or b
  /// out = factor x, fp32 to elements and back. With fp32 elements x may be out.
  void (*narrow)(const float* x, void* out, int64_t n, float factor);
  void (*widen)(const void* x, float* out, int64_t n, float factor);
  /// What follows a product whose library does nothing after it.
  void (*epilogue)(const Epilogue&);
  /// sums[columns] (+)= column sums of x[rows, columns], times factor.
  void (*column_sums)(const ColumnSums&);

  void (*maxpool)(const MaxPool&);
  void (*maxpool_bwd)(const MaxPoolBackward&);
  void (*attention)(const Attention&);
  void (*attention_bwd)(const AttentionBackward&);

  void (*embed)(const Embed&);
  void (*embed_bwd)(const EmbedBackward&);
  void (*lookup)(const Lookup&);
  void (*lookup_bwd)(const LookupBackward&);
  void (*interaction)(const Interaction&);
  void (*interaction_bwd)(const InteractionBackward&);

  void (*cross_entropy)(const CrossEntropy&);
  LossSum (*cross_entropy_evaluation)(const CrossEntropy&);         // writes nothing
  void (*binary_cross_entropy)(const CrossEntropy&);                // columns 1, labels 0 and 1
  LossSum (*binary_cross_entropy_evaluation)(const CrossEntropy&);  // correct: logit > 0 as the label

  /// g *= factor (not written where factor is 1), and what clipping and loss scaling must know of it.
  GradientFacts (*gradient_facts)(float* g, int64_t n, float factor, Room&);
  /// One step of the optimizer over the arenas; the parameters' copies in this table's elements with it.
  void (*update)(const Update&);
};

/// One instruction set's loops.
struct TrainUnit {
  const char* name;  // "AVX-512"
  TrainLoops fp32, bf16, fp16;
};
const TrainUnit& portable_train_unit();
#if defined(__x86_64__)
const TrainUnit& avx2_train_unit();
const TrainUnit& avx512_train_unit();
#endif

}  // namespace breakeven::cpu
