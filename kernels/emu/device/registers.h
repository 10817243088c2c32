// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

// Twin of kernels/device/registers.h.

namespace breakeven::emu {

void set_registers(int registers);

}  // namespace breakeven::emu

namespace breakeven::device {

template <int n>
inline void registers_decrease() {
  static_assert(24 <= n && n <= 256 && n % 8 == 0);
  emu::set_registers(-n);
}

template <int n>
inline void registers_increase() {
  static_assert(24 <= n && n <= 256 && n % 8 == 0);
  emu::set_registers(n);
}

}  // namespace breakeven::device
