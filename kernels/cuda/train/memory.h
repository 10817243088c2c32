// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/train/executable.h"
#include "kernels/cuda/context.h"
#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/train/control.h"
#include "kernels/cuda/train/loss.h"
#include "kernels/cuda/train/update.h"

namespace breakeven::cuda {

/// Everything a program in training has in device memory but its data and what products need.
class TrainMemory {
 public:
  /// Throws OutOfMemory.
  TrainMemory(const train::Program&, const train::CompileRequest&, const Context&);

  template <class T = void>
  T* value(train::ValueId id) const {
    return reinterpret_cast<T*>(values_.at(0) + offsets_[static_cast<size_t>(id)]);
  }
  float* parameter(const train::Parameter& p) const { return parameters_.as<float>() + p.offset; }
  float* gradient(const train::Parameter& p) const { return gradients_.as<float>() + p.offset; }
  /// The parameter as products read it.
  const void* operand(const train::Parameter&) const;
  float* state(const train::State& s) const { return states_.as<float>() + s.offset; }
  Arenas arenas() const;
  TrainControl* control() const { return control_.as<TrainControl>(); }
  GradientPart* gradient_parts() const { return gradient_parts_.as<GradientPart>(); }
  float* scratch() const { return scratch_.as<float>(); }
  LossRows loss_rows() const { return loss_rows_; }

  /// Where every step leaves its loss; what enqueues its copy to those that wait for `take_losses`.
  float* step_loss() const { return losses_.as<float>(); }
  void keep_loss();
  std::vector<float> take_losses();

  void reset(std::span<const float> parameters);
  std::vector<float> read_parameters() const { return read(parameters_); }
  std::vector<float> read_gradients() const { return read(gradients_); }
  std::vector<double> read_value(train::ValueId) const;
  int64_t read_skipped() const;
  int64_t bytes() const;

 private:
  std::vector<float> read(const DeviceBuffer&) const;
  void place_values(bool keep);
  void place_loss();
  void fetch_losses();

  const train::Program& program_;
  const Context& context_;
  Precision precision_;
  std::vector<int64_t> offsets_;
  DeviceBuffer values_, parameters_, gradients_, first_, second_, shadow_, states_, decays_, control_;
  DeviceBuffer gradient_parts_, scratch_, row_loss_, row_correct_, losses_;
  LossRows loss_rows_;
  int64_t loss_count_ = 0;          // on the device, behind the step's
  std::vector<float> kept_losses_;  // those before them
};

}  // namespace breakeven::cuda
