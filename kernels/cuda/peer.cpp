// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/peer.h"

#include <fmt/format.h>

#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/device_buffer.h"

namespace breakeven::cuda {
namespace {

int device_count() {
  int count = 0;
  check_cuda(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
  return count;
}

bool reaches(int from, int to) {
  int can = 0;
  check_cuda(cudaDeviceCanAccessPeer(&can, from, to), "cudaDeviceCanAccessPeer");
  return can != 0;
}

/// Lets the current device reach into `peer`'s memory, for the rest of the process.
void enable(int peer) {
  const cudaError_t status = cudaDeviceEnablePeerAccess(peer, 0);
  if (status == cudaErrorPeerAccessAlreadyEnabled) {
    cudaGetLastError();
    return;
  }
  check_cuda(status, "cudaDeviceEnablePeerAccess");
}

/// In words. Atomic operations of one device on the other's memory are NVLink's: PCIe between GPUs has none.
std::string link(int from, int to) {
  if (!reaches(from, to)) return "through host memory, no direct access";
  int atomics = 0;
  check_cuda(cudaDeviceGetP2PAttribute(&atomics, cudaDevP2PAttrNativeAtomicSupported, from, to),
             "cudaDeviceGetP2PAttribute");
  return atomics ? "direct, by NVLink (it has atomic operations)" : "direct, by PCIe (no atomic operations)";
}

class PeerJob : public Job {
 public:
  PeerJob(ContextPtr context, const Transfer& transfer, const Inputs& inputs, const Placement& placement)
      : context_(std::move(context)),
        peer_((context_->ordinal() + 1) % device_count()),
        transfer_(transfer),
        link_(link(context_->ordinal(), peer_.ordinal())) {
    peer_.use();
    if (reaches(peer_.ordinal(), context_->ordinal())) enable(context_->ordinal());
    result_ = DeviceBuffer(transfer.bytes, placement.slots, peer_.stream());
    peer_.synchronize();
    context_->use();
    if (reaches(context_->ordinal(), peer_.ordinal())) enable(peer_.ordinal());
    source_ = DeviceBuffer(transfer.bytes, placement.slots, context_->stream());
    source_.upload(inputs.operands[0].data(), context_->stream());
  }
  void run(int64_t slot) override {
    check_cuda(cudaMemcpyPeerAsync(result_.at(slot), peer_.ordinal(), source_.at(slot), context_->ordinal(),
                                   static_cast<size_t>(transfer_.bytes), context_->stream()),
               "transferring between devices");
  }
  void poison() override {
    context_->use();
    context_->synchronize();
    peer_.use();
    result_.fill(kPoisonByte, peer_.stream());
    peer_.synchronize();
    context_->use();
  }
  std::vector<Tensor> outputs(int64_t slot) override {
    context_->use();
    context_->synchronize();
    peer_.use();
    std::vector<Tensor> made;
    made.push_back(transfer_.results()[0].make());
    result_.download(slot, made[0].data(), peer_.stream());
    result_.check_guards(slot, "the result in slot", peer_.stream());
    context_->use();
    return made;
  }
  std::string implementation() const override {
    return fmt::format("cudaMemcpyPeerAsync from device {} to {}, {}", context_->ordinal(), peer_.ordinal(),
                       link_);
  }

 private:
  ContextPtr context_;
  Context peer_;
  Transfer transfer_;
  std::string link_;
  DeviceBuffer source_, result_;
};

}  // namespace

Reason why_no_peer() {
  if (device_count() > 1) return std::nullopt;
  return "needs two GPUs, and this machine shows one";
}

std::unique_ptr<Job> peer_job(const ContextPtr& context, const Transfer& transfer, const Inputs& inputs,
                              const Placement& placement) {
  return std::make_unique<PeerJob>(context, transfer, inputs, placement);
}

}  // namespace breakeven::cuda
