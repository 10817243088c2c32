// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/memory_job.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/cuda/code.h"

namespace breakeven::cuda {
namespace {

/// A kernel that keeps nothing.
class LaunchPlan : public MemoryPlan {
 public:
  LaunchPlan(MemoryLaunch launch, const ContextPtr& context, const PlacedMemory& placed)
      : launch_(launch), context_(context), placed_(placed) {}
  void launch(int64_t slot) override { launch_(placed_.op(), placed_.arguments(slot), *context_); }

 private:
  MemoryLaunch launch_;
  ContextPtr context_;
  const PlacedMemory& placed_;
};

class OwnMemoryJob : public MemoryJob {
 public:
  OwnMemoryJob(ContextPtr context, const OwnMemory& own, const MemoryOp& op, const Inputs& inputs,
               const Placement& placement)
      : MemoryJob(std::move(context), op, inputs, placement), name_(own.name) {
    if (own.prepare) {
      plan_ = own.prepare(context_, placed_);
    } else {
      plan_ = std::make_unique<LaunchPlan>(own.launch, context_, placed_);
    }
  }
  void run(int64_t slot) override { plan_->launch(slot); }
  std::string implementation() const override {
    return fmt::format("own {} on {} (sm_{})", name_, context_->properties().name, context_->capability());
  }

 private:
  std::string name_;
  std::unique_ptr<MemoryPlan> plan_;
};

Reason why_not(const std::vector<MemoryKind>& kinds, const Problem& problem) {
  const MemoryOp* op = std::get_if<MemoryOp>(&problem);
  if (!op || std::ranges::find(kinds, op->kind) == kinds.end()) return "answers another kind of problem";
  switch (op->precision) {
    case Precision::fp32:
    case Precision::bf16:
    case Precision::fp16:
      return std::nullopt;
    default:
      return fmt::format("made for fp32, bf16 and fp16, not for {}", name(op->precision));
  }
}

}  // namespace

PlacedMemory::PlacedMemory(const MemoryOp& op, const Inputs& inputs, int64_t slots, const Context& context)
    : op_(op) {
  context.use();
  const cudaStream_t stream = context.stream();
  const auto in_place = static_cast<size_t>(op.in_place());
  for (size_t i = 0; i < inputs.operands.size(); ++i) {
    const Tensor& tensor = inputs.operands[i];
    operands_.emplace_back(tensor.bytes(), i < in_place ? 1 : slots, stream);
    operands_.back().upload(tensor.data(), stream);
  }
  for (const ArrayShape& shape : op.results()) results_.emplace_back(shape.bytes(), slots, stream);
  for (size_t i = 0; i < in_place; ++i) restore(i, stream);
  context.synchronize();
}

MemoryArguments PlacedMemory::arguments(int64_t slot) const {
  MemoryArguments made{};
  const auto in_place = static_cast<size_t>(op_.in_place());
  for (size_t i = 0; i < results_.size(); ++i) made.results[i] = results_[i].at(slot);
  for (size_t i = 0; i < operands_.size(); ++i) {
    made.operands[i] = i < in_place ? results_[i].at(slot) : operands_[i].at(slot);
  }
  return made;
}

void PlacedMemory::restore(size_t operand, cudaStream_t stream) const {
  for (int64_t slot = 0; slot < results_[operand].copies(); ++slot) {
    check_cuda(
        cudaMemcpyAsync(results_[operand].at(slot), operands_[operand].at(0),
                        static_cast<size_t>(operands_[operand].bytes()), cudaMemcpyDeviceToDevice, stream),
        "copying on the device");
  }
}

void PlacedMemory::poison(cudaStream_t stream) const {
  for (size_t i = 0; i < results_.size(); ++i) {
    if (i < static_cast<size_t>(op_.in_place())) {
      restore(i, stream);
    } else {
      results_[i].fill(kPoisonByte, stream);
    }
  }
}

std::vector<Tensor> PlacedMemory::outputs(int64_t slot, cudaStream_t stream) const {
  std::vector<Tensor> made;
  const std::vector<ArrayShape> shapes = op_.results();
  for (size_t i = 0; i < shapes.size(); ++i) {
    made.push_back(shapes[i].make());
    results_[i].download(slot, made.back().data(), stream);
    results_[i].check_guards(slot, fmt::format("result {} in slot", i), stream);
  }
  return made;
}

MemoryJob::MemoryJob(ContextPtr context, const MemoryOp& op, const Inputs& inputs, const Placement& placement)
    : context_(std::move(context)), placed_(op, inputs, placement.slots, *context_) {}

void MemoryJob::poison() {
  context_->use();
  placed_.poison(context_->stream());
  context_->synchronize();
}

std::vector<Tensor> MemoryJob::outputs(int64_t slot) {
  context_->use();
  return placed_.outputs(slot, context_->stream());
}

Kernel own_memory(const ContextPtr& context, const OwnMemory& own) {
  Kernel kernel;
  kernel.name = own.name;
  kernel.summary = own.summary;
  kernel.why_not = [kinds = own.kinds](const Problem& problem) { return why_not(kinds, problem); };
  kernel.prepare = [context, own](const Problem& problem, const Inputs& inputs,
                                  const Placement& placement) -> std::unique_ptr<Job> {
    if (!context) throw Unsupported("no CUDA device is open: this kernel is only listed");
    return std::make_unique<OwnMemoryJob>(context, own, std::get<MemoryOp>(problem), inputs, placement);
  };
  add_code(kernel, own.file, context ? context->capability() : 0);
  kernel.scratch_bytes = [of = own.scratch_bytes](const Problem& problem) {
    // One more of what is updated in place.
    const auto& op = std::get<MemoryOp>(problem);
    const std::vector<ArrayShape> operands = op.operands();
    int64_t sum = of ? of(op) : 0;
    for (int64_t i = 0; i < op.in_place(); ++i) sum += operands[static_cast<size_t>(i)].bytes();
    return sum;
  };
  return kernel;
}

unsigned block_count(int64_t blocks) {
  if (blocks > 0x7FFFFFFF) throw Unsupported("more than 2^31 - 1 blocks, the most that one launch can have");
  return static_cast<unsigned>(blocks);
}

}  // namespace breakeven::cuda
