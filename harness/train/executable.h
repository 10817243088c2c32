// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "harness/precision.h"
#include "harness/train/dataset.h"
#include "harness/train/optimizer.h"
#include "harness/train/program.h"

namespace breakeven::train {

/// What a backend compiles. It keeps copies of what it needs.
struct CompileRequest {
  const Program* program = nullptr;
  Precision precision = Precision::fp32;  // fp64 for the judge alone
  Optimizer optimizer;
  Augmentation augmentation;
  int threads = 1;           // of a CPU
  bool keep_values = false;  // no two values share memory: tests look at all of them
};

/// Which samples the steps of one stretch (an epoch) take: step i of it those at [i batch, (i + 1) batch).
/// Images, clicks: sample numbers. Text: the token each window starts at.
struct Order {
  std::span<const uint32_t> samples;
  uint64_t seed = 0;   // of the run, for augmentation
  uint64_t epoch = 0;  // likewise
};

struct StepSettings {
  float rate = 0;      // learning rate
  int64_t number = 1;  // of the step in the run, from 1: Adam's bias correction
};

struct Evaluation {
  double loss = 0;            // mean over the test set (text: over its tokens)
  int64_t correct = 0;        // cross_entropy: rows whose first largest logit is the label's
  int64_t rows = 0;           // rows in all
  std::vector<float> scores;  // binary_cross_entropy: the logit of every sample, in order
};

struct OperationTime {
  std::string name;  // operation_class, "data", "optimizer", "weights", "evaluation"
  double seconds = 0;
};

/// A program in a device's memory, ready to run. Not thread-safe. Throws Unsupported, OutOfMemory and
/// DeviceLost (harness/backend.h) as kernels do.
class Executable {
 public:
  virtual ~Executable() = default;

  /// The data to the device, and waits. Called once; the data may go away afterwards.
  virtual void upload(const Dataset& train, const Dataset& test) = 0;

  /// Starts anew: parameters (an arena, program.h), moments zero, running statistics and the loss scale at
  /// their start, no losses, no counts.
  virtual void reset(std::span<const float> parameters) = 0;

  /// The samples that the following steps take. Copies them.
  virtual void begin(const Order&) = 0;
  /// One step on samples [first batch, (first + 1) batch) of the order: batch, forward, backward, update. May
  /// return before it is done.
  virtual void step(int64_t first, const StepSettings&) = 0;
  /// Forward and backward alone, no update, no change of running statistics: for `gradients`.
  virtual void differentiate(int64_t first) = 0;
  /// Waits; the losses of all steps (and of `differentiate`) since the last call, in order.
  virtual std::vector<float> take_losses() = 0;
  /// Waits. The whole test set by the parameters as they are; running statistics in place of the batch's.
  virtual Evaluation evaluate() = 0;

  /// Waits. Arenas as program.h describes them. Gradients: of the last step or `differentiate`, before
  /// clipping and weight decay, without loss scale.
  virtual std::vector<float> parameters() = 0;
  virtual std::vector<float> gradients() = 0;
  /// Waits. The value as the last step, `differentiate` or evaluation left it, of a
  /// program compiled with `keep_values`.
  virtual std::vector<double> value(ValueId) = 0;

  /// fp16: steps left out because a gradient was not finite. Waits.
  virtual int64_t skipped_steps() = 0;
  /// Seconds by class of operation since `reset`; empty where the device cannot tell while it runs.
  virtual std::vector<OperationTime> operation_times() = 0;
  /// Bytes held for values, parameters, gradients, moments, data and scratch.
  virtual int64_t memory_bytes() const = 0;
  /// What runs: "oneDNN 2.6.3 brgconv:avx512_core_amx_bf16, own AVX-512 loops".
  virtual std::string implementation() const = 0;
};

using Compile = std::function<std::unique_ptr<Executable>(const CompileRequest&)>;

}  // namespace breakeven::train
