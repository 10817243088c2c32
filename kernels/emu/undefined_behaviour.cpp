// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// What code compiled with -fsanitize=alignment,bounds,signed-integer-overflow,shift calls when it finds one.
// In a kernel a fault with file and line; in host code beside kernels, a message and the end of the program.

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "kernels/emu/here.h"

namespace {

using breakeven::emu::FaultKind;

// The first member of what compilers pass: the layout is that of the sanitizer's library.
struct Place {
  const char* file;
  uint32_t line, column;
};
struct TypeName {
  uint16_t kind, info;
  char name[1];
};
struct Overflow {
  Place place;
  const TypeName* type;
};
struct OutOfBounds {
  Place place;
  const TypeName *array, *index;
};
struct Mismatch {
  Place place;
  const TypeName* type;
  unsigned char log_alignment, check;
};

[[noreturn]] void report(const Place& place, FaultKind kind, const std::string& what) {
  const std::string text = fmt::format("{}, at {}:{}", what, place.file, place.line);
  if (breakeven::emu::here.cluster != nullptr) breakeven::emu::raise_fault(kind, text);
  fmt::print(stderr, "undefined behaviour: {}\n", text);
  std::abort();
}

}  // namespace

#define HANDLER(name, arguments, ...)                                                                     \
  extern "C" __attribute__((visibility("default"))) void __ubsan_handle_##name arguments { __VA_ARGS__; } \
  extern "C" __attribute__((visibility("default"))) void __ubsan_handle_##name##_abort arguments {        \
    __VA_ARGS__;                                                                                          \
  }

HANDLER(type_mismatch_v1, (const Mismatch* data, uintptr_t address),
        report(data->place, FaultKind::misaligned,
               fmt::format("access of type {} at {}, which is not a multiple of {} bytes", data->type->name,
                           breakeven::emu::describe_address(reinterpret_cast<void*>(address)),
                           1 << data->log_alignment)))
HANDLER(alignment_assumption, (const Place* data, uintptr_t, uintptr_t, uintptr_t),
        report(*data, FaultKind::misaligned, "pointer less aligned than it was said to be"))
HANDLER(out_of_bounds, (const OutOfBounds* data, uintptr_t index),
        report(data->place, FaultKind::out_of_bounds,
               fmt::format("index {} in an array of type {}", static_cast<intptr_t>(index),
                           data->array->name)))
HANDLER(add_overflow, (const Overflow* data, uintptr_t, uintptr_t),
        report(data->place, FaultKind::overflow, fmt::format("sum beyond type {}", data->type->name)))
HANDLER(sub_overflow, (const Overflow* data, uintptr_t, uintptr_t),
        report(data->place, FaultKind::overflow, fmt::format("difference beyond type {}", data->type->name)))
HANDLER(mul_overflow, (const Overflow* data, uintptr_t, uintptr_t),
        report(data->place, FaultKind::overflow, fmt::format("product beyond type {}", data->type->name)))
HANDLER(negate_overflow, (const Overflow* data, uintptr_t),
        report(data->place, FaultKind::overflow, fmt::format("negation beyond type {}", data->type->name)))
HANDLER(divrem_overflow, (const Overflow* data, uintptr_t, uintptr_t),
        report(data->place, FaultKind::overflow, fmt::format("quotient beyond type {}", data->type->name)))
HANDLER(pointer_overflow, (const Place* data, uintptr_t, uintptr_t),
        report(*data, FaultKind::overflow, "pointer arithmetic beyond the address space"))
HANDLER(shift_out_of_bounds, (const Overflow* data, uintptr_t, uintptr_t count),
        report(data->place, FaultKind::overflow,
               fmt::format("shift of type {} by {}", data->type->name, static_cast<intptr_t>(count))))
