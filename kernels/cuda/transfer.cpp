// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// +transfer: what a GPU costs a program whose data live in host memory. Every execution copies the operands
// in from pinned memory, computes, and copies the result out, in order on one stream.
//
// Pinned (page-locked) memory is the best case: the device reads it by itself. From ordinary memory the
// driver copies twice, at about half the rate.
// Trap: a contender that holds B in a layout of its own gets it in that layout here too: a program would
// store its weights so, and the making is timed apart (reorder_seconds).

#include <cstring>
#include <deque>
#include <stdexcept>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/placed_job.h"

namespace breakeven::cuda {
namespace {

class PinnedBuffer {
 public:
  explicit PinnedBuffer(int64_t bytes) {
    if (bytes == 0) return;
    void* raw = nullptr;
    check_cuda(cudaHostAlloc(&raw, static_cast<size_t>(bytes), cudaHostAllocDefault),
               "allocating pinned host memory");
    data_ = static_cast<std::byte*>(raw);
  }
  ~PinnedBuffer() {
    if (data_) cudaFreeHost(data_);
  }
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;
  std::byte* data() const { return data_; }

 private:
  std::byte* data_ = nullptr;
};

/// Device memory and its place on the host: for an operand one copy, for a result one per slot.
class Leg {
 public:
  Leg(const DeviceBuffer& device, int64_t copies)
      : device_(&device), host_(device.bytes() * copies), copies_(copies) {}
  std::byte* at(int64_t slot) const { return host_.data() + slot % copies_ * device_->bytes(); }
  const DeviceBuffer& device() const { return *device_; }
  int64_t host_bytes() const { return device_->bytes() * copies_; }

 private:
  const DeviceBuffer* device_;
  PinnedBuffer host_;
  int64_t copies_;
};

class TransferJob : public Job {
 public:
  TransferJob(std::unique_ptr<PlacedJob> inner, ContextPtr context)
      : context_(std::move(context)), inner_(std::move(inner)) {
    for (const DeviceBuffer* operand : inner_->operand_buffers()) {
      in_.emplace_back(*operand, 1);
      // From the device, not from the inputs: the contender may have turned them.
      operand->download(0, in_.back().at(0), context_->stream());
    }
    for (const DeviceBuffer* result : inner_->result_buffers()) out_.emplace_back(*result, result->copies());
  }
  void run(int64_t slot) override {
    for (const Leg& leg : in_) copy(leg.device().at(slot), leg.at(slot), leg, cudaMemcpyHostToDevice);
    inner_->run(slot);
    for (const Leg& leg : out_) copy(leg.at(slot), leg.device().at(slot), leg, cudaMemcpyDeviceToHost);
  }
  void poison() override {
    inner_->poison();
    for (const Leg& leg : out_) std::memset(leg.at(0), kPoisonByte, static_cast<size_t>(leg.host_bytes()));
  }
  std::vector<Tensor> outputs(int64_t slot) override {
    std::vector<Tensor> made = inner_->outputs(slot);  // waits, looks at the guards, and gives the shapes
    for (size_t i = 0; i < made.size(); ++i) {
      std::memcpy(made[i].data(), out_[i].at(slot), static_cast<size_t>(made[i].bytes()));
    }
    return made;
  }
  std::string implementation() const override {
    return inner_->implementation() + ", operands and result copied";
  }
  double reorder_seconds() const override { return inner_->reorder_seconds(); }

 private:
  void copy(void* to, const void* from, const Leg& leg, cudaMemcpyKind direction) const {
    const int64_t bytes = leg.device().bytes();
    check_cuda(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), direction, context_->stream()),
               "transferring");
  }

  ContextPtr context_;
  std::unique_ptr<PlacedJob> inner_;
  std::deque<Leg> in_, out_;  // in the order of the problem's operands and results
};

std::unique_ptr<PlacedJob> as_placed_job(std::unique_ptr<Job> job) {
  auto* placed_job = dynamic_cast<PlacedJob*>(job.get());
  if (!placed_job) throw std::logic_error("only contenders with their operands in device memory transfer");
  job.release();
  return std::unique_ptr<PlacedJob>(placed_job);
}

}  // namespace

Kernel with_transfer(Kernel inner, const ContextPtr& context) {
  Kernel kernel = inner;
  kernel.name += "+transfer";
  kernel.summary += ", operands copied in and the result out";
  kernel.timed = Timed::with_transfer;
  kernel.prepare = [prepare = inner.prepare, context](const Problem& problem, const Inputs& inputs,
                                                      const Placement& placement) -> std::unique_ptr<Job> {
    return std::make_unique<TransferJob>(as_placed_job(prepare(problem, inputs, placement)), context);
  };
  return kernel;
}

}  // namespace breakeven::cuda
