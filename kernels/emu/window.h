// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "kernels/emu/block.h"

// A cluster's shared memory: per block kWindowBytes of addresses. From below 1 KiB that the system keeps, as
// on a GPU, and dynamic shared memory; from above static objects; between them and around them nothing.

namespace breakeven::emu {

inline constexpr uint32_t kDynamicOffset = 1024, kStaticEnd = kWindowBytes - 1024, kStaticGap = 64;

/// Windows and shadows for up to `blocks` blocks, from a pool, given back at the end.
class Windows {
 public:
  explicit Windows(size_t blocks);
  ~Windows();
  Windows(const Windows&) = delete;
  Windows& operator=(const Windows&) = delete;

  std::byte* window(size_t block) const;
  Shadow& shadow(size_t block) const;

 private:
  struct Memory;
  static std::vector<std::unique_ptr<Memory>>& pool();
  std::unique_ptr<Memory> memory_;
};

/// Makes `bytes` of dynamic shared memory in every block of the cluster; close_shared ends all its objects.
void open_shared(Cluster&, uint32_t bytes);
void close_shared(Cluster&);

/// " at module+0x123, in function": what addr2line can name; "" for null.
std::string code_place(const void* pc);

}  // namespace breakeven::emu
