// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "kernels/cuda/gemm/tile_kernel.h"
#include "kernels/cuda/tile_grid.h"
#include "kernels/device/launch.h"

// The host's side of the tensor core rungs that run on any GPU: one of a rung's compiled kernels is chosen
// when the operands have been placed, and launched with the tiles of C as its grid.

namespace breakeven::cuda {

class TilePlan : public GemmPlan {
 public:
  TilePlan(std::string_view name, const TileKernel& kernel, const ContextPtr& context,
           const PlacedGemm& placed, double reorder_seconds = 0)
      : name_(name), kernel_(kernel), context_(context), placed_(placed), reorder_seconds_(reorder_seconds) {}
  void launch(int64_t slot) override {
    const GemmArguments g = placed_.arguments(slot);
    const TileGrid grid = tile_grid(g.batch, g.m, g.n, kernel_.tile_m, kernel_.tile_n);
    device::launch(name_, kernel_.entry,
                   {.grid = grid.blocks(),
                    .block = static_cast<unsigned>(kernel_.threads),
                    .shared_bytes = kernel_.shared_bytes},
                   context_->stream(), g, grid);
  }
  double reorder_seconds() const override { return reorder_seconds_; }

 private:
  std::string_view name_;  // a literal
  TileKernel kernel_;
  ContextPtr context_;
  const PlacedGemm& placed_;
  double reorder_seconds_;
};

}  // namespace breakeven::cuda
