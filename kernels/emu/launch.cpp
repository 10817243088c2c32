// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/device/launch.h"

#include <cuda_runtime_api.h>

#include "kernels/cuda/cuda_check.h"
#include "kernels/emu/grid.h"
#include "kernels/emu/runtime/queue.h"
#include "kernels/emu/runtime/seed.h"

namespace breakeven::emu {

void launch_on_stream(std::string_view name, const GridShape& shape, cudaStream_t stream, Begin begin,
                      std::function<void()> body) {
  cuda::check_cuda(static_cast<cudaError_t>(can_launch(shape)), name);
  std::string kept(name);
  auto run = [kept, shape, body = std::move(body)] { run_grid(kept.c_str(), shape, body, seed()); };
  cuda::check_cuda(enqueue(stream, std::move(run), kept, begin), name);
}

}  // namespace breakeven::emu
