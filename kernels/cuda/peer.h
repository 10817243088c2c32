// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/backend.h"
#include "kernels/cuda/context.h"

namespace breakeven::cuda {

/// Why there is no second device to send bytes to; nothing when there is.
Reason why_no_peer();

/// Bytes from this device's memory to the next one's (to device 0's from the last).
std::unique_ptr<Job> peer_job(const ContextPtr&, const Transfer&, const Inputs&, const Placement&);

}  // namespace breakeven::cuda
