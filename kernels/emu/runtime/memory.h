// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/emu/runtime/gpu.h"
#include "kernels/emu/strict/region.h"

namespace breakeven::emu {

/// Device memory in a place of its own with red zones around it, holding bytes that nobody should rely on.
void* allocate_device(Gpu&, size_t bytes);
void free_device(Gpu&, void*);

/// Page-locked host memory, which kernels may touch too.
void* allocate_pinned(size_t bytes, bool mapped);
void free_pinned(void*);

/// One sentence per allocation that is still there, and an end to all of them.
std::vector<std::string> memory_leaks();
void release_all_memory();

}  // namespace breakeven::emu
