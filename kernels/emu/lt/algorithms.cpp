// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The heuristic: which algorithms there are for a problem, and what they say of themselves.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/emu/lt/matmul_algorithm.h"
#include "kernels/emu/runtime/runtime.h"
#include "kernels/emu/runtime/seed.h"

namespace breakeven::emu {
namespace {

constexpr uint64_t kSeal = 0x6C745F616C676F73;

void mix(uint64_t& hash, int64_t value) {
  hash ^= static_cast<uint64_t>(value) + 0x9E3779B97F4A7C15 + (hash << 6) + (hash >> 2);
}

void mix(uint64_t& hash, const LtLayout& l) {
  for (const int64_t value : {static_cast<int64_t>(l.type), static_cast<int64_t>(l.order), l.rows, l.columns,
                              l.leading, l.batch, l.batch_stride})
    mix(hash, value);
}

/// Partial sums are fp32 (fp64, int32), two of them for each element of D.
uint64_t split_workspace(const LtProblem& p) {
  const int64_t sum = p.operation.compute == CUBLAS_COMPUTE_64F ? 8 : 4;
  return static_cast<uint64_t>(2 * sum * p.d.batch * p.d.rows * p.d.columns);
}

bool uses_tensor_cores(const LtProblem& p, LtIdea idea) {
  return p.a.type != CUDA_R_32F || p.operation.compute == CUBLAS_COMPUTE_32F_FAST_TF32 ||
         idea == LtIdea::tensor_cores;
}

/// An answer to "give me attribute so and so".
template <class T>
void write_value(T value, void* to, size_t size, size_t* written) {
  if (!to || size != sizeof value)
    throw Misuse(fmt::format("the attribute has {} bytes, not {}", sizeof value, size));
  std::memcpy(to, &value, sizeof value);
  if (written) *written = sizeof value;
}

}  // namespace

uint64_t LtProblem::fingerprint() const {
  uint64_t hash = 0;
  for (const LtLayout* layout : {&a, &b, &c, &d}) mix(hash, *layout);
  const LtOperation& o = operation;
  for (const int64_t value : {static_cast<int64_t>(o.compute), static_cast<int64_t>(o.scale),
                              static_cast<int64_t>(o.pointer_mode), static_cast<int64_t>(o.transpose_a),
                              static_cast<int64_t>(o.transpose_b), static_cast<int64_t>(o.epilogue),
                              static_cast<int64_t>(o.fast_accumulation), static_cast<int64_t>(o.bias_type)})
    mix(hash, value);
  return hash;
}

std::vector<LtAlgorithm> algorithms_for(const LtProblem& p, const LtPreference& preference) {
  const uint64_t problem = p.fingerprint();
  std::vector<LtAlgorithm> found;
  const bool may_split = (preference.reduction_schemes & CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE) != 0;
  if (p.k() > 1 && may_split && split_workspace(p) <= preference.workspace_bytes)
    found.push_back({LtIdea::split_k, problem, split_workspace(p)});
  if (!uses_tensor_cores(p, LtIdea::straight)) found.push_back({LtIdea::tensor_cores, problem, 0});
  found.push_back({LtIdea::straight, problem, 0});
  found.push_back({LtIdea::backwards, problem, 0});
  std::rotate(found.begin(), found.begin() + static_cast<int64_t>(seed() % found.size()), found.end());
  return found;
}

cublasLtMatmulAlgo_t sealed(const LtAlgorithm& a) {
  return {{kSeal, static_cast<uint64_t>(a.idea), a.problem, a.workspace_bytes, 0, 0, 0,
           kSeal ^ static_cast<uint64_t>(a.idea) ^ a.problem ^ a.workspace_bytes}};
}

LtAlgorithm unsealed(const cublasLtMatmulAlgo_t* algorithm) {
  if (!algorithm) throw LtError(CUBLAS_STATUS_INVALID_VALUE, "the algorithm is null");
  const uint64_t* data = algorithm->data;
  if (data[0] != kSeal || data[7] != (kSeal ^ data[1] ^ data[2] ^ data[3]))
    throw LtError(CUBLAS_STATUS_INVALID_VALUE, "these bytes are no algorithm that the heuristic gave");
  return {static_cast<LtIdea>(data[1]), data[2], data[3]};
}

}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int wanted,
                                              cublasLtMatmulHeuristicResult_t results[], int* count) {
  return lt_border("cublasLtMatmulAlgoGetHeuristic", [&] {
    living_handle(handle);
    LtObjects& all = lt_objects();
    if (!results || !count || wanted < 1) throw Misuse("no place for the algorithms");
    const LtProblem problem{all.operations.get(operation), all.layouts.get(a), all.layouts.get(b),
                            all.layouts.get(c), all.layouts.get(d)};
    *count = 0;
    require_supported(problem);
    for (const LtAlgorithm& algorithm : algorithms_for(problem, all.preferences.get(preference))) {
      if (*count == wanted) break;
      cublasLtMatmulHeuristicResult_t& result = results[(*count)++];
      result = {};
      result.algo = sealed(algorithm);
      result.workspaceSize = algorithm.workspace_bytes;
      result.state = CUBLAS_STATUS_SUCCESS;
      result.wavesCount = 1;
    }
  });
}

cublasStatus_t cublasLtMatmulAlgoCapGetAttribute(const cublasLtMatmulAlgo_t* algorithm,
                                                 cublasLtMatmulAlgoCapAttributes_t which, void* to,
                                                 size_t size, size_t* written) {
  return lt_border("cublasLtMatmulAlgoCapGetAttribute", [&] {
    const LtAlgorithm asked = unsealed(algorithm);
    if (which != CUBLASLT_ALGO_CAP_NUMERICAL_IMPL_FLAGS)
      throw Misuse(fmt::format("the stand-in does not know capability {}", static_cast<int>(which)));
    const uint64_t flags = asked.idea == LtIdea::tensor_cores
                               ? CUBLASLT_NUMERICAL_IMPL_FLAGS_HMMA | CUBLASLT_NUMERICAL_IMPL_FLAGS_INPUT_TF32
                               : CUBLASLT_NUMERICAL_IMPL_FLAGS_FMA;
    write_value<uint64_t>(flags, to, size, written);
  });
}

cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t* algorithm,
                                                    cublasLtMatmulAlgoConfigAttributes_t which, void* to,
                                                    size_t size, size_t* written) {
  return lt_border("cublasLtMatmulAlgoConfigGetAttribute", [&] {
    const LtAlgorithm asked = unsealed(algorithm);
    switch (which) {
      case CUBLASLT_ALGO_CONFIG_ID:
        return write_value(static_cast<int32_t>(asked.idea), to, size, written);
      case CUBLASLT_ALGO_CONFIG_SPLITK_NUM:
        return write_value<int32_t>(asked.idea == LtIdea::split_k ? 2 : 1, to, size, written);
      case CUBLASLT_ALGO_CONFIG_TILE_ID:
      case CUBLASLT_ALGO_CONFIG_STAGES_ID:
        return write_value<uint32_t>(0, to, size, written);
      case CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID:
        return write_value<uint16_t>(0, to, size, written);
      default:
        throw Misuse(fmt::format("the stand-in does not know configuration {}", static_cast<int>(which)));
    }
  });
}

}  // extern "C"
