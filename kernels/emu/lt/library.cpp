// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The library as the host code opens it: in place of kernels/cuda/cublaslt_library.cpp.

#include "harness/backend.h"
#include "kernels/cuda/cublaslt_library.h"
#include "kernels/emu/runtime/failures.h"
#include "kernels/emu/strict/answer.h"

extern "C" const char* cublasLtGetStatusString(cublasStatus_t status) {
  const char* sentence = breakeven::emu::sentence_behind(status);
  return sentence ? sentence : "no sentence is known for this status";
}

extern "C" size_t cublasLtGetVersion() { return CUBLAS_VERSION; }

namespace breakeven::cuda {

const CublasLt& cublaslt() {
  if (emu::failing("no_cublaslt"))
    throw Unsupported("libcublasLt.so.13 not found: asked for by BREAKEVEN_EMU_FAIL");
  static const CublasLt lt{.create = cublasLtCreate,
                           .destroy = cublasLtDestroy,
                           .get_version = cublasLtGetVersion,
                           .status_string = cublasLtGetStatusString,
                           .matmul = cublasLtMatmul,
                           .desc_create = cublasLtMatmulDescCreate,
                           .desc_destroy = cublasLtMatmulDescDestroy,
                           .desc_set = cublasLtMatmulDescSetAttribute,
                           .layout_create = cublasLtMatrixLayoutCreate,
                           .layout_destroy = cublasLtMatrixLayoutDestroy,
                           .layout_set = cublasLtMatrixLayoutSetAttribute,
                           .preference_create = cublasLtMatmulPreferenceCreate,
                           .preference_destroy = cublasLtMatmulPreferenceDestroy,
                           .preference_set = cublasLtMatmulPreferenceSetAttribute,
                           .heuristic = cublasLtMatmulAlgoGetHeuristic,
                           .capability = cublasLtMatmulAlgoCapGetAttribute,
                           .configuration = cublasLtMatmulAlgoConfigGetAttribute,
                           .path = "kernels/emu/lt",
                           .version = "stand-in"};
  return lt;
}

}  // namespace breakeven::cuda
