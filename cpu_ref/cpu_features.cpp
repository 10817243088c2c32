// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace breakeven::cpu {

#if defined(__x86_64__)
namespace {

struct Registers {
  unsigned a = 0, b = 0, c = 0, d = 0;
};
Registers cpuid(unsigned leaf, unsigned subleaf) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);
  return r;
}
bool bit(unsigned word, int n) { return word >> n & 1u; }

/// Which register states the operating system saves (XCR0); without its bit, an instruction faults.
uint64_t saved_states() {
  if (!bit(cpuid(1, 0).c, 27)) return 0;
  uint32_t low = 0, high = 0;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

/// Linux hands out the 8 KiB of tile state only to processes that ask (ARCH_REQ_XCOMP_PERM, state 18).
bool may_use_tiles() {
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

uint32_t find_features() {
  const uint64_t states = saved_states();
  const bool ymm = (states & 0x6) == 0x6, zmm = (states & 0xE6) == 0xE6,
             tiles = (states & 0x60000) == 0x60000;
  const Registers one = cpuid(1, 0), seven = cpuid(7, 0), more = cpuid(7, 1);
  uint32_t found = 0;
  const auto set = [&](Feature f, bool there) {
    found |= static_cast<uint32_t>(there) << static_cast<int>(f);
  };
  const bool avx512 = zmm && bit(seven.b, 16) && bit(seven.b, 17) && bit(seven.b, 30) && bit(seven.b, 31);
  const bool amx = tiles && bit(seven.d, 24) && may_use_tiles();
  set(Feature::avx2_fma, ymm && bit(seven.b, 5) && bit(one.c, 12));
  set(Feature::avx512, avx512);
  set(Feature::avx512_bf16, avx512 && bit(more.a, 5));
  set(Feature::avx512_vnni, avx512 && bit(seven.c, 11));
  set(Feature::avx512_fp16, avx512 && bit(seven.d, 23));
  set(Feature::avx_vnni, ymm && bit(more.a, 4));
  set(Feature::amx_bf16, amx && bit(seven.d, 22));
  set(Feature::amx_int8, amx && bit(seven.d, 25));
  set(Feature::amx_fp16, amx && bit(more.a, 21));
  return found;
}

}  // namespace

bool has(Feature f) {
  static const uint32_t kFound = find_features();
  return kFound >> static_cast<int>(f) & 1u;
}
#else
bool has(Feature) { return false; }
#endif

}  // namespace breakeven::cpu
