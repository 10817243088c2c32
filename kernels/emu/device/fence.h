// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

// Twin of kernels/device/fence.h.

namespace breakeven::emu {

void fence_async_proxy();
void fence_new_mbarriers();

}  // namespace breakeven::emu

namespace breakeven::device {

inline void fence_proxy_async() { emu::fence_async_proxy(); }
inline void fence_mbarrier_init() { emu::fence_new_mbarriers(); }

}  // namespace breakeven::device
