// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gated_clock.h"

#include "kernels/cuda/device_kernels.h"

namespace breakeven::cuda {
namespace {

// Longer than enqueuing the 1024 launches that fit into a stream's queue, short enough to be nobody's hang.
constexpr double kGateSeconds = 0.02;

uint32_t* pinned_word() {
  void* word = nullptr;
  check_cuda(cudaHostAlloc(&word, sizeof(uint32_t), cudaHostAllocMapped), "allocating pinned host memory");
  *static_cast<uint32_t*>(word) = 0;
  return static_cast<uint32_t*>(word);
}

/// Opens the gate on every way out, an exception included.
class Opener {
 public:
  Opener(uint32_t* opened, uint32_t ticket) : opened_(opened), ticket_(ticket) {}
  ~Opener() { *const_cast<volatile uint32_t*>(opened_) = ticket_; }
  Opener(const Opener&) = delete;
  Opener& operator=(const Opener&) = delete;

 private:
  uint32_t* opened_;
  uint32_t ticket_;
};

}  // namespace

void GatedClock::FreeHost::operator()(uint32_t* p) const { cudaFreeHost(p); }

GatedClock::GatedClock(ContextPtr context) : context_(std::move(context)) {
  context_->use();
  opened_.reset(pinned_word());
}

double GatedClock::time(const std::function<void()>& work) {
  context_->use();
  ++ticket_;
  {
    void* seen_by_device = nullptr;
    check_cuda(cudaHostGetDevicePointer(&seen_by_device, opened_.get(), 0), "cudaHostGetDevicePointer");
    const Opener opener(opened_.get(), ticket_);
    launch_gate(static_cast<const volatile uint32_t*>(seen_by_device), ticket_, kGateSeconds,
                context_->stream());
    start_.record(context_->stream());
    work();
    stop_.record(context_->stream());
  }
  stop_.synchronize();
  return stop_.seconds_since(start_);
}

}  // namespace breakeven::cuda
