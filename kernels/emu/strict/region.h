// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace breakeven::emu {

/// Where a pointer points, as the driver knows it: unified addressing tells all of these apart.
enum class Place : uint8_t { device, pinned, pageable };

struct Allocation {
  Place place = Place::pageable;
  std::byte* base = nullptr;
  int64_t bytes = 0;
  int gpu = 0;
  bool mapped = false;  // pinned: made to be read and written by kernels while the host looks
  bool freed = false;
};

/// The allocation around `pointer`, alive or the last one that was freed there; `pageable` for everything
/// else.
Allocation allocation_at(const void* pointer);

/// What a library that reads or writes [pointer, pointer + bytes) on device `gpu` must be given. Throws
/// Misuse naming `what`: null, no device memory, freed, of another device, too short, misaligned.
struct Region {
  const void* pointer;
  int64_t bytes;
  int alignment = 1;
};
void require_region(std::string_view what, const Region&, int gpu);

}  // namespace breakeven::emu
