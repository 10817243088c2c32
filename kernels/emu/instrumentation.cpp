// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Compilers that are told -fsanitize=thread call these functions at every access of memory. Here they are the
// emulator's eyes on a kernel's code; the thread sanitizer's own library is never linked. Outside a kernel's
// own code (host code of kernel files, the emulator's own work) they look at nothing.

#include <cstdint>
#include <cstring>

#include "kernels/emu/access.h"

namespace {

using breakeven::emu::AccessKind;
using breakeven::emu::judged;
using breakeven::emu::Ordering;
using breakeven::emu::Thread;

template <uint32_t bytes, AccessKind kind>
inline void plain(const void* address, const void* pc) {
  if (Thread* thread = judged; thread != nullptr) [[likely]]
    breakeven::emu::judge_quickly<bytes, kind>(*thread, address, pc);
}

inline void range(const void* address, size_t bytes, AccessKind kind, Ordering ordering, const void* pc) {
  if (Thread* thread = judged; thread != nullptr)
    breakeven::emu::judge_access(*thread, address, bytes, {kind, ordering}, pc);
}

/// volatile: the hardware's relaxed access. Whoever polls with one must let others run.
inline void volatile_access(const void* address, size_t bytes, AccessKind kind, const void* pc) {
  range(address, bytes, kind, Ordering::atomic, pc);
  if (judged != nullptr && kind == AccessKind::read) breakeven::emu::polled("a volatile read");
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))
#define PC __builtin_return_address(0)

EXPORT void __tsan_init() {}
EXPORT void __tsan_func_entry(void*) {}
EXPORT void __tsan_func_exit() {}
EXPORT void __tsan_vptr_update(void** at, void*) {
  range(at, sizeof(void*), AccessKind::write, Ordering::plain, PC);
}
EXPORT void __tsan_vptr_read(void** at) { range(at, sizeof(void*), AccessKind::read, Ordering::plain, PC); }
EXPORT void __tsan_read_range(void* at, size_t bytes) {
  range(at, bytes, AccessKind::read, Ordering::plain, PC);
}
EXPORT void __tsan_write_range(void* at, size_t bytes) {
  range(at, bytes, AccessKind::write, Ordering::plain, PC);
}

#define ACCESSES(bytes)                                                                                     \
  EXPORT void __tsan_read##bytes(void* at) { plain<bytes, AccessKind::read>(at, PC); }                      \
  EXPORT void __tsan_write##bytes(void* at) { plain<bytes, AccessKind::write>(at, PC); }                    \
  EXPORT void __tsan_read_write##bytes(void* at) {                                                          \
    plain<bytes, AccessKind::read>(at, PC);                                                                 \
    plain<bytes, AccessKind::write>(at, PC);                                                                \
  }                                                                                                         \
  EXPORT void __tsan_unaligned_read##bytes(void* at) { plain<bytes, AccessKind::read>(at, PC); }            \
  EXPORT void __tsan_unaligned_write##bytes(void* at) { plain<bytes, AccessKind::write>(at, PC); }          \
  EXPORT void __tsan_unaligned_read_write##bytes(void* at) {                                                \
    plain<bytes, AccessKind::read>(at, PC);                                                                 \
    plain<bytes, AccessKind::write>(at, PC);                                                                \
  }                                                                                                         \
  EXPORT void __tsan_volatile_read##bytes(void* at) { volatile_access(at, bytes, AccessKind::read, PC); }   \
  EXPORT void __tsan_volatile_write##bytes(void* at) { volatile_access(at, bytes, AccessKind::write, PC); } \
  EXPORT void __tsan_unaligned_volatile_read##bytes(void* at) {                                             \
    volatile_access(at, bytes, AccessKind::read, PC);                                                       \
  }                                                                                                         \
  EXPORT void __tsan_unaligned_volatile_write##bytes(void* at) {                                            \
    volatile_access(at, bytes, AccessKind::write, PC);                                                      \
  }
ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)

// clang calls these in place of memcpy, memset and memmove; they must still do it.
EXPORT void* __tsan_memcpy(void* to, const void* from, size_t bytes) {
  range(from, bytes, AccessKind::read, Ordering::plain, PC);
  range(to, bytes, AccessKind::write, Ordering::plain, PC);
  return std::memcpy(to, from, bytes);
}
EXPORT void* __tsan_memmove(void* to, const void* from, size_t bytes) {
  range(from, bytes, AccessKind::read, Ordering::plain, PC);
  range(to, bytes, AccessKind::write, Ordering::plain, PC);
  return std::memmove(to, from, bytes);
}
EXPORT void* __tsan_memset(void* to, int value, size_t bytes) {
  range(to, bytes, AccessKind::write, Ordering::plain, PC);
  return std::memset(to, value, bytes);
}

// Atomic operations in C++ (not CUDA's, which are functions of the emulator): sequentially consistent,
// whatever is asked for.
#define ATOMICS(bits, type)                                                                                \
  EXPORT type __tsan_atomic##bits##_load(const volatile type* at, int) {                                   \
    range(const_cast<const type*>(at), sizeof(type), AccessKind::read, Ordering::atomic, PC);              \
    return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                                          \
  }                                                                                                        \
  EXPORT void __tsan_atomic##bits##_store(volatile type* at, type value, int) {                            \
    range(const_cast<type*>(at), sizeof(type), AccessKind::write, Ordering::atomic, PC);                   \
    __atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                                         \
  }                                                                                                        \
  READ_MODIFY_WRITE(bits, type, exchange, __atomic_exchange_n)                                             \
  READ_MODIFY_WRITE(bits, type, fetch_add, __atomic_fetch_add)                                             \
  READ_MODIFY_WRITE(bits, type, fetch_sub, __atomic_fetch_sub)                                             \
  READ_MODIFY_WRITE(bits, type, fetch_and, __atomic_fetch_and)                                             \
  READ_MODIFY_WRITE(bits, type, fetch_or, __atomic_fetch_or)                                               \
  READ_MODIFY_WRITE(bits, type, fetch_xor, __atomic_fetch_xor)                                             \
  READ_MODIFY_WRITE(bits, type, fetch_nand, __atomic_fetch_nand)                                           \
  EXPORT int __tsan_atomic##bits##_compare_exchange_strong(volatile type* at, type* expected, type wanted, \
                                                           int, int) {                                     \
    range(const_cast<type*>(at), sizeof(type), AccessKind::write, Ordering::atomic, PC);                   \
    return __atomic_compare_exchange_n(at, expected, wanted, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);   \
  }                                                                                                        \
  EXPORT int __tsan_atomic##bits##_compare_exchange_weak(volatile type* at, type* expected, type wanted,   \
                                                         int a, int b) {                                   \
    return __tsan_atomic##bits##_compare_exchange_strong(at, expected, wanted, a, b);                      \
  }                                                                                                        \
  EXPORT type __tsan_atomic##bits##_compare_exchange_val(volatile type* at, type expected, type wanted,    \
                                                         int a, int b) {                                   \
    __tsan_atomic##bits##_compare_exchange_strong(at, &expected, wanted, a, b);                            \
    return expected;                                                                                       \
  }
#define READ_MODIFY_WRITE(bits, type, name, builtin)                                     \
  EXPORT type __tsan_atomic##bits##_##name(volatile type* at, type value, int) {         \
    range(const_cast<type*>(at), sizeof(type), AccessKind::write, Ordering::atomic, PC); \
    return builtin(at, value, __ATOMIC_SEQ_CST);                                         \
  }
ATOMICS(8, uint8_t)
ATOMICS(16, uint16_t)
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)
EXPORT void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
EXPORT void __tsan_atomic_signal_fence(int) { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
