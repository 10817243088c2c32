// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/emu/device/cp_async.h"

#include <fmt/format.h>

#include <cstddef>
#include <deque>
#include <vector>

#include "kernels/emu/async.h"

namespace breakeven::emu {
namespace {

struct Copy {
  std::byte* to;
  const std::byte* from;
  int bytes, valid;
};

/// Of a thread. A group becomes one operation when it is committed: a copy that nobody commits never happens,
/// which shows what waiting for it would not.
struct CopyGroups {
  std::vector<Copy> open;
  std::deque<AsyncHandle> committed;
};

void run(AsyncOp& op, const std::vector<Copy>& copies) {
  for (const Copy& copy : copies) {
    std::byte bytes[16] = {};
    if (copy.valid > 0) async_read(op, bytes, copy.from, copy.valid);
    async_write(op, copy.to, bytes, copy.bytes);
  }
}

bool is_misaligned(const void* pointer, int bytes) {
  return reinterpret_cast<uintptr_t>(pointer) % static_cast<uintptr_t>(bytes) != 0;
}

}  // namespace

void cp_async(void* shared, const void* global, int bytes, int valid_bytes) {
  RuntimeScope scope;
  Thread& thread = current_thread();
  if (block_of(shared) != thread.block || block_of(global)) {
    raise_fault(FaultKind::invalid_use,
                fmt::format("cp_async from {} to {}: it copies from device memory to the "
                            "own block's shared memory",
                            describe_address(global), describe_address(shared)));
  }
  if (is_misaligned(shared, bytes) || is_misaligned(global, bytes)) {
    raise_fault(FaultKind::misaligned,
                fmt::format("cp_async of {} bytes from {} to {}: both must be multiples of {}", bytes,
                            describe_address(global), describe_address(shared), bytes));
  }
  if (valid_bytes < 0 || valid_bytes > bytes) {
    raise_fault(FaultKind::invalid_use, fmt::format("cp_async of {} bytes, {} of them valid: 0 to {} may be",
                                                    bytes, valid_bytes, bytes));
  }
  attached<CopyGroups>(thread).open.push_back(
      {static_cast<std::byte*>(shared), static_cast<const std::byte*>(global), bytes, valid_bytes});
}

void cp_async_commit() {
  RuntimeScope scope;
  auto& groups = attached<CopyGroups>(current_thread());
  AsyncHandle group;  // stays null for an empty one
  if (!groups.open.empty()) {
    group = async_submit("cp_async", Proxy::generic,
                         [copies = std::move(groups.open)](AsyncOp& op) { run(op, copies); });
    groups.open.clear();
  }
  groups.committed.push_back(std::move(group));
  give_way();
}

void cp_async_wait(int pending) {
  RuntimeScope scope;
  auto& committed = attached<CopyGroups>(current_thread()).committed;
  give_way();
  while (committed.size() > static_cast<size_t>(pending)) {
    if (committed.front()) {
      async_complete(committed.front());
      async_observe(committed.front());
    }
    committed.pop_front();
  }
}

}  // namespace breakeven::emu
