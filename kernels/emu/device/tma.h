// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cuda.h>

#include <cstdint>

#include "kernels/emu/device/mbarrier.h"

// Twin of kernels/device/tma.h.

namespace breakeven::emu {

/// The first element of a box: may lie outside the tensor, on either side.
struct BoxPlace {
  int x, y, z;
};
/// Im2col mode: the first channel, the first filter corner, the image; and how far from each corner is read.
struct PixelPlace {
  int c, w, h, n;
  int offset_w, offset_h;
};
enum class StoreMode : uint8_t { write, add };

void tma_prefetch(const CUtensorMap*);
void tma_load(void* to, const CUtensorMap*, device::Mbarrier*, BoxPlace);
void tma_load_im2col(void* to, const CUtensorMap*, device::Mbarrier*, PixelPlace);
void tma_load_multicast(void* to, const CUtensorMap*, device::Mbarrier*, BoxPlace, uint16_t block_mask);
void tma_store(const CUtensorMap*, const void* from, BoxPlace, StoreMode);
void tma_commit();
void tma_wait_read(int pending);
void tma_wait(int pending);

}  // namespace breakeven::emu

namespace breakeven::device {

using TensorMap = CUtensorMap;

inline void tma_prefetch_map(const TensorMap* map) { emu::tma_prefetch(map); }
inline void tma_load(void* to, const TensorMap* map, Mbarrier* barrier, int x, int y, int z) {
  emu::tma_load(to, map, barrier, {x, y, z});
}
inline void tma_load_im2col(void* to, const TensorMap* map, Mbarrier* barrier, int c, int w, int h, int n,
                            uint16_t offset_w, uint16_t offset_h) {
  emu::tma_load_im2col(to, map, barrier, {c, w, h, n, offset_w, offset_h});
}
inline void tma_load_multicast(void* to, const TensorMap* map, Mbarrier* barrier, int x, int y, int z,
                               uint16_t block_mask) {
  emu::tma_load_multicast(to, map, barrier, {x, y, z}, block_mask);
}
inline void tma_store(const TensorMap* map, const void* from, int x, int y, int z) {
  emu::tma_store(map, from, {x, y, z}, emu::StoreMode::write);
}
inline void tma_reduce_add(const TensorMap* map, const void* from, int x, int y, int z) {
  emu::tma_store(map, from, {x, y, z}, emu::StoreMode::add);
}
inline void tma_store_commit() { emu::tma_commit(); }
template <int pending>
inline void tma_store_wait_read() {
  emu::tma_wait_read(pending);
}
template <int pending>
inline void tma_store_wait() {
  emu::tma_wait(pending);
}

}  // namespace breakeven::device
