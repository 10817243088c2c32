// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// cp.async: copies from global to shared memory that do not pass through registers and finish later. Each
// thread has its own groups. Traps: after cp_async_wait a thread sees its own copies only; a barrier must
// follow before it reads what others copied. Both addresses are aligned to the size.

#if BREAKEVEN_EMULATED
#include "kernels/emu/device/cp_async.h"
#else

#include "kernels/device/language.h"

namespace breakeven::device {

// Turing has no cp.async: there the copy is made at once, byte order and zeros alike.
#if BREAKEVEN_ARCH >= 800
#define BREAKEVEN_CP_ASYNC(cache, bytes)                                                                     \
  asm volatile("cp.async." cache ".shared.global [%0], [%1], " #bytes ", %2;" ::"r"(shared_address(shared)), \
               "l"(__cvta_generic_to_global(global)), "r"(valid_bytes)                                       \
               : "memory")
#else
template <class Word>
__device__ inline void copy_at_once(void* shared, const void* global, int valid_bytes) {
  if (valid_bytes == sizeof(Word)) {
    *static_cast<Word*>(shared) = *static_cast<const Word*>(global);
    return;
  }
  for (int i = 0; i < int(sizeof(Word)); ++i) {
    static_cast<unsigned char*>(shared)[i] =
        i < valid_bytes ? static_cast<const unsigned char*>(global)[i] : 0;
  }
}
using Bytes16 = uint4;
using Bytes8 = uint2;
using Bytes4 = uint32_t;
#define BREAKEVEN_CP_ASYNC(cache, bytes) copy_at_once<Bytes##bytes>(shared, global, valid_bytes)
#endif

/// 16 bytes past the first-level cache (.cg): the first `valid_bytes` copied, the rest zero.
__device__ inline void cp_async_16(void* shared, const void* global, int valid_bytes) {
  BREAKEVEN_CP_ASYNC("cg", 16);
}

__device__ inline void cp_async_8(void* shared, const void* global, int valid_bytes) {
  BREAKEVEN_CP_ASYNC("ca", 8);
}

__device__ inline void cp_async_4(void* shared, const void* global, int valid_bytes) {
  BREAKEVEN_CP_ASYNC("ca", 4);
}

#undef BREAKEVEN_CP_ASYNC

/// cp.async.commit_group: this thread's copies since the last commit become one group (an empty one too).
__device__ inline void cp_async_commit() {
#if BREAKEVEN_ARCH >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// cp.async.wait_group: waits until at most the newest `pending` groups of this thread are under way.
template <int pending>
__device__ inline void cp_async_wait() {
#if BREAKEVEN_ARCH >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
#endif
}

}  // namespace breakeven::device

#endif
