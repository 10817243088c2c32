// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "harness/backend.h"

namespace breakeven::cuda {

/// The machine code of one kernel file for one architecture, as this plugin carries it.
struct CodeRow {
  std::string_view source;  // "kernels/cuda/gemm/naive.cu"
  int capability;           // 90; 0: the file is in this build as PTX alone, and the rest is empty
  std::string_view arch;    // "sm_90a"
  std::string_view sha256;
};
/// Every kernel file of this build. (Written by gate/code_table.py from the object files; the emulator, which
/// has no machine code, gives none.)
std::span<const CodeRow> code_table();
/// nvcc's version; empty in the emulator.
std::string_view code_compiler();

/// The row of `source` that a device of `capability` (90 for 9.0) runs: code for exactly it, or for the
/// nearest lower one of the same generation; code for "sm_90a" and its like runs on that capability alone.
/// Null: compiled from PTX.
const CodeRow* code_for(std::span<const CodeRow>, std::string_view source, int capability);

/// Fills in what `kernel` says of its code: that of the file of this name ("naive" for naive.cu), for the
/// device of this capability; for every architecture when it is 0.
void add_code(Kernel& kernel, std::string_view file, int capability);

}  // namespace breakeven::cuda
