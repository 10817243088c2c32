// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Kernels: putting them on a stream, asking about them; and the driver's functions that host code looks up.

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <thread>

#include "kernels/emu/device/tensor_map.h"
#include "kernels/emu/runtime/failures.h"
#include "kernels/emu/runtime/queue.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

void require_code() {
  if (failing("capability_50"))
    throw Error(cudaErrorNoKernelImageForDevice, "no kernel image is available for execution on the device");
}

/// The failures that a test may ask of a kernel.
void fail_if_asked(const std::string& what) {
  if (failing("fault", what)) {
    throw Error(
        cudaErrorIllegalAddress,
        fmt::format("{}: block (0,0,0) thread (0,0,0) wrote 4 bytes outside of every allocation (asked "
                    "for by BREAKEVEN_EMU_FAIL)",
                    what));
  }
  while (failing("hang", what)) std::this_thread::sleep_for(std::chrono::seconds(1));
}

}  // namespace

cudaError_t enqueue(cudaStream_t stream, std::function<void()> run, std::string what, Begin begin) {
  return call("launch", [&](Runtime& runtime) {
    Queue& queue = runtime.own_queue(stream);
    require_code();
    runtime.submit(
        queue, what,
        [run = std::move(run), what] {
          fail_if_asked(what);
          run();
        },
        begin);
  });
}

}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

/// What every kernel of the emulator may use; a host's choice among kernels goes by it.
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* found, const void* kernel) {
  return call("cudaFuncGetAttributes", [&](Runtime&) {
    if (!found) throw Misuse("no place for the attributes");
    if (!kernel) throw Error(cudaErrorInvalidDeviceFunction, "the kernel is null");
    require_code();
    *found = {};
    found->maxThreadsPerBlock = 1024;
    found->numRegs = 64;
    found->maxDynamicSharedSizeBytes = 48 << 10;
    found->binaryVersion = found->ptxVersion = 90;
  });
}

/// The driver's functions that host code looks up, and no others.
cudaError_t cudaGetDriverEntryPointByVersion(const char* symbol, void** found, unsigned version,
                                             unsigned long long flags,
                                             cudaDriverEntryPointQueryResult* result) {
  return call("cudaGetDriverEntryPointByVersion", [&](Runtime&) {
    if (!symbol || !found) throw Misuse("no name, or no place for the function");
    if (flags != cudaEnableDefault) throw Misuse("the emulator knows no flags here");
    constexpr unsigned kSince = 12000;
    const std::string_view name = symbol;
    void* function = name == "cuTensorMapEncodeTiled"    ? reinterpret_cast<void*>(&encode_tiled)
                     : name == "cuTensorMapEncodeIm2col" ? reinterpret_cast<void*>(&encode_im2col)
                                                         : nullptr;
    const bool known = function != nullptr;
    *found = version >= kSince ? function : nullptr;
    if (!result) return;
    *result = *found  ? cudaDriverEntryPointSuccess
              : known ? cudaDriverEntryPointVersionNotSufficent
                      : cudaDriverEntryPointSymbolNotFound;
  });
}

}  // extern "C"
