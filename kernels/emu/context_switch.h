// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

// The few instructions that swap stacks: by hand for x86-64 and AArch64, where a switch costs nanoseconds;
// ucontext, which calls the kernel for the signal mask, elsewhere and where BREAKEVEN_UCONTEXT is defined.

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(BREAKEVEN_UCONTEXT)
#define BREAKEVEN_OWN_SWITCH 1
#else
#define BREAKEVEN_OWN_SWITCH 0
#include <ucontext.h>
#endif

namespace breakeven::emu {

#if BREAKEVEN_OWN_SWITCH
using Context = void*;  // the stack pointer, below the saved registers
#else
using Context = ucontext_t;
#endif

/// Makes `context` one that runs `entry(argument)` on the stack when first switched to. `entry` never
/// returns.
void make_context(Context& context, std::byte* stack, size_t bytes, void (*entry)(void*), void* argument);

/// Saves where we are into `from` and goes on at `to`.
void switch_context(Context& from, Context& to);

}  // namespace breakeven::emu
