// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace breakeven::cuda {

/// Whether libcuda.so.1, which comes with NVIDIA's driver, can be loaded. (The emulator has its own answer.)
bool driver_library_present();

}  // namespace breakeven::cuda
