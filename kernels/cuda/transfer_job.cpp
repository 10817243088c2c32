// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// runtime: bytes moved, and kernels started, as the CUDA runtime does it for every program.
//
// Pageable memory, which malloc gives, goes through page-locked memory of the driver's, in pieces and by the
// CPU; page-locked memory is read and written by the device itself.
// Trap: a copy from pageable memory may return before the device has it all, and a kernel's launch always
// does. Only a wait for the stream, which Clock::host includes, tells when it is done.

#include <fmt/format.h>

#include <cstring>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/device_kernels.h"
#include "kernels/cuda/peer.h"
#include "kernels/cuda/placed_job.h"

namespace breakeven::cuda {
namespace {

/// `slots` blocks of host memory, each a multiple of 256 bytes from the first; page-locked or as malloc gives
/// it.
class HostBlocks {
 public:
  HostBlocks(bool pinned, int64_t bytes, int64_t slots)
      : bytes_(bytes), stride_((bytes + 255) / 256 * 256), slots_(slots) {
    if (!pinned) {
      pageable_ = HostBuffer(stride_ * slots);
      data_ = pageable_.data();
      return;
    }
    void* raw = nullptr;
    check_cuda(cudaHostAlloc(&raw, static_cast<size_t>(stride_ * slots), cudaHostAllocDefault),
               "allocating page-locked host memory");
    data_ = static_cast<std::byte*>(raw);
    pinned_ = true;
  }
  ~HostBlocks() {
    if (pinned_) cudaFreeHost(data_);
  }
  HostBlocks(const HostBlocks&) = delete;
  HostBlocks& operator=(const HostBlocks&) = delete;
  std::byte* at(int64_t slot) const { return data_ + slot * stride_; }
  void put(const void* from) const {
    for (int64_t slot = 0; slot < slots_; ++slot) std::memcpy(at(slot), from, static_cast<size_t>(bytes_));
  }
  void fill(unsigned char value) const { std::memset(data_, value, static_cast<size_t>(stride_ * slots_)); }

 private:
  int64_t bytes_, stride_, slots_;
  bool pinned_ = false;
  HostBuffer pageable_;
  std::byte* data_ = nullptr;
};

bool to_device(Route route) { return route == Route::h2d_pageable || route == Route::h2d_pinned; }
bool pinned(Route route) { return route == Route::h2d_pinned || route == Route::d2h_pinned; }

/// Between host and device, either way.
class HostCopyJob : public Job {
 public:
  HostCopyJob(ContextPtr context, const Transfer& transfer, const Inputs& inputs, const Placement& placement)
      : context_(std::move(context)),
        transfer_(transfer),
        host_(pinned(transfer.route), transfer.bytes, placement.slots) {
    context_->use();
    device_ = DeviceBuffer(transfer.bytes, placement.slots, context_->stream());
    const std::byte* bytes = inputs.operands[0].data();
    if (to_device(transfer.route)) {
      host_.put(bytes);
    } else {
      device_.upload(bytes, context_->stream());
    }
  }
  void run(int64_t slot) override {
    const bool in = to_device(transfer_.route);
    check_cuda(cudaMemcpyAsync(in ? device_.at(slot) : host_.at(slot), in ? host_.at(slot) : device_.at(slot),
                               static_cast<size_t>(transfer_.bytes),
                               in ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost, context_->stream()),
               "transferring");
  }
  void poison() override {
    context_->use();
    context_->synchronize();
    if (to_device(transfer_.route)) {
      device_.fill(kPoisonByte, context_->stream());
    } else {
      host_.fill(kPoisonByte);
    }
    context_->synchronize();
  }
  std::vector<Tensor> outputs(int64_t slot) override {
    context_->use();
    context_->synchronize();
    std::vector<Tensor> made;
    made.push_back(transfer_.results()[0].make());
    if (to_device(transfer_.route)) {
      device_.download(slot, made[0].data(), context_->stream());
      device_.check_guards(slot, "the result in slot", context_->stream());
    } else {
      std::memcpy(made[0].data(), host_.at(slot), static_cast<size_t>(made[0].bytes()));
    }
    return made;
  }
  std::string implementation() const override {
    return fmt::format("cudaMemcpyAsync {} {} host memory", to_device(transfer_.route) ? "from" : "to",
                       pinned(transfer_.route) ? "page-locked" : "pageable");
  }

 private:
  ContextPtr context_;
  Transfer transfer_;
  HostBlocks host_;
  DeviceBuffer device_;
};

/// A kernel of one thread that leaves kArrived behind; waited for each time, or never.
class LaunchJob : public Job {
 public:
  LaunchJob(ContextPtr context, Route route, const Placement& placement)
      : context_(std::move(context)), waits_(route == Route::launch) {
    context_->use();
    arrived_ = DeviceBuffer(1, placement.slots, context_->stream());
  }
  void run(int64_t slot) override {
    launch_arrive(arrived_.as<unsigned char>(slot), context_->stream());
    if (waits_) context_->synchronize();
  }
  void poison() override {
    context_->use();
    arrived_.fill(kPoisonByte, context_->stream());
    context_->synchronize();
  }
  std::vector<Tensor> outputs(int64_t slot) override {
    context_->use();
    std::vector<Tensor> made;
    made.push_back(ArrayShape{Element::u8, {1}}.make());
    arrived_.download(slot, made[0].data(), context_->stream());
    arrived_.check_guards(slot, "the byte in slot", context_->stream());
    return made;
  }
  std::string implementation() const override {
    return waits_ ? "a kernel of one thread, cudaStreamSynchronize"
                  : "a kernel of one thread, waited for at last";
  }

 private:
  ContextPtr context_;
  bool waits_;
  DeviceBuffer arrived_;
};

Reason why_not(const Transfer& transfer, const ContextPtr& context) {
  switch (transfer.route) {
    case Route::h2d_pageable:
    case Route::h2d_pinned:
    case Route::d2h_pageable:
    case Route::d2h_pinned:
    case Route::launch:
    case Route::launch_queued:
      return std::nullopt;
    case Route::p2p:
      return context ? why_no_peer() : std::nullopt;
    case Route::memcpy:
    case Route::first_touch:
    case Route::fork_join:
      return "no GPU takes part in it";
    default:
      return std::string(kAnotherKind);  // first_call.cpp
  }
}

}  // namespace

Kernel transfer_runtime(const ContextPtr& context) {
  Kernel kernel;
  kernel.name = "runtime";
  kernel.summary = "the CUDA runtime: copies between host and device and between devices, launches";
  kernel.clock = Clock::host;
  kernel.why_not = [context](const Problem& problem) -> Reason {
    const auto* transfer = std::get_if<Transfer>(&problem);
    return transfer ? why_not(*transfer, context) : Reason(kAnotherKind);
  };
  kernel.prepare = [context](const Problem& problem, const Inputs& inputs,
                             const Placement& placement) -> std::unique_ptr<Job> {
    if (!context) throw Unsupported("no CUDA device is open: this kernel is only listed");
    const auto& transfer = std::get<Transfer>(problem);
    if (transfer.route == Route::p2p) return peer_job(context, transfer, inputs, placement);
    if (!has_bytes(transfer.route)) return std::make_unique<LaunchJob>(context, transfer.route, placement);
    return std::make_unique<HostCopyJob>(context, transfer, inputs, placement);
  };
  return kernel;
}

}  // namespace breakeven::cuda
