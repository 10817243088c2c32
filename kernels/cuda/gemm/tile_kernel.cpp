// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/gemm/tile_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <limits>

namespace breakeven::cuda {
namespace {

// Cycles of one multiprocessor for a step of 128 bytes along k of one tile: what tensor cores take to
// multiply (an mma of 16 x 8 x 32 bytes every two cycles) plus what the tile's operands take from the L2
// cache (some 48 bytes a cycle). Figures of an A100; their ratio is much the same elsewhere, and only ratios
// of tiles count. The sum, though copies run ahead: they do not overlap fully.
double step_cycles(const TileKernel& kernel) {
  const double instructions = kernel.tile_m / 16.0 * (kernel.tile_n / 8.0) * (128 / 32);
  const double bytes = (kernel.tile_m + kernel.tile_n) * 128.0;
  return 2 * instructions + bytes / 48;
}

/// Work comes in whole tiles: the busiest multiprocessor, with ceil(tiles / multiprocessors) of them,
/// decides. Large tiles need less traffic, small ones leave less of the last round idle.
double cycles(const TileKernel& kernel, const TileMachine& machine, int64_t batch, int64_t m, int64_t n) {
  const int64_t tiles =
      batch * ((m + kernel.tile_m - 1) / kernel.tile_m) * ((n + kernel.tile_n - 1) / kernel.tile_n);
  return static_cast<double>((tiles + machine.multiprocessors - 1) / machine.multiprocessors) *
         step_cycles(kernel);
}

Reason why_not_but(std::initializer_list<Precision> written, const Gemm& gemm) {
  if (std::find(written.begin(), written.end(), gemm.precision) != written.end()) return std::nullopt;
  std::string has;
  for (const Precision precision : written)
    has += fmt::format("{}{}", has.empty() ? "" : ", ", name(precision));
  return fmt::format("{} is not written for this kernel; it has {}", name(gemm.precision), has);
}

}  // namespace

void require_code(const TileKernel& kernel, int oldest) {
  require_code(reinterpret_cast<const void*>(kernel.entry), oldest);
}

Reason why_not_fp16(const Gemm& gemm) { return why_not_but({Precision::fp16}, gemm); }

Reason why_not_half(const Gemm& gemm) { return why_not_but({Precision::bf16, Precision::fp16}, gemm); }

Reason why_not_mma(const Gemm& gemm) {
  if (gemm.precision == Precision::int8) return why_not_on_cuda_cores(gemm);  // the same of int8 everywhere
  return why_not_but({Precision::bf16, Precision::fp16, Precision::tf32, Precision::int8}, gemm);
}

bool wants_b_turned(Precision precision) { return bytes(facts(precision).input) != 2; }

int64_t turning_bytes(const Gemm& g) {
  return wants_b_turned(g.precision) ? g.batch * g.k * g.n * bytes(facts(g.precision).input) : 0;
}

TileKernel choose_tile(std::span<const TileKernel> kernels, const TileMachine& machine, int64_t batch,
                       int64_t m, int64_t n) {
  const TileKernel* best = nullptr;
  double least = std::numeric_limits<double>::infinity();
  int64_t smallest = std::numeric_limits<int64_t>::max();
  for (const TileKernel& kernel : kernels) {
    smallest = std::min(smallest, kernel.shared_bytes);
    if (kernel.shared_bytes > machine.shared_bytes) continue;
    const double found = cycles(kernel, machine, batch, m, n);
    if (found >= least) continue;
    least = found;
    best = &kernel;
  }
  if (!best) {
    throw Unsupported(
        fmt::format("this kernel needs {} bytes of shared memory per block, and this device has {}", smallest,
                    machine.shared_bytes));
  }
  return *best;
}

}  // namespace breakeven::cuda
