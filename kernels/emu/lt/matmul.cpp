// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// cublasLtMatmul: everything is checked when it is called, and computed when the stream gets there.

#include <fmt/format.h>

#include "kernels/emu/lt/arithmetic.h"
#include "kernels/emu/runtime/queue.h"
#include "kernels/emu/runtime/runtime.h"
#include "kernels/emu/strict/region.h"

namespace breakeven::emu {
namespace {

/// A host scalar in the scale type.
double scalar(const char* which, const void* at, cudaDataType_t type) {
  if (!at) throw Misuse(fmt::format("{} is null", which));
  if (allocation_at(at).place == Place::device)
    throw Misuse(fmt::format("{} lies on the device, and the pointer mode says host", which));
  if (type == CUDA_R_64F) return *static_cast<const double*>(at);
  if (type == CUDA_R_32I) return *static_cast<const int32_t*>(at);
  return *static_cast<const float*>(at);
}

int64_t bytes_of(const LtLayout& layout) { return layout.extent() * element_bytes(layout.type); }

/// Tensor cores read 8-bit matrices in vectors; others need their elements aligned and no more.
int alignment_of(const LtLayout& layout) {
  if (is_fp8(layout.type)) return 16;
  return layout.type == CUDA_R_8I ? 4 : static_cast<int>(element_bytes(layout.type));
}

void require_matrix(const char* name, const void* at, const LtLayout& layout, int gpu) {
  require_region(name, {at, bytes_of(layout), alignment_of(layout)}, gpu);
}

void require_matrices(const LtWork& work, int gpu) {
  const LtProblem& p = work.problem;
  require_matrix("A", work.a, p.a, gpu);
  require_matrix("B", work.b, p.b, gpu);
  if (work.beta != 0) require_matrix("C", work.c, p.c, gpu);
  require_matrix("D", work.d, p.d, gpu);
  if (work.c == work.d && !(p.c == p.d)) throw Misuse("C and D are one matrix in two layouts");
  const auto overlaps = [&](const void* other, const LtLayout& layout) {
    const auto *d = static_cast<const std::byte*>(work.d), *o = static_cast<const std::byte*>(other);
    return d < o + bytes_of(layout) && o < d + bytes_of(p.d);
  };
  if (overlaps(work.a, p.a) || overlaps(work.b, p.b)) throw Misuse("D overlaps an operand");
}

void require_extras(const LtWork& work, int gpu) {
  const LtOperation& o = work.problem.operation;
  const LtLayout& d = work.problem.d;
  if (has_bias(o.epilogue)) {
    const auto bytes = static_cast<int>(element_bytes(d.type));
    require_region("the bias", {o.bias, d.rows * bytes, bytes}, gpu);
  }
  if (o.scale_a) require_region("A's scale factor", {o.scale_a, 4, 4}, gpu);
  if (o.scale_b) require_region("B's scale factor", {o.scale_b, 4, 4}, gpu);
}

void require_workspace(const LtAlgorithm& algorithm, const void* workspace, size_t bytes, int gpu) {
  constexpr int kAlignment = 256;
  if (bytes < algorithm.workspace_bytes)
    throw Misuse(fmt::format("the workspace has {} bytes, and the algorithm needs {}", bytes,
                             algorithm.workspace_bytes));
  if (algorithm.workspace_bytes > 0)
    require_region("the workspace", {workspace, static_cast<int64_t>(bytes), kAlignment}, gpu);
}

/// The algorithm for this very problem, or, when none is named, the first that needs no workspace.
LtAlgorithm chosen(const cublasLtMatmulAlgo_t* algorithm, const LtProblem& problem) {
  if (!algorithm) return algorithms_for(problem, LtPreference{}).front();
  const LtAlgorithm given = unsealed(algorithm);
  if (given.problem != problem.fingerprint()) throw Misuse("the algorithm was given for another problem");
  return given;
}

/// Memory is asked for again when the stream gets there: a graph may outlive what it was captured with.
void submit(const LtWork& work, int gpu, cudaStream_t stream) {
  const auto run = [work, gpu] {
    require_matrices(work, gpu);
    require_extras(work, gpu);
    if (work.workspace_bytes > 0)
      require_region("the workspace", {work.workspace, static_cast<int64_t>(work.workspace_bytes)}, gpu);
    multiply(work);
  };
  const cudaError_t status = enqueue(stream, run, "cublasLtMatmul");
  if (status == cudaErrorInvalidResourceHandle) throw Misuse(cudaGetErrorString(status));
  if (status != cudaSuccess) throw LtError(CUBLAS_STATUS_EXECUTION_FAILED, cudaGetErrorString(status));
}

}  // namespace
}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation, const void* alpha,
                              const void* a, cublasLtMatrixLayout_t a_layout, const void* b,
                              cublasLtMatrixLayout_t b_layout, const void* beta, const void* c,
                              cublasLtMatrixLayout_t c_layout, void* d, cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algorithm, void* workspace, size_t workspace_bytes,
                              cudaStream_t stream) {
  return lt_border("cublasLtMatmul", [&] {
    const int gpu = living_handle(handle).gpu;
    LtObjects& all = lt_objects();
    LtWork work;
    work.problem = {all.operations.get(operation), all.layouts.get(a_layout), all.layouts.get(b_layout),
                    all.layouts.get(c_layout), all.layouts.get(d_layout)};
    require_supported(work.problem);
    if (Runtime::get().current().ordinal != gpu)
      throw Misuse(fmt::format("the handle belongs to device {}, which is not current", gpu));
    const LtAlgorithm used = chosen(algorithm, work.problem);
    require_workspace(used, workspace, workspace_bytes, gpu);
    work.idea = used.idea;
    work.alpha = scalar("alpha", alpha, work.problem.operation.scale);
    work.beta = scalar("beta", beta, work.problem.operation.scale);
    work.a = a;
    work.b = b;
    work.c = c;
    work.d = d;
    work.workspace = static_cast<std::byte*>(workspace);
    work.workspace_bytes = used.workspace_bytes;
    require_matrices(work, gpu);
    require_extras(work, gpu);
    submit(work, gpu, stream);
  });
}

}  // extern "C"
