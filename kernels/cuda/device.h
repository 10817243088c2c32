// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/backend.h"
#include "kernels/cuda/context.h"
#include "kernels/cuda/device_buffer.h"
#include "kernels/cuda/gated_clock.h"
#include "kernels/cuda/nvml.h"

namespace breakeven::cuda {

/// A GPU as the measuring loop sees it.
class GpuDevice : public Device {
 public:
  explicit GpuDevice(ContextPtr);
  DeviceInfo info() const override;
  double time(const std::function<void()>& work) override;
  double time_on_host(const std::function<void()>& work) override;
  void evict_caches() override;
  Peak arithmetic_peak(Precision) override;
  Peak copy_rate() override;
  Telemetry telemetry() override;

 private:
  const Sensors& sensors() const;

  ContextPtr context_;
  GatedClock clock_;
  DeviceBuffer evictor_;  // 2 x L2, made when first needed
  mutable std::unique_ptr<Sensors> sensors_;
};

}  // namespace breakeven::cuda
