// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <cstdlib>

#include "kernels/cuda/cuda.h"
#include "kernels/cuda/driver_library.h"

namespace breakeven::cuda {
namespace {

std::string version_text(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

std::string reason(cudaError_t status) {
  switch (status) {
    case cudaErrorInsufficientDriver: {
      int driver = 0;
      cudaDriverGetVersion(&driver);
      if (driver == 0) return "the NVIDIA driver does not answer; is its kernel module loaded (nvidia-smi)?";
      return fmt::format("the NVIDIA driver supports CUDA {} and this build needs {}; update the driver",
                         version_text(driver), version_text(CUDART_VERSION));
    }
    case cudaErrorStubLibrary:
      return "libcuda.so.1 is the toolkit's stub, not a driver; take lib64/stubs out of LD_LIBRARY_PATH";
    case cudaErrorNoDevice: {
      const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
      return visible ? fmt::format("no NVIDIA GPU is visible (CUDA_VISIBLE_DEVICES='{}')", visible)
                     : std::string("a driver but no NVIDIA GPU");
    }
    default:
      return fmt::format("{} ({})", cudaGetErrorString(status), cudaGetErrorName(status));
  }
}

}  // namespace

int count(std::string* why) {
  // Asking the runtime would say the same, later and in worse words.
  if (!driver_library_present()) {
    *why =
        "no NVIDIA driver: libcuda.so.1 not found; install the driver (in a container: run it with the GPU)";
    return 0;
  }
  int devices = 0;  // not written when the call fails
  const cudaError_t status = cudaGetDeviceCount(&devices);
  if (status == cudaSuccess && devices > 0) return devices;
  *why = reason(status == cudaSuccess ? cudaErrorNoDevice : status);
  return 0;
}

}  // namespace breakeven::cuda
