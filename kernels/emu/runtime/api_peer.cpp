// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Devices that reach each other's memory. The emulated ones are linked as by NVLink.

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <set>
#include <utility>

#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

/// Pairs (who, whose memory) that were enabled; for the rest of the process, as on a GPU.
std::set<std::pair<int, int>>& enabled() {
  static auto& pairs = *new std::set<std::pair<int, int>>;
  return pairs;
}

void require_pair(int from, int to) {
  for (const int ordinal : {from, to}) {
    if (ordinal < 0 || ordinal >= kGpus)
      throw Error(cudaErrorInvalidDevice, fmt::format("device {}, of {}", ordinal, kGpus));
  }
}

}  // namespace
}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  return call("cudaDeviceCanAccessPeer", [&](Runtime&) {
    if (!can) throw Misuse("no place for the answer");
    require_pair(device, peer);
    *can = device != peer;
  });
}

cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
  return call("cudaDeviceEnablePeerAccess", [&](Runtime& runtime) {
    if (flags != 0) throw Error(cudaErrorInvalidValue, "flags, of which there are none");
    const int device = runtime.current().ordinal;
    require_pair(device, peer);
    if (device == peer) throw Error(cudaErrorInvalidDevice, "a device is no peer of itself");
    if (!enabled().emplace(device, peer).second)
      throw Error(cudaErrorPeerAccessAlreadyEnabled, fmt::format("{} reaches {} already", device, peer));
  });
}

cudaError_t cudaDeviceGetP2PAttribute(int* value, cudaDeviceP2PAttr which, int device, int peer) {
  return call("cudaDeviceGetP2PAttribute", [&](Runtime&) {
    if (!value) throw Misuse("no place for the attribute");
    require_pair(device, peer);
    if (device == peer) throw Error(cudaErrorInvalidDevice, "a device is no peer of itself");
    if (which != cudaDevP2PAttrAccessSupported && which != cudaDevP2PAttrNativeAtomicSupported)
      throw Misuse(fmt::format("the emulator does not know peer attribute {}", static_cast<int>(which)));
    *value = 1;
  });
}

}  // extern "C"
