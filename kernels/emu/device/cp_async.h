// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

// Twin of kernels/device/cp_async.h.

namespace breakeven::emu {

void cp_async(void* shared, const void* global, int bytes, int valid_bytes);
void cp_async_commit();
void cp_async_wait(int pending);

}  // namespace breakeven::emu

namespace breakeven::device {

inline void cp_async_16(void* shared, const void* global, int valid_bytes) {
  emu::cp_async(shared, global, 16, valid_bytes);
}
inline void cp_async_8(void* shared, const void* global, int valid_bytes) {
  emu::cp_async(shared, global, 8, valid_bytes);
}
inline void cp_async_4(void* shared, const void* global, int valid_bytes) {
  emu::cp_async(shared, global, 4, valid_bytes);
}
inline void cp_async_commit() { emu::cp_async_commit(); }
template <int pending>
inline void cp_async_wait() {
  emu::cp_async_wait(pending);
}

}  // namespace breakeven::device
