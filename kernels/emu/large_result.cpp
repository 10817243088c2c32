// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/large_result.h"

#include <fmt/format.h>

#include "kernels/cuda/gemm_cases.h"
#include "kernels/cuda/gemm_job.h"
#include "kernels/emu/grid.h"
#include "kernels/emu/runtime/gpu.h"

namespace breakeven::cuda {
namespace {

constexpr int64_t kMemory = int64_t{64} << 30;
constexpr int64_t kClusters = 8;  // that run
constexpr int64_t kLooked = 8;    // elements

/// The emulated GPU for the time being.
class LargeGpuOfFewClusters {
 public:
  LargeGpuOfFewClusters() {
    emu::set_gpu_memory(kMemory);
    emu::run_at_most(kClusters);
  }
  ~LargeGpuOfFewClusters() {
    emu::set_gpu_memory(emu::kGpuMemory);
    emu::run_at_most(emu::kAllClusters);
  }
  LargeGpuOfFewClusters(const LargeGpuOfFewClusters&) = delete;
  LargeGpuOfFewClusters& operator=(const LargeGpuOfFewClusters&) = delete;
};

/// `rows` times `columns` elements from element `first` on, `pitch` between the starts of rows.
Tensor part(const std::byte* of, Element element, int64_t first, int64_t rows, int64_t columns,
            int64_t pitch) {
  Tensor made(element, {1, rows, columns});
  const int64_t size = bytes(element);
  for (int64_t row = 0; row < rows; ++row) {
    std::memcpy(made.data() + row * columns * size, of + (first + row * pitch) * size,
                static_cast<size_t>(columns * size));
  }
  return made;
}

/// Columns [column, column + kLooked) of row `row` of matrix `batch`.
testing::AssertionResult right_at(const Gemm& g, const Inputs& inputs, const std::byte* c, int64_t batch,
                                  int64_t row, int64_t column) {
  const PrecisionFacts& f = facts(g.precision);
  const Gemm few{.m = 1, .n = kLooked, .k = g.k, .precision = g.precision};
  Inputs some;
  some.operands.push_back(part(inputs.operands[0].data(), f.input, (batch * g.m + row) * g.k, 1, g.k, g.k));
  some.operands.push_back(
      part(inputs.operands[1].data(), f.input, batch * g.k * g.n + column, g.k, kLooked, g.n));
  // The emulated device's memory is the host's.
  const Tensor got = part(c, f.output, (batch * g.m + row) * g.n + column, 1, kLooked, g.n);
  return agrees(got, expected(few, some)) << " in row " << row << " of matrix " << batch;
}

}  // namespace

const std::vector<std::string>& contenders_for_large_results() {
  static const std::vector<std::string> names{
      "naive",      "coalesced",    "tiled",     "register_tiled",   "vectorised",    "warp_tiled",   "wmma",
      "wmma_async", "mma_swizzled", "wgmma_tma", "warp_specialised", "two_consumers", "batched_small"};
  return names;
}

Gemm large_result(const Kernel& kernel, Precision precision) {
  if (is_narrow(kernel, precision))
    return {.batch = 1 << 20, .m = 48, .n = 44, .k = 1, .precision = precision};
  return {.m = 65599, .n = 65543, .k = 8, .precision = precision};
}

std::string large_result_fault(const Kernel& kernel, const Gemm& gemm, const ContextPtr& context) try {
  const Inputs inputs = gemm.inputs(42);
  const LargeGpuOfFewClusters gpu;
  const auto job = kernel.prepare(gemm, inputs, {.slots = 1});
  job->run(0);
  context->synchronize();
  const auto* c = dynamic_cast<const GemmJob&>(*job).placed().c.at(0);
  for (const auto& [batch, row, column] :
       {std::tuple{int64_t{0}, int64_t{0}, int64_t{0}}, {gemm.batch - 1, gemm.m - 1, gemm.n - kLooked}}) {
    if (const auto right = right_at(gemm, inputs, c, batch, row, column); !right) return right.message();
  }
  return {};
} catch (const std::exception& error) {
  return error.what();
}

}  // namespace breakeven::cuda
