// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cpu_ref/pages.h"
#include "cpu_ref/train/batch.h"
#include "cpu_ref/train/steps.h"
#include "cpu_ref/train/stopwatch.h"
#include "harness/train/executable.h"

namespace breakeven::cpu {

/// Makes the products of a program, by one library.
using MakeProducts = std::function<std::unique_ptr<Products>(const ProgramMemory&)>;

/// A program whose products a library computes and everything else the loops of loops.h, in fp32 or bf16.
class CpuExecutable : public train::Executable {
 public:
  /// Takes memory, touches it, lets the library prepare itself, and runs everything once on zeros, so that no
  /// step is slower for being the first. Throws Unsupported and OutOfMemory.
  CpuExecutable(const train::CompileRequest&, const MakeProducts&);

  void upload(const train::Dataset& train, const train::Dataset& test) override;
  void reset(std::span<const float> parameters) override;
  /// Throws std::invalid_argument for samples that the data do not have.
  void begin(const train::Order&) override;
  void step(int64_t first, const train::StepSettings&) override;
  void differentiate(int64_t first) override;
  std::vector<float> take_losses() override;
  train::Evaluation evaluate() override;
  std::vector<float> parameters() override;
  std::vector<float> gradients() override;
  std::vector<double> value(train::ValueId) override;
  int64_t skipped_steps() override { return 0; }
  std::vector<train::OperationTime> operation_times() override { return times_.seconds(); }
  int64_t memory_bytes() const override;
  std::string implementation() const override;

 private:
  struct TimedStep {
    Step step;
    size_t timed = 0;  // by what class
  };
  void place_values();
  void make_steps();
  void mark_decay();
  void run(const std::vector<TimedStep>&);
  void assemble(const BatchOf&);
  void refresh_weights();
  void forward_and_backward(int64_t first);
  void update(const train::StepSettings&);
  /// The batch in `test_batch_`, of which the first `valid` samples count.
  void evaluate_batch(int64_t valid, train::Evaluation&);
  float logit(int64_t i) const;
  std::span<float> arena(const Pages& pages) const;

  const train::CompileRequest request_;
  const train::Program program_;  // lowered, unless all values are kept
  const TrainUnit& unit_;
  const TrainLoops& loops_;
  Pages values_, parameters_, gradients_, first_moments_, second_moments_;
  Pages narrow_;  // the parameters in the activations' element; empty in fp32
  std::vector<float> states_;
  std::vector<uint8_t> decays_;  // for each 16 floats of the arena
  ProgramMemory memory_;
  Running running_;
  Room room_;
  std::unique_ptr<Products> products_;
  std::vector<TimedStep> forward_, backward_;  // forward without the loss
  TimedStep loss_;
  bool stale_ = true;  // parameters have changed since products refreshed their weights

  Samples train_, test_;
  std::vector<uint32_t> order_, test_batch_;
  uint64_t seed_ = 0, epoch_ = 0;
  std::vector<float> losses_;
  Stopwatch times_;
  size_t data_time_, weights_time_, optimizer_time_, evaluation_time_;
};

}  // namespace breakeven::cpu
