// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/backend.h"
#include "kernels/cuda/train/data.h"
#include "kernels/cuda/train/lowering.h"
#include "kernels/cuda/train/step_graph.h"

namespace breakeven::cuda {

/// A program in a GPU's memory. A step is a queue of kernels on one stream and waits for nothing: the data
/// lie on the device, losses stay there until they are asked for, and what a step decides (skipped, clipped,
/// the next loss scale) it decides there. All that is the same in every step is one CUDA graph
/// (step_graph.h); what changes is launched around it: the batch's samples, the place of its loss, the
/// learning rate.
class GpuExecutable : public train::Executable {
 public:
  GpuExecutable(ContextPtr, const train::CompileRequest&, MakeProducts);
  void upload(const train::Dataset& train, const train::Dataset& test) override;
  void reset(std::span<const float> parameters) override;
  void begin(const train::Order&) override;
  void step(int64_t first, const train::StepSettings&) override;
  void differentiate(int64_t first) override;
  std::vector<float> take_losses() override;
  train::Evaluation evaluate() override;
  std::vector<float> parameters() override;
  std::vector<float> gradients() override;
  std::vector<double> value(train::ValueId) override;
  int64_t skipped_steps() override;
  std::vector<train::OperationTime> operation_times() override { return {}; }
  int64_t memory_bytes() const override;
  std::string implementation() const override;

 private:
  void run(int64_t first, Pass);
  void launch_pass(Pass);
  void launch_gradient_checks(Pass);
  void update(const train::StepSettings&);
  bool scales_loss() const { return precision_ == Precision::fp16; }

  ContextPtr context_;  // declared first: the memory below goes before the device does
  train::Program program_;
  Precision precision_;
  train::Optimizer optimizer_;
  train::Augmentation augmentation_;
  bool keeps_values_;
  TrainMemory memory_;
  std::unique_ptr<Products> products_;
  LoweredProgram lowered_;
  PassGraphs graphs_;
  DeviceData train_, test_;
  DeviceBuffer order_, sums_, scores_;
  int64_t order_size_ = 0;
  train::Order stretch_;  // seed and epoch
};

}  // namespace breakeven::cuda
