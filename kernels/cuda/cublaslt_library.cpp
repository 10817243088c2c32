// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/cublaslt_library.h"

#include "kernels/cuda/vendor_library.h"

namespace breakeven::cuda {
namespace {

constexpr VendorLibrary kLibrary{
    .file = "libcublasLt.so.13",
    .wheel = "cu13/lib",
    .remedy =
        "install CUDA 13's cuBLAS (package libcublas-13-0, or the Python wheel nvidia-cublas) or name its "
        "folder in LD_LIBRARY_PATH"};

void load_all(CublasLt& lt, void* library) {
  load(lt.create, library, kLibrary, "cublasLtCreate");
  load(lt.destroy, library, kLibrary, "cublasLtDestroy");
  load(lt.get_version, library, kLibrary, "cublasLtGetVersion");
  load(lt.status_string, library, kLibrary, "cublasLtGetStatusString");
  load(lt.matmul, library, kLibrary, "cublasLtMatmul");
  load(lt.desc_create, library, kLibrary, "cublasLtMatmulDescCreate");
  load(lt.desc_destroy, library, kLibrary, "cublasLtMatmulDescDestroy");
  load(lt.desc_set, library, kLibrary, "cublasLtMatmulDescSetAttribute");
  load(lt.layout_create, library, kLibrary, "cublasLtMatrixLayoutCreate");
  load(lt.layout_destroy, library, kLibrary, "cublasLtMatrixLayoutDestroy");
  load(lt.layout_set, library, kLibrary, "cublasLtMatrixLayoutSetAttribute");
  load(lt.preference_create, library, kLibrary, "cublasLtMatmulPreferenceCreate");
  load(lt.preference_destroy, library, kLibrary, "cublasLtMatmulPreferenceDestroy");
  load(lt.preference_set, library, kLibrary, "cublasLtMatmulPreferenceSetAttribute");
  load(lt.heuristic, library, kLibrary, "cublasLtMatmulAlgoGetHeuristic");
  load(lt.capability, library, kLibrary, "cublasLtMatmulAlgoCapGetAttribute");
  load(lt.configuration, library, kLibrary, "cublasLtMatmulAlgoConfigGetAttribute");
}

CublasLt opened() {
  CublasLt lt{};
  load_all(lt, open_library(kLibrary));
  lt.path = file_of(reinterpret_cast<const void*>(lt.create));
  const size_t version = lt.get_version();  // 130100 is 13.1.0
  lt.version = fmt::format("{}.{}.{}", version / 10000, version % 10000 / 100, version % 100);
  return lt;
}

}  // namespace

const CublasLt& cublaslt() {
  static const CublasLt lt = opened();  // when it throws, the next call tries again
  return lt;
}

}  // namespace breakeven::cuda
