// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "kernels/cuda/context.h"

namespace breakeven::cuda {

/// Times work on a context's stream by a pair of events. Two events around short kernels would measure how
/// fast the host launches them; so the stream is held shut at a gate until everything is enqueued, and the
/// first event comes after the gate.
class GatedClock {
 public:
  explicit GatedClock(ContextPtr);
  /// Seconds the device took for what `work` put on the stream. Work that waits for the stream itself is let
  /// through when the gate's limit (20 ms) ends; then the time includes the host's part, as it must.
  double time(const std::function<void()>& work);

 private:
  struct FreeHost {
    void operator()(uint32_t* p) const;
  };
  ContextPtr context_;
  std::unique_ptr<uint32_t, FreeHost> opened_;  // pinned; the ticket up to which gates are open
  uint32_t ticket_ = 0;
  Event start_, stop_;
};

}  // namespace breakeven::cuda
