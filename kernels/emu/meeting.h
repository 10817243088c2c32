// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/emu/block.h"

namespace breakeven::emu {

/// The end of a thread: lanes of its warp that waited for it at a shuffle wait no longer.
void exit_thread(Thread&);

}  // namespace breakeven::emu
