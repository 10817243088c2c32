// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Devices: how many, which is current, what they are.

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <cstring>

#include "kernels/emu/runtime/failures.h"
#include "kernels/emu/runtime/memory.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

/// Throws what the runtime says where no device can be used.
void require_driver() {
  if (failing("driver_too_old") || failing("no_driver"))
    throw Error(cudaErrorInsufficientDriver, "the driver is older than this runtime");
  if (failing("stub")) throw Error(cudaErrorStubLibrary, "the driver is the toolkit's stub");
  if (failing("no_device")) throw Error(cudaErrorNoDevice, "there is no device");
}

/// A small Hopper: few multiprocessors and a small cache, so that small problems fill it.
cudaDeviceProp properties(int ordinal) {
  cudaDeviceProp p{};
  std::strncpy(p.name, failing("capability_50") ? "emulated GPU (sm_50)" : "emulated GPU (sm_90)",
               sizeof p.name - 1);
  for (int i = 0; i < 16; ++i) p.uuid.bytes[i] = static_cast<char>(0xE0 + ordinal);
  p.major = failing("capability_50") ? 5 : 9;
  p.minor = 0;
  p.totalGlobalMem = static_cast<size_t>(gpu_memory());
  p.multiProcessorCount = 4;
  p.l2CacheSize = 1 << 20;
  p.sharedMemPerBlock = 48 << 10;
  p.sharedMemPerBlockOptin = 227 << 10;
  p.sharedMemPerMultiprocessor = 228 << 10;
  p.reservedSharedMemPerBlock = 1 << 10;
  p.regsPerBlock = p.regsPerMultiprocessor = 65536;
  p.warpSize = 32;
  p.maxThreadsPerBlock = 1024;
  p.maxThreadsPerMultiProcessor = 2048;
  p.maxBlocksPerMultiProcessor = 32;
  p.maxThreadsDim[0] = p.maxThreadsDim[1] = 1024;
  p.maxThreadsDim[2] = 64;
  p.maxGridSize[0] = 0x7FFFFFFF;
  p.maxGridSize[1] = p.maxGridSize[2] = 65535;
  p.totalConstMem = 64 << 10;
  p.textureAlignment = 512;
  p.memoryBusWidth = 5120;
  p.clusterLaunch = p.cooperativeLaunch = 1;
  p.canMapHostMemory = p.unifiedAddressing = 1;
  p.asyncEngineCount = p.concurrentKernels = 1;
  p.pciBusID = ordinal + 1;
  return p;
}

int attribute(const cudaDeviceProp& p, cudaDeviceAttr which) {
  switch (which) {
    case cudaDevAttrComputeCapabilityMajor:
      return p.major;
    case cudaDevAttrComputeCapabilityMinor:
      return p.minor;
    case cudaDevAttrMultiProcessorCount:
      return p.multiProcessorCount;
    case cudaDevAttrL2CacheSize:
      return p.l2CacheSize;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return static_cast<int>(p.sharedMemPerBlockOptin);
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      return static_cast<int>(p.sharedMemPerMultiprocessor);
    case cudaDevAttrMaxThreadsPerBlock:
      return p.maxThreadsPerBlock;
    case cudaDevAttrWarpSize:
      return p.warpSize;
    case cudaDevAttrClusterLaunch:
      return p.clusterLaunch;
    default:
      throw Misuse(fmt::format("the emulator does not know device attribute {}", static_cast<int>(which)));
  }
}

void require_ordinal(int ordinal) {
  if (ordinal < 0 || ordinal >= kGpus)
    throw Error(cudaErrorInvalidDevice, fmt::format("device {}, of {}", ordinal, kGpus));
}

}  // namespace
}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  return border("cudaGetDeviceCount", [&](Runtime&) {
    require_driver();
    if (!count) throw Misuse("no place for the count");
    *count = kGpus;
  });
}

cudaError_t cudaSetDevice(int ordinal) {
  return border("cudaSetDevice", [&](Runtime& runtime) {
    require_driver();
    runtime.set_current(ordinal);
    runtime.require_alive(ordinal);
  });
}

cudaError_t cudaGetDevice(int* ordinal) {
  return border("cudaGetDevice", [&](Runtime& runtime) {
    if (!ordinal) throw Misuse("no place for the device");
    *ordinal = runtime.current().ordinal;
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* found, int ordinal) {
  return border("cudaGetDeviceProperties", [&](Runtime&) {
    require_driver();
    require_ordinal(ordinal);
    if (!found) throw Misuse("no place for the properties");
    *found = properties(ordinal);
  });
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr which, int ordinal) {
  return border("cudaDeviceGetAttribute", [&](Runtime&) {
    require_driver();
    require_ordinal(ordinal);
    if (!value) throw Misuse("no place for the attribute");
    *value = attribute(properties(ordinal), which);
  });
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  return call("cudaMemGetInfo", [&](Runtime& runtime) {
    if (!free || !total) throw Misuse("no place for the sizes");
    *total = static_cast<size_t>(gpu_memory());
    *free = static_cast<size_t>(gpu_memory() - runtime.current().allocated);
  });
}

cudaError_t cudaDeviceSynchronize() {
  return call_outside_capture("cudaDeviceSynchronize", [](Runtime& runtime) {
    const int ordinal = runtime.current().ordinal;
    runtime.forbid_captures([&](const Queue& queue) { return queue.gpu == ordinal; },
                            cudaErrorStreamCaptureUnsupported, "a stream of the device captures");
    runtime.finish(runtime.current());
    runtime.living();
  });
}

}  // extern "C"
