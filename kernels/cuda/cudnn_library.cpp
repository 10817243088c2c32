// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/cudnn_library.h"

#include "kernels/cuda/vendor_library.h"

namespace breakeven::cuda {
namespace {

constexpr VendorLibrary kLibrary{
    .file = "libcudnn.so.9",
    .wheel = "cudnn/lib",
    .remedy =
        "install cuDNN 9 for CUDA 13 (package cudnn9-cuda-13, or the Python wheel nvidia-cudnn-cu13) or "
        "name its folder in LD_LIBRARY_PATH"};

void load_all(Cudnn& dnn, void* library) {
  load(dnn.create, library, kLibrary, "cudnnCreate");
  load(dnn.destroy, library, kLibrary, "cudnnDestroy");
  load(dnn.set_stream, library, kLibrary, "cudnnSetStream");
  load(dnn.get_version, library, kLibrary, "cudnnGetVersion");
  load(dnn.error_string, library, kLibrary, "cudnnGetErrorString");
  load(dnn.last_error_string, library, kLibrary, "cudnnGetLastErrorString");
  load(dnn.descriptor_create, library, kLibrary, "cudnnBackendCreateDescriptor");
  load(dnn.descriptor_destroy, library, kLibrary, "cudnnBackendDestroyDescriptor");
  load(dnn.attribute_set, library, kLibrary, "cudnnBackendSetAttribute");
  load(dnn.attribute_get, library, kLibrary, "cudnnBackendGetAttribute");
  load(dnn.finalize, library, kLibrary, "cudnnBackendFinalize");
  load(dnn.execute, library, kLibrary, "cudnnBackendExecute");
}

Cudnn opened() {
  Cudnn dnn{};
  load_all(dnn, open_library(kLibrary));
  dnn.path = file_of(reinterpret_cast<const void*>(dnn.create));
  const size_t version = dnn.get_version();  // 91900 is 9.19.0
  dnn.version = fmt::format("{}.{}.{}", version / 10000, version % 10000 / 100, version % 100);
  return dnn;
}

}  // namespace

const Cudnn& cudnn() {
  static const Cudnn dnn = opened();  // when it throws, the next call tries again
  return dnn;
}

}  // namespace breakeven::cuda
