// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inline assembly takes an accumulator only as an operand of its own, and wgmma has up to 128 of them. These
// macros write the lists out for every N; used by wgmma.h alone.

#define BREAKEVEN_R0 "%0, %1, %2, %3, %4, %5, %6, %7"
#define BREAKEVEN_R8 "%8, %9, %10, %11, %12, %13, %14, %15"
#define BREAKEVEN_R16 "%16, %17, %18, %19, %20, %21, %22, %23"
#define BREAKEVEN_R24 "%24, %25, %26, %27, %28, %29, %30, %31"
#define BREAKEVEN_R32 "%32, %33, %34, %35, %36, %37, %38, %39"
#define BREAKEVEN_R40 "%40, %41, %42, %43, %44, %45, %46, %47"
#define BREAKEVEN_R48 "%48, %49, %50, %51, %52, %53, %54, %55"
#define BREAKEVEN_R56 "%56, %57, %58, %59, %60, %61, %62, %63"
#define BREAKEVEN_R64 "%64, %65, %66, %67, %68, %69, %70, %71"
#define BREAKEVEN_R72 "%72, %73, %74, %75, %76, %77, %78, %79"
#define BREAKEVEN_R80 "%80, %81, %82, %83, %84, %85, %86, %87"
#define BREAKEVEN_R88 "%88, %89, %90, %91, %92, %93, %94, %95"
#define BREAKEVEN_R96 "%96, %97, %98, %99, %100, %101, %102, %103"
#define BREAKEVEN_R104 "%104, %105, %106, %107, %108, %109, %110, %111"
#define BREAKEVEN_R112 "%112, %113, %114, %115, %116, %117, %118, %119"
#define BREAKEVEN_R120 "%120, %121, %122, %123, %124, %125, %126, %127"

// The first n accumulators by number: %0 .. %(n-1).
#define BREAKEVEN_NAMES_4 "%0, %1, %2, %3"
#define BREAKEVEN_NAMES_8 BREAKEVEN_R0
#define BREAKEVEN_NAMES_12 BREAKEVEN_R0 ", %8, %9, %10, %11"
#define BREAKEVEN_NAMES_16 BREAKEVEN_NAMES_8 ", " BREAKEVEN_R8
#define BREAKEVEN_NAMES_24 BREAKEVEN_NAMES_16 ", " BREAKEVEN_R16
#define BREAKEVEN_NAMES_32 BREAKEVEN_NAMES_24 ", " BREAKEVEN_R24
#define BREAKEVEN_NAMES_40 BREAKEVEN_NAMES_32 ", " BREAKEVEN_R32
#define BREAKEVEN_NAMES_48 BREAKEVEN_NAMES_40 ", " BREAKEVEN_R40
#define BREAKEVEN_NAMES_56 BREAKEVEN_NAMES_48 ", " BREAKEVEN_R48
#define BREAKEVEN_NAMES_64 BREAKEVEN_NAMES_56 ", " BREAKEVEN_R56
#define BREAKEVEN_NAMES_72 BREAKEVEN_NAMES_64 ", " BREAKEVEN_R64
#define BREAKEVEN_NAMES_80 BREAKEVEN_NAMES_72 ", " BREAKEVEN_R72
#define BREAKEVEN_NAMES_88 BREAKEVEN_NAMES_80 ", " BREAKEVEN_R80
#define BREAKEVEN_NAMES_96 BREAKEVEN_NAMES_88 ", " BREAKEVEN_R88
#define BREAKEVEN_NAMES_104 BREAKEVEN_NAMES_96 ", " BREAKEVEN_R96
#define BREAKEVEN_NAMES_112 BREAKEVEN_NAMES_104 ", " BREAKEVEN_R104
#define BREAKEVEN_NAMES_120 BREAKEVEN_NAMES_112 ", " BREAKEVEN_R112
#define BREAKEVEN_NAMES_128 BREAKEVEN_NAMES_120 ", " BREAKEVEN_R120

// The same as operands, with constraint c ("+f" or "+r").
#define BREAKEVEN_D4(c, i) c(d[i]), c(d[(i) + 1]), c(d[(i) + 2]), c(d[(i) + 3])
#define BREAKEVEN_D8(c, i) BREAKEVEN_D4(c, i), BREAKEVEN_D4(c, (i) + 4)
#define BREAKEVEN_D16(c, i) BREAKEVEN_D8(c, i), BREAKEVEN_D8(c, (i) + 8)
#define BREAKEVEN_D32(c, i) BREAKEVEN_D16(c, i), BREAKEVEN_D16(c, (i) + 16)
#define BREAKEVEN_D64(c, i) BREAKEVEN_D32(c, i), BREAKEVEN_D32(c, (i) + 32)
#define BREAKEVEN_D128(c, i) BREAKEVEN_D64(c, i), BREAKEVEN_D64(c, (i) + 64)
#define BREAKEVEN_OPERANDS_4(c) BREAKEVEN_D4(c, 0)
#define BREAKEVEN_OPERANDS_8(c) BREAKEVEN_D8(c, 0)
#define BREAKEVEN_OPERANDS_12(c) BREAKEVEN_D8(c, 0), BREAKEVEN_D4(c, 8)
#define BREAKEVEN_OPERANDS_16(c) BREAKEVEN_D16(c, 0)
#define BREAKEVEN_OPERANDS_24(c) BREAKEVEN_D16(c, 0), BREAKEVEN_D8(c, 16)
#define BREAKEVEN_OPERANDS_32(c) BREAKEVEN_D32(c, 0)
#define BREAKEVEN_OPERANDS_40(c) BREAKEVEN_D32(c, 0), BREAKEVEN_D8(c, 32)
#define BREAKEVEN_OPERANDS_48(c) BREAKEVEN_D32(c, 0), BREAKEVEN_D16(c, 32)
#define BREAKEVEN_OPERANDS_56(c) BREAKEVEN_D32(c, 0), BREAKEVEN_D16(c, 32), BREAKEVEN_D8(c, 48)
#define BREAKEVEN_OPERANDS_64(c) BREAKEVEN_D64(c, 0)
#define BREAKEVEN_OPERANDS_72(c) BREAKEVEN_D64(c, 0), BREAKEVEN_D8(c, 64)
#define BREAKEVEN_OPERANDS_80(c) BREAKEVEN_D64(c, 0), BREAKEVEN_D16(c, 64)
#define BREAKEVEN_OPERANDS_88(c) BREAKEVEN_D64(c, 0), BREAKEVEN_D16(c, 64), BREAKEVEN_D8(c, 80)
#define BREAKEVEN_OPERANDS_96(c) BREAKEVEN_D64(c, 0), BREAKEVEN_D32(c, 64)
#define BREAKEVEN_OPERANDS_104(c) BREAKEVEN_D64(c, 0), BREAKEVEN_D32(c, 64), BREAKEVEN_D8(c, 96)
#define BREAKEVEN_OPERANDS_112(c) BREAKEVEN_D64(c, 0), BREAKEVEN_D32(c, 64), BREAKEVEN_D16(c, 96)
#define BREAKEVEN_OPERANDS_120(c) \
  BREAKEVEN_D64(c, 0), BREAKEVEN_D32(c, 64), BREAKEVEN_D16(c, 96), BREAKEVEN_D8(c, 112)
#define BREAKEVEN_OPERANDS_128(c) BREAKEVEN_D128(c, 0)

// One instruction of shape m64 x N x k. `kind`: k and types; `tail(t)`: the immediates, t being the number of
// the operand that says whether B is transposed. Operands after the n accumulators: a, b, accumulate, t.
#define BREAKEVEN_WGMMA_SHAPE(shape, n, a_, b_, accumulate_, t_, kind, c, tail)                \
  if constexpr (N == shape) {                                                                  \
    asm volatile("{ .reg .pred p; setp.ne.b32 p, " accumulate_                                 \
                 ", 0; wgmma.mma_async.sync.aligned.m64n" #shape kind " {" BREAKEVEN_NAMES_##n \
                 "}, " a_ ", " b_ ", p" tail(t_) "; }"                                         \
                 : BREAKEVEN_OPERANDS_##n(c)                                                   \
                 : "l"(a), "l"(b), "r"(static_cast<int>(accumulate)), "n"(transposed));        \
  }

#define BREAKEVEN_WGMMA(kind, c, tail)                                           \
  BREAKEVEN_WGMMA_SHAPE(8, 4, "%4", "%5", "%6", "%7", kind, c, tail)             \
  BREAKEVEN_WGMMA_SHAPE(16, 8, "%8", "%9", "%10", "%11", kind, c, tail)          \
  BREAKEVEN_WGMMA_SHAPE(24, 12, "%12", "%13", "%14", "%15", kind, c, tail)       \
  BREAKEVEN_WGMMA_SHAPE(32, 16, "%16", "%17", "%18", "%19", kind, c, tail)       \
  BREAKEVEN_WGMMA_SHAPE(48, 24, "%24", "%25", "%26", "%27", kind, c, tail)       \
  BREAKEVEN_WGMMA_SHAPE(64, 32, "%32", "%33", "%34", "%35", kind, c, tail)       \
  BREAKEVEN_WGMMA_SHAPE(80, 40, "%40", "%41", "%42", "%43", kind, c, tail)       \
  BREAKEVEN_WGMMA_SHAPE(96, 48, "%48", "%49", "%50", "%51", kind, c, tail)       \
  BREAKEVEN_WGMMA_SHAPE(112, 56, "%56", "%57", "%58", "%59", kind, c, tail)      \
  BREAKEVEN_WGMMA_SHAPE(128, 64, "%64", "%65", "%66", "%67", kind, c, tail)      \
  BREAKEVEN_WGMMA_SHAPE(144, 72, "%72", "%73", "%74", "%75", kind, c, tail)      \
  BREAKEVEN_WGMMA_SHAPE(160, 80, "%80", "%81", "%82", "%83", kind, c, tail)      \
  BREAKEVEN_WGMMA_SHAPE(176, 88, "%88", "%89", "%90", "%91", kind, c, tail)      \
  BREAKEVEN_WGMMA_SHAPE(192, 96, "%96", "%97", "%98", "%99", kind, c, tail)      \
  BREAKEVEN_WGMMA_SHAPE(208, 104, "%104", "%105", "%106", "%107", kind, c, tail) \
  BREAKEVEN_WGMMA_SHAPE(224, 112, "%112", "%113", "%114", "%115", kind, c, tail) \
  BREAKEVEN_WGMMA_SHAPE(240, 120, "%120", "%121", "%122", "%123", kind, c, tail) \
  BREAKEVEN_WGMMA_SHAPE(256, 128, "%128", "%129", "%130", "%131", kind, c, tail)

#define BREAKEVEN_F(x) "+f"(x)
#define BREAKEVEN_I(x) "+r"(x)
#define BREAKEVEN_SCALED_TRANSPOSED(t) ", 1, 1, 0, " t
#define BREAKEVEN_SCALED_BOTH_TRANSPOSED(t) ", 1, 1, 1, " t  // A too
#define BREAKEVEN_SCALED(t) ", 1, 1"
#define BREAKEVEN_PLAIN(t) ""
