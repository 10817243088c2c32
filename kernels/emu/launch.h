// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "kernels/emu/bind.h"
#include "kernels/emu/block.h"
#include "kernels/emu/runtime/queue.h"

// The emulated half of kernels/device/launch.h, which includes this one.

namespace breakeven::emu {

/// What launches a kernel on a stream: checks the shape as the driver does, then enqueues. Throws what
/// check_cuda throws.
void launch_on_stream(std::string_view name, const GridShape&, cudaStream_t, Begin,
                      std::function<void()> body);

}  // namespace breakeven::emu

namespace breakeven::device {

template <class... Parameters, class... Arguments>
void launch(std::string_view name, void (*kernel)(Parameters...), const Shape& shape, cudaStream_t stream,
            Arguments&&... arguments) {
  emu::launch_on_stream(name, {shape.grid, shape.block, shape.cluster, shape.shared_bytes}, stream,
                        shape.awaits_host ? emu::Begin::late : emu::Begin::any_time,
                        emu::bind_kernel(kernel, std::forward<Arguments>(arguments)...));
}

}  // namespace breakeven::device
