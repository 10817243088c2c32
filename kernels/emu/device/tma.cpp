// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/tma.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <vector>

#include "kernels/emu/device/box.h"
#include "kernels/emu/device/im2col.h"
#include "kernels/emu/device/mbarrier_state.h"

namespace breakeven::emu {
namespace {

using Row = std::array<std::byte, kMostRowBytes>;

/// The rows of a box of three dimensions, or the pixels of im2col mode, in order.
struct BoxRows {
  TensorMapContents map;
  BoxPlace place;
  BoxRow row(int row) const { return box_row(map, place, row); }
};

template <class Rows>
void load(AsyncOp& op, const Rows& rows, std::byte* shared, const void* barrier) {
  const TensorMapContents& map = rows.map;
  require_announced(mbarrier_at(barrier, op.name), op.name);
  async_access(op, shared, box_bytes(map), AccessKind::write);
  Row bytes;
  for (int row = 0; row < row_count(map); ++row) {
    const BoxRow inside = rows.row(row);
    std::memset(bytes.data(), 0, static_cast<size_t>(row_bytes(map)));
    if (inside.bytes > 0) async_read(op, bytes.data() + inside.skipped, inside.global, inside.bytes);
    copy_row_in(map, shared, row, bytes.data());
  }
  mbarrier_complete_bytes(op, barrier, box_bytes(map));
}

/// Into block `rank` of the cluster, at the issuer's addresses.
template <class Rows>
void submit_load(const char* name, int rank, void* to, const Rows& rows, device::Mbarrier* barrier) {
  Block& block = current_cluster().blocks[static_cast<size_t>(rank)];
  std::byte* shared = shared_pointer(block, shared_offset(to));
  const std::byte* counted = shared_pointer(block, shared_offset(barrier));
  async_submit(name, Proxy::async, [=](AsyncOp& op) { load(op, rows, shared, counted); });
}

/// A store in two halves: shared memory read, global memory written.
struct Store {
  AsyncHandle read, write;
};
struct StoreGroup {
  std::vector<Store> stores;
  bool read = false;  // and somebody waited for that
};
struct StoreGroups {  // of a thread
  StoreGroup open;
  std::deque<StoreGroup> committed;
};

using Bytes = std::shared_ptr<std::vector<std::byte>>;

void read_box(AsyncOp& op, const TensorMapContents& map, const std::byte* shared, const Bytes& into) {
  async_access(op, shared, box_bytes(map), AccessKind::read);
  into->resize(static_cast<size_t>(box_bytes(map)));
  for (int row = 0; row < row_count(map); ++row) {
    copy_row_out(map, shared, row, into->data() + int64_t{row} * row_bytes(map));
  }
}

void write_box(AsyncOp& op, const TensorMapContents& map, BoxPlace place, const Bytes& from, StoreMode mode) {
  for (int row = 0; row < row_count(map); ++row) {
    const BoxRow inside = box_row(map, place, row);
    const std::byte* bytes = from->data() + int64_t{row} * row_bytes(map) + inside.skipped;
    if (inside.bytes == 0) continue;
    if (mode == StoreMode::write) {
      async_write(op, inside.global, bytes, inside.bytes);
    } else {
      async_access(op, inside.global, inside.bytes, AccessKind::write);
      add_elements(map, inside.global, bytes, inside.bytes);
    }
  }
}

void leave(Thread& thread) {
  const auto& groups = attached<StoreGroups>(thread);
  bool unread = !groups.open.stores.empty();
  for (const StoreGroup& group : groups.committed) unread = unread || !(group.read || group.stores.empty());
  if (!unread) return;
  raise_fault(
      FaultKind::invalid_use,
      "a thread exits without tma_store_wait_read for its last store, which may still read shared memory");
}

/// The oldest groups, as far as nothing is left to do or to wait for.
void forget_finished(StoreGroups& groups) {
  const auto finished = [](const Store& store) { return store.write->done; };
  while (
      !groups.committed.empty() && groups.committed.front().read &&
      std::all_of(groups.committed.front().stores.begin(), groups.committed.front().stores.end(), finished)) {
    groups.committed.pop_front();
  }
}

}  // namespace

void tma_prefetch(const CUtensorMap* map) {
  RuntimeScope scope;
  map_contents(map);
}

void tma_load(void* to, const CUtensorMap* map, device::Mbarrier* barrier, BoxPlace place) {
  RuntimeScope scope;
  const TensorMapContents contents = usable_map(map, to, "tma_load");
  require_announced(mbarrier_at(barrier, "tma_load"), "tma_load");
  submit_load("tma_load", current_thread().block->rank, to, BoxRows{contents, place}, barrier);
  give_way();
}

void tma_load_im2col(void* to, const CUtensorMap* map, device::Mbarrier* barrier, PixelPlace place) {
  RuntimeScope scope;
  constexpr const char* what = "tma_load_im2col";
  const TensorMapContents contents = usable_map(map, to, what, MapMode::im2col);
  require_announced(mbarrier_at(barrier, what), what);
  require_pixels(contents, place, what);
  submit_load(what, current_thread().block->rank, to, PixelRows(contents, place), barrier);
  give_way();
}

void tma_load_multicast(void* to, const CUtensorMap* map, device::Mbarrier* barrier, BoxPlace place,
                        uint16_t block_mask) {
  RuntimeScope scope;
  constexpr const char* what = "tma_load_multicast";
  const TensorMapContents contents = usable_map(map, to, what);
  require_announced(mbarrier_at(barrier, what), what);
  const auto blocks = current_cluster().blocks.size();
  if (block_mask == 0 || block_mask >> blocks != 0) {
    raise_fault(FaultKind::invalid_use,
                fmt::format("{}: mask {:#x} in a cluster of {}", what, block_mask, blocks));
  }
  for (size_t rank = 0; rank < blocks; ++rank) {
    if (block_mask >> rank & 1)
      submit_load(what, static_cast<int>(rank), to, BoxRows{contents, place}, barrier);
  }
  give_way();
}

void tma_store(const CUtensorMap* map, const void* from, BoxPlace place, StoreMode mode) {
  RuntimeScope scope;
  const char* what = mode == StoreMode::write ? "tma_store" : "tma_reduce_add";
  const TensorMapContents contents = usable_map(map, from, what);
  const auto* shared = static_cast<const std::byte*>(from);
  const auto bytes = std::make_shared<std::vector<std::byte>>();
  Store store;
  store.read = async_submit(what, Proxy::async, [=](AsyncOp& op) { read_box(op, contents, shared, bytes); });
  store.write = async_submit(what, Proxy::async, [=, first = store.read](AsyncOp& op) {
    async_complete(first);
    write_box(op, contents, place, bytes, mode);
  });
  at_exit(leave);
  attached<StoreGroups>(current_thread()).open.stores.push_back(std::move(store));
  give_way();
}

void tma_commit() {
  RuntimeScope scope;
  auto& groups = attached<StoreGroups>(current_thread());
  forget_finished(groups);
  groups.committed.push_back(std::move(groups.open));
  groups.open = {};
}

void tma_wait_read(int pending) {
  RuntimeScope scope;
  auto& committed = attached<StoreGroups>(current_thread()).committed;
  give_way();
  for (size_t i = 0; i + static_cast<size_t>(pending) < committed.size(); ++i) {
    if (committed[i].read) continue;
    for (const Store& store : committed[i].stores) {
      async_complete(store.read);
      async_observe(store.read);
    }
    committed[i].read = true;
  }
}

void tma_wait(int pending) {
  tma_wait_read(pending);
  RuntimeScope scope;
  auto& committed = attached<StoreGroups>(current_thread()).committed;
  while (committed.size() > static_cast<size_t>(pending)) {
    for (const Store& store : committed.front().stores) {
      async_complete(store.write);
      async_observe(store.write);
    }
    committed.pop_front();
  }
}

}  // namespace breakeven::emu
