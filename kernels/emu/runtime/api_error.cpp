// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Errors and versions.

#include <cuda_runtime_api.h>

#include "kernels/emu/runtime/failures.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

struct Words {
  cudaError_t status;
  const char *name, *text;
};

constexpr Words kWords[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
     "CUDA driver version is insufficient for CUDA runtime version"},
    {cudaErrorStubLibrary, "cudaErrorStubLibrary", "CUDA driver is a stub library"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
    {cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {cudaErrorNoKernelImageForDevice, "cudaErrorNoKernelImageForDevice",
     "no kernel image is available for execution on the device"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorIllegalState, "cudaErrorIllegalState",
     "the operation cannot be performed in the present state"},
    {cudaErrorSymbolNotFound, "cudaErrorSymbolNotFound", "named symbol not found"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {cudaErrorMisalignedAddress, "cudaErrorMisalignedAddress", "misaligned address"},
    {cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources",
     "too many resources requested for launch"},
    {cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout", "the launch timed out and was terminated"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported",
     "operation not permitted when stream is capturing"},
    {cudaErrorStreamCaptureInvalidated, "cudaErrorStreamCaptureInvalidated",
     "operation failed due to a previous error during capture"},
    {cudaErrorStreamCaptureIsolation, "cudaErrorStreamCaptureIsolation",
     "dependency created on uncaptured work in another stream"},
    {cudaErrorStreamCaptureImplicit, "cudaErrorStreamCaptureImplicit",
     "operation would make the legacy stream depend on a capturing blocking stream"},
    {cudaErrorStreamCaptureWrongThread, "cudaErrorStreamCaptureWrongThread",
     "attempt to terminate a thread-local capture sequence from another thread"},
};

const Words* words(cudaError_t status) {
  for (const Words& one : kWords) {
    if (one.status == status) return &one;
  }
  return nullptr;
}

}  // namespace
}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

const char* cudaGetErrorName(cudaError_t status) {
  const Words* known = words(status);
  return known ? known->name : "unrecognized error code";
}

/// The emulator's own sentence where the status is the last one that this thread was given.
const char* cudaGetErrorString(cudaError_t status) {
  if (const char* sentence = sentence_behind(status)) return sentence;
  const Words* known = words(status);
  return known ? known->text : "unrecognized error code";
}

cudaError_t cudaPeekAtLastError() {
  Runtime& runtime = Runtime::get();
  const std::lock_guard lock(runtime.mutex);
  const auto& dead = runtime.current().dead;
  return dead ? dead->status : unread_error();
}

/// Reading it clears it; a dead device's error stays.
cudaError_t cudaGetLastError() {
  const cudaError_t last = cudaPeekAtLastError();
  unread_error() = cudaSuccess;
  return last;
}

cudaError_t cudaDriverGetVersion(int* version) {
  return border("cudaDriverGetVersion", [&](Runtime&) {
    if (!version) throw Misuse("no place for the version");
    *version = failing("driver_too_old") ? 11080 : failing("no_driver") ? 0 : CUDART_VERSION;
  });
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  return border("cudaRuntimeGetVersion", [&](Runtime&) {
    if (!version) throw Misuse("no place for the version");
    *version = CUDART_VERSION;
  });
}

}  // extern "C"
