// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/builtin_file.h"

// What a GPU proved once, kept by the hash of the machine code that it ran:
// results/reference/attest/<gpu>.json, which scripts/gpu writes. It holds for as long as the code stays the
// same, and no longer.

namespace breakeven {

/// One own kernel that passed all its checks.
struct AttestedKernel {
  std::string kernel, source, arch;  // "naive", "kernels/cuda/gemm/naive.cu", "sm_90a"
  std::string code;                  // MachineCode::sha256 of what ran
  int64_t problems = 0;              // answered right, over all precisions
  double worst = 0;                  // largest error over its bound among them
  int64_t repeats = 0;               // executions that gave the same bits again
  double seconds = 0;                // spent checking
};

/// What one GPU has to say.
struct Attestation {
  std::string gpu, driver, nvcc, date;  // date: "2026-11-20"
  std::vector<AttestedKernel> kernels;
};

/// Reads a file's text; `name` is how complaints call it. Throws UsageError.
Attestation read_attestation(std::string_view text, std::string_view name);

/// Those that this program was built with, and the files they come from.
const std::vector<Attestation>& attestations();
std::span<const BuiltinFile> attestation_files();

/// "verified on NVIDIA H200, 2026-11-20" when this code of `kernel` is on record; else "unverified", and if
/// another code of it is, since when. `code` empty: the driver compiled it from PTX, which nobody can attest.
std::string standing(std::span<const Attestation>, std::string_view kernel, std::string_view code);
bool is_verified(std::span<const Attestation>, std::string_view kernel, std::string_view code);

}  // namespace breakeven
