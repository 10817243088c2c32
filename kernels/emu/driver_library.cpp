// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// In place of kernels/cuda/driver_library.cpp: the emulator is its own driver.

#include "kernels/cuda/driver_library.h"

#include "kernels/emu/runtime/failures.h"

namespace breakeven::cuda {

bool driver_library_present() { return !emu::failing("no_driver"); }

}  // namespace breakeven::cuda
