// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/context_switch.h"

#include <cstdint>
#include <cstring>

#if BREAKEVEN_OWN_SWITCH

// What a called function must preserve goes onto the old stack, then the stack pointers are exchanged. A
// fresh stack is laid out as if it had been suspended at the entry of breakeven_emu_start.
#ifdef __x86_64__
asm(R"(
.text
.p2align 4
.type breakeven_emu_switch, @function
.hidden breakeven_emu_switch
.globl breakeven_emu_switch
breakeven_emu_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  subq $8, %rsp
  stmxcsr (%rsp)
  fnstcw 4(%rsp)
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  ldmxcsr (%rsp)
  fldcw 4(%rsp)
  addq $8, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size breakeven_emu_switch, .-breakeven_emu_switch
.type breakeven_emu_start, @function
.hidden breakeven_emu_start
.globl breakeven_emu_start
breakeven_emu_start:
  .cfi_startproc
  .cfi_undefined rip
  movq %r12, %rdi
  callq *%r13
  ud2
  .cfi_endproc
.size breakeven_emu_start, .-breakeven_emu_start
)");
#else
asm(R"(
.text
.p2align 4
.type breakeven_emu_switch, %function
.hidden breakeven_emu_switch
.globl breakeven_emu_switch
breakeven_emu_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size breakeven_emu_switch, .-breakeven_emu_switch
.type breakeven_emu_start, %function
.hidden breakeven_emu_start
.globl breakeven_emu_start
breakeven_emu_start:
  .cfi_startproc
  .cfi_undefined x30
  mov x0, x19
  blr x20
  brk #1
  .cfi_endproc
.size breakeven_emu_start, .-breakeven_emu_start
)");
#endif

extern "C" {
void breakeven_emu_switch(void** from, void* to);
void breakeven_emu_start();
}

namespace breakeven::emu {

void make_context(Context& context, std::byte* stack, size_t bytes, void (*entry)(void*), void* argument) {
  auto* top = reinterpret_cast<void**>(stack + bytes);
#ifdef __x86_64__
  // Upwards: control words, r15 r14 r13 r12 rbx rbp, return address; then rsp must be a multiple of 16.
  void** frame = top - 10;
  std::memset(frame, 0, 10 * sizeof(void*));
  const uint32_t mxcsr = 0x1F80, x87 = 0x037F;  // what a program starts with: all exceptions masked
  std::memcpy(frame, &mxcsr, 4);
  std::memcpy(reinterpret_cast<char*>(frame) + 4, &x87, 4);
  frame[3] = reinterpret_cast<void*>(entry);  // r13
  frame[4] = argument;                        // r12
  frame[7] = reinterpret_cast<void*>(&breakeven_emu_start);
#else
  void** frame = top - 20;
  std::memset(frame, 0, 20 * sizeof(void*));
  frame[0] = argument;                                        // x19
  frame[1] = reinterpret_cast<void*>(entry);                  // x20
  frame[11] = reinterpret_cast<void*>(&breakeven_emu_start);  // x30
#endif
  context = frame;
}

void switch_context(Context& from, Context& to) { breakeven_emu_switch(&from, to); }

}  // namespace breakeven::emu

#else

namespace breakeven::emu {
namespace {

/// makecontext passes ints only: a pointer goes in two halves.
struct Start {
  void (*entry)(void*);
  void* argument;
};
void run_start(unsigned high, unsigned low) {
  const auto* start = reinterpret_cast<const Start*>(static_cast<uintptr_t>(uint64_t{high} << 32 | low));
  start->entry(start->argument);
}

}  // namespace

void make_context(Context& context, std::byte* stack, size_t bytes, void (*entry)(void*), void* argument) {
  auto* start = reinterpret_cast<Start*>(stack + bytes - sizeof(Start));
  *start = {entry, argument};
  getcontext(&context);
  context.uc_stack.ss_sp = stack;
  context.uc_stack.ss_size = bytes - sizeof(Start);
  context.uc_link = nullptr;
  const auto at = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(start));
  makecontext(&context, reinterpret_cast<void (*)()>(run_start), 2, static_cast<unsigned>(at >> 32),
              static_cast<unsigned>(at));
}

void switch_context(Context& from, Context& to) { swapcontext(&from, &to); }

}  // namespace breakeven::emu

#endif
