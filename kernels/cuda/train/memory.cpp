// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/train/memory.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <algorithm>
#include <stdexcept>

#include "harness/train/graph.h"
#include "harness/train/initial.h"
#include "kernels/cuda/train/norm.h"

namespace breakeven::cuda {
namespace {

using train::Op;
using train::OpKind;
using train::Program;
using train::Storage;
using train::ValueId;

constexpr int64_t kMostLosses = 1 << 16, kAlignment = 256;

/// Of an activation's element.
int64_t storage_bytes(Precision precision) { return breakeven::bytes(facts(precision).input); }

int64_t value_bytes(const train::Value& v, Precision precision) {
  return v.size() * (v.storage == Storage::activation ? storage_bytes(precision) : 4);
}

/// Floats of scratch for the sums over rows that the operation takes.
int64_t scratch_of(const Program& p, const Op& op) {
  switch (op.kind) {
    case OpKind::batchnorm:
    case OpKind::batchnorm_bwd:
    case OpKind::layernorm_bwd:
    case OpKind::linear_weights: {
      const train::Value& rows = p.value(op.in[op.kind == OpKind::linear_weights ? 1 : 0]);
      const int64_t columns = p.parameter(op.parameters[0]).shape[0];
      return norm_scratch(rows.size() / columns, columns);
    }
    case OpKind::embed_bwd: {
      const int64_t columns = p.parameter(op.parameters[1]).size;
      return norm_scratch(p.value(op.in[1]).size() / columns, columns);
    }
    default:
      return 0;
  }
}

int64_t most_scratch(const Program& p) {
  int64_t most = 1;
  for (const std::vector<Op>* ops : {&p.forward, &p.backward}) {
    for (const Op& op : *ops) most = std::max(most, scratch_of(p, op));
  }
  return most;
}

std::vector<uint8_t> decays(const Program& p) {
  std::vector<uint8_t> flags(static_cast<size_t>(p.arena_size() / train::kArenaAlignment), 0);
  for (const train::Parameter& parameter : p.parameters) {
    const int64_t first = parameter.offset / train::kArenaAlignment;
    const int64_t last = (parameter.offset + parameter.size - 1) / train::kArenaAlignment;
    for (int64_t i = first; i <= last; ++i) flags[static_cast<size_t>(i)] = parameter.decays ? 1 : 0;
  }
  return flags;
}

double number(uint16_t bits, Precision precision) {
  if (precision == Precision::bf16) {
    __nv_bfloat16_raw raw;
    raw.x = bits;
    return static_cast<double>(__bfloat162float(__nv_bfloat16(raw)));
  }
  __half_raw raw;
  raw.x = bits;
  return static_cast<double>(__half2float(__half(raw)));
}

template <class T>
std::vector<T> download(const void* from, int64_t count, const Context& context) {
  std::vector<T> to(static_cast<size_t>(count));
  check_cuda(
      cudaMemcpyAsync(to.data(), from, to.size() * sizeof(T), cudaMemcpyDeviceToHost, context.stream()),
      "copying from the device");
  context.synchronize();
  return to;
}

}  // namespace

TrainMemory::TrainMemory(const Program& program, const train::CompileRequest& request, const Context& context)
    : program_(program), context_(context), precision_(request.precision) {
  const cudaStream_t stream = context.stream();
  const int64_t arena = program.arena_size() * 4;
  place_values(request.keep_values);
  parameters_ = DeviceBuffer(arena, 1, stream);
  gradients_ = DeviceBuffer(arena, 1, stream);
  if (request.optimizer.kind != train::OptimizerKind::adagrad) first_ = DeviceBuffer(arena, 1, stream);
  if (request.optimizer.kind != train::OptimizerKind::sgd) second_ = DeviceBuffer(arena, 1, stream);
  if (storage_bytes(precision_) == 2) shadow_ = DeviceBuffer(arena / 2, 1, stream);
  states_ = DeviceBuffer(std::max<int64_t>(4, program.state_size() * 4), 1, stream);
  const std::vector<uint8_t> flags = decays(program);
  decays_ = DeviceBuffer(static_cast<int64_t>(flags.size()), 1, stream);
  decays_.upload(flags.data(), stream);
  control_ = DeviceBuffer(sizeof(TrainControl), 1, stream);
  gradient_parts_ =
      DeviceBuffer(cuda::gradient_parts(program.arena_size()) * sizeof(GradientPart), 1, stream);
  scratch_ = DeviceBuffer(most_scratch(program) * 4, 1, stream);
  losses_ = DeviceBuffer((1 + kMostLosses) * 4, 1, stream);
  place_loss();
}

void TrainMemory::place_values(bool keep) {
  std::vector<int64_t> bytes;
  for (const train::Value& v : program_.values) bytes.push_back(value_bytes(v, precision_));
  int64_t total = 0;
  if (keep) {
    for (const int64_t b : bytes) {
      offsets_.push_back(total);
      total += (b + kAlignment - 1) / kAlignment * kAlignment;
    }
  } else {
    const train::MemoryPlan plan = train::plan_memory(program_, bytes);
    offsets_ = plan.offset;
    total = plan.bytes;
  }
  values_ = DeviceBuffer(total, 1, context_.stream());
}

void TrainMemory::place_loss() {
  const int64_t rows = program_.value(program_.inputs.labels).size();
  row_loss_ = DeviceBuffer(rows * 4, 1, context_.stream());
  row_correct_ = DeviceBuffer(rows * 4, 1, context_.stream());
  loss_rows_ = {rows, program_.value(program_.logits).size() / rows, value<int>(program_.inputs.labels),
                row_loss_.as<float>(), row_correct_.as<int>()};
}

const void* TrainMemory::operand(const train::Parameter& p) const {
  if (shadow_.bytes() > 0) return shadow_.at(0) + 2 * p.offset;
  return parameter(p);
}

Arenas TrainMemory::arenas() const {
  return {parameters_.as<float>(), gradients_.as<float>(), first_.as<float>(),
          second_.as<float>(),     decays_.as<uint8_t>(),  static_cast<void*>(shadow_.at(0)),
          program_.arena_size()};
}

void TrainMemory::keep_loss() {
  if (loss_count_ == kMostLosses) fetch_losses();
  check_cuda(cudaMemcpyAsync(step_loss() + 1 + loss_count_, step_loss(), 4, cudaMemcpyDeviceToDevice,
                             context_.stream()),
             "keeping a loss");
  ++loss_count_;
}

void TrainMemory::fetch_losses() {
  const std::vector<float> more = download<float>(step_loss() + 1, loss_count_, context_);
  kept_losses_.insert(kept_losses_.end(), more.begin(), more.end());
  loss_count_ = 0;
}

std::vector<float> TrainMemory::take_losses() {
  fetch_losses();
  return std::exchange(kept_losses_, {});
}

void TrainMemory::reset(std::span<const float> parameters) {
  const cudaStream_t stream = context_.stream();
  if (static_cast<int64_t>(parameters.size()) != program_.arena_size())
    throw std::logic_error("parameters of another program");
  parameters_.upload(parameters.data(), stream);
  for (const DeviceBuffer* zero : {&gradients_, &first_, &second_}) {
    if (zero->bytes() > 0) zero->fill(0, stream);
  }
  const std::vector<float> states = train::initial_states(program_);
  if (!states.empty()) states_.upload(states.data(), stream);
  const TrainControl control{precision_ == Precision::fp16 ? train::kFirstLossScale : 1.0f, 1.0f, 0, 0, 0};
  control_.upload(&control, stream);
  if (shadow_.bytes() > 0) launch_shadow(precision_, arenas(), stream);
  loss_count_ = 0;
  kept_losses_.clear();
}

std::vector<float> TrainMemory::read(const DeviceBuffer& arena) const {
  return download<float>(arena.at(0), program_.arena_size(), context_);
}

std::vector<double> TrainMemory::read_value(ValueId id) const {
  const train::Value& v = program_.value(id);
  if (v.storage == Storage::index) {
    const auto numbers = download<int32_t>(value(id), v.size(), context_);
    return {numbers.begin(), numbers.end()};
  }
  if (v.storage == Storage::wide || storage_bytes(precision_) == 4) {
    const auto numbers = download<float>(value(id), v.size(), context_);
    return {numbers.begin(), numbers.end()};
  }
  std::vector<double> numbers;
  for (const uint16_t bits : download<uint16_t>(value(id), v.size(), context_))
    numbers.push_back(number(bits, precision_));
  return numbers;
}

int64_t TrainMemory::read_skipped() const {
  return download<TrainControl>(control_.at(0), 1, context_)[0].skipped;
}

int64_t TrainMemory::bytes() const {
  int64_t sum = 0;
  for (const DeviceBuffer* buffer :
       {&values_, &parameters_, &gradients_, &first_, &second_, &shadow_, &states_, &decays_, &control_,
        &gradient_parts_, &scratch_, &row_loss_, &row_correct_, &losses_}) {
    sum += buffer->bytes();
  }
  return sum;
}

}  // namespace breakeven::cuda
