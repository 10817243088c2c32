// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// +transfer: what a GPU costs a program whose data live in host memory. Every execution copies the operands
// in from pinned memory, computes, and copies the result out, in order on one stream.
//
// Pinned (page-locked) memory is the best case: the device reads it by itself. From ordinary memory the
// driver copies twice, at about half the rate.
// Trap: a contender that holds B in a layout of its own gets it in that layout here too: a program would
// store its weights so, and the making is timed apart (reorder_seconds).

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "kernels/cuda/cuda.h"

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

class TransferJob : public Job {
 public:
  TransferJob(std::unique_ptr<GemmJob> inner, ContextPtr context)
      : context_(std::move(context)),
        inner_(std::move(inner)),
        a_(placed().a.bytes()),
        b_(placed().b.bytes()),
        bias_(placed().bias.bytes()),
        results_(placed().c.bytes() * placed().c.copies()) {
    // From the device, not from the inputs: the contender may have turned them.
    for (const auto& [device, host] : operands()) {
      if (device->bytes() > 0) device->download(0, host->data(), context_->stream());
    }
  }
  void run(int64_t slot) override {
    for (const auto& [device, host] : operands()) {
      if (device->bytes() > 0) copy(device->at(slot), host->data(), device->bytes(), cudaMemcpyHostToDevice);
    }
    inner_->run(slot);
    copy(result(slot), placed().c.at(slot), placed().c.bytes(), cudaMemcpyDeviceToHost);
  }
  void poison() override {
    inner_->poison();
    std::memset(results_.data(), kPoisonByte, static_cast<size_t>(placed().c.bytes() * placed().c.copies()));
  }
  std::vector<Tensor> outputs(int64_t slot) override {
    std::vector<Tensor> made = inner_->outputs(slot);  // waits, looks at the guards, and gives the shape
    std::memcpy(made[0].data(), result(slot), static_cast<size_t>(made[0].bytes()));
    return made;
  }
  std::string implementation() const override {
    return inner_->implementation() + ", operands and result copied";
  }
  double reorder_seconds() const override { return inner_->reorder_seconds(); }

 private:
  using Pair = std::pair<const DeviceBuffer*, const PinnedBuffer*>;
  const PlacedGemm& placed() const { return inner_->placed(); }
  std::array<Pair, 3> operands() const {
    return {{{&placed().a, &a_}, {&placed().b, &b_}, {&placed().bias, &bias_}}};
  }
  std::byte* result(int64_t slot) const { return results_.data() + slot * placed().c.bytes(); }
  void copy(void* to, const void* from, int64_t bytes, cudaMemcpyKind direction) const {
    check_cuda(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), direction, context_->stream()),
               "transferring");
  }

  ContextPtr context_;
  std::unique_ptr<GemmJob> inner_;
  PinnedBuffer a_, b_, bias_;  // operands, once
  PinnedBuffer results_;       // one result per slot
};

std::unique_ptr<GemmJob> as_gemm_job(std::unique_ptr<Job> job) {
  auto* gemm_job = dynamic_cast<GemmJob*>(job.get());
  if (!gemm_job) throw std::logic_error("only GEMM contenders can be given a transfer");
  job.release();
  return std::unique_ptr<GemmJob>(gemm_job);
}

}  // namespace

Kernel with_transfer(Kernel inner, const ContextPtr& context) {
  Kernel kernel = inner;
  kernel.name += "+transfer";
  kernel.summary += ", operands copied in and the result out";
  kernel.timed = Timed::with_transfer;
  kernel.prepare = [prepare = inner.prepare, context](const Problem& problem, const Inputs& inputs,
                                                      const Placement& placement) -> std::unique_ptr<Job> {
    return std::make_unique<TransferJob>(as_gemm_job(prepare(problem, inputs, placement)), context);
  };
  return kernel;
}

}  // namespace breakeven::cuda
