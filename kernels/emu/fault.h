// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

// What a kernel did wrong. A fault ends its grid: every thread of it is left where it stands, and run_grid
// throws the Fault.

namespace breakeven::emu {

enum class FaultKind : uint8_t {
  out_of_bounds,        // outside every object of shared or device memory
  uninitialised,        // shared memory read before anybody wrote it
  race,                 // two accesses of shared memory that nothing orders, one of them a write
  missing_proxy_fence,  // generic write, asynchronous-proxy access, no fence.proxy.async between
  misaligned,           // vector access at an address that is not a multiple of its size
  overflow,             // signed overflow, shift out of range, array index out of range
  use_after_free,       // device memory that was freed
  host_memory,          // an address of the host that was never given to the device
  exited_block,         // shared memory of a block of the cluster that has ended
  divergence,           // collective operation that the threads entered in disagreement
  deadlock,             // nobody can go on
  invalid_use,          // a primitive's own rule broken
  limit,                // more than the emulator can follow
};

class Fault : public std::runtime_error {
 public:
  Fault(FaultKind kind, const std::string& sentence) : std::runtime_error(sentence), kind(kind) {}
  FaultKind kind;
};

/// From anywhere below a running kernel: `what` ("read of 4 bytes at ... that nobody wrote") becomes one
/// sentence with the kernel, block and thread (of an asynchronous operation: its issuer) named before it. The
/// caller's frames are abandoned without unwinding: hold nothing that a destructor must release but `what`.
[[noreturn]] void raise_fault(FaultKind kind, std::string what);

}  // namespace breakeven::emu
