// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/isa.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace breakeven {
namespace {

/// Names in /proc/cpuinfo, ours, and the bits of XCR0 (register states saved by the system) that using them
/// takes.
struct Feature {
  std::string_view flag, name;
  uint64_t states;
};

constexpr uint64_t kAvxStates = 0x6, kAvx512States = 0xe6, kAmxStates = 0x60000;
constexpr uint64_t kAmxData = uint64_t{1} << 18;

constexpr Feature kFeatures[] = {
    {"sse4_2", "sse4_2", 0},
    {"avx", "avx", kAvxStates},
    {"avx2", "avx2", kAvxStates},
    {"fma", "fma", kAvxStates},
    {"avx_vnni", "avx_vnni", kAvxStates},
    {"avx512f", "avx512f", kAvx512States},
    {"avx512_vnni", "avx512_vnni", kAvx512States},
    {"avx512_bf16", "avx512_bf16", kAvx512States},
    {"avx512_fp16", "avx512_fp16", kAvx512States},
    {"amx_tile", "amx_tile", kAmxStates},
    {"amx_bf16", "amx_bf16", kAmxStates},
    {"amx_int8", "amx_int8", kAmxStates},
    {"asimd", "neon", 0},
    {"sve", "sve", 0},
};

/// XCR0 of this very CPU; every state where it cannot be asked for.
uint64_t saved_states() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  if (!(c & bit_OSXSAVE)) return 0;
  uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t{high} << 32) | low;
#else
  return ~uint64_t{0};
#endif
}

/// Kernels before 5.16 cannot give a program AMX.
bool kernel_knows_amx(const SystemFiles& files) {
  const std::string release = files.line("/proc/sys/kernel/osrelease");
  std::string_view rest = release;
  const std::optional<int64_t> major = parse_integer(take_until(rest, '.'));
  const std::string_view digits = rest.substr(0, rest.find_first_not_of("0123456789"));
  const std::optional<int64_t> minor = parse_integer(digits);
  return major && minor && (*major > 5 || (*major == 5 && *minor >= 16));
}

#if defined(__x86_64__)
bool cpu_has_amx() {
  constexpr unsigned kAmxTile = 1u << 24;
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & kAmxTile);
}

bool kernel_permits_amx() {
  constexpr long kGetSupported = 0x1021;  // ARCH_GET_XCOMP_SUPP, asm/prctl.h of Linux 5.16
  uint64_t supported = 0;
  return syscall(SYS_arch_prctl, kGetSupported, &supported) == 0 && (supported & kAmxData);
}
#endif

std::string_view flags_of(std::string_view processor) {
  const std::string_view flags = field(processor, "flags");
  return flags.empty() ? field(processor, "Features") : flags;
}

}  // namespace

UnitAccess amx_access(const SystemFiles& files, std::string_view processor) {
  const bool listed = has_word(flags_of(processor), "amx_tile", ' ');
#if defined(__x86_64__)
  if (files.is_real()) {  // an old kernel does not list what it does not know
    if (!listed && !cpu_has_amx()) return UnitAccess::absent;
    return kernel_permits_amx() ? UnitAccess::usable : UnitAccess::refused;
  }
#endif
  if (!listed) return UnitAccess::absent;
  return kernel_knows_amx(files) ? UnitAccess::usable : UnitAccess::refused;
}

std::vector<std::string> usable_isa(const SystemFiles& files, std::string_view processor) {
  uint64_t states = files.is_real() ? saved_states() : ~uint64_t{0};
  if (amx_access(files, processor) != UnitAccess::usable) states &= ~kAmxStates;
  std::vector<std::string> names;
  for (const Feature& feature : kFeatures)
    if ((states & feature.states) == feature.states && has_word(flags_of(processor), feature.flag, ' '))
      names.emplace_back(feature.name);
  return names;
}

}  // namespace breakeven
