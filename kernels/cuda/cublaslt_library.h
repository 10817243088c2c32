// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cublasLt.h>

#include <string>
#include <string_view>

namespace breakeven::cuda {

/// The functions of libcublasLt.so.13 that are used here. The header gives their types; the library, half a
/// gigabyte of it, is opened only when a contender is first prepared, so that nothing else waits for it or
/// needs it.
struct CublasLt {
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtGetVersion) get_version;
  decltype(&cublasLtGetStatusString) status_string;
  decltype(&cublasLtMatmul) matmul;
  decltype(&cublasLtMatmulDescCreate) desc_create;
  decltype(&cublasLtMatmulDescDestroy) desc_destroy;
  decltype(&cublasLtMatmulDescSetAttribute) desc_set;
  decltype(&cublasLtMatrixLayoutCreate) layout_create;
  decltype(&cublasLtMatrixLayoutDestroy) layout_destroy;
  decltype(&cublasLtMatrixLayoutSetAttribute) layout_set;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic;
  decltype(&cublasLtMatmulAlgoCapGetAttribute) capability;
  decltype(&cublasLtMatmulAlgoConfigGetAttribute) configuration;

  std::string path;     // of the file it came from
  std::string version;  // "13.1.0"

  /// Throws with the library's words: OutOfMemory, `Unsupported` for what it says it cannot do, or
  /// runtime_error.
  void check(cublasStatus_t, std::string_view what) const;
};

/// Opened on the first call. Throws Unsupported, naming the library and the remedy, when there is none.
const CublasLt& cublaslt();

}  // namespace breakeven::cuda
