// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/window.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstring>
#include <mutex>
#include <new>

#include "kernels/emu/grid.h"
#include "kernels/emu/here.h"

namespace breakeven::emu {
namespace {

constexpr int kUnset = 0xFF;  // what fresh shared memory holds: NaN in every floating-point type

std::mutex& pool_mutex() {
  static auto& mutex = *new std::mutex;
  return mutex;
}

}  // namespace

struct Windows::Memory {
  explicit Memory(size_t blocks) : shadows(blocks), bytes((blocks + 1) * kWindowBytes) {
    void* mapped =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    start = static_cast<std::byte*>(mapped);
  }
  ~Memory() { munmap(start, bytes); }

  std::vector<Shadow> shadows;
  size_t bytes;
  std::byte* start;
};

std::vector<std::unique_ptr<Windows::Memory>>& Windows::pool() {
  static auto& kept = *new std::vector<std::unique_ptr<Memory>>;
  return kept;
}

Windows::Windows(size_t blocks) {
  const std::lock_guard lock(pool_mutex());
  for (auto& memory : pool()) {
    if (memory->shadows.size() != blocks) continue;
    memory_ = std::move(memory);
    memory = std::move(pool().back());
    pool().pop_back();
    return;
  }
  memory_ = std::make_unique<Memory>(blocks);
}

Windows::~Windows() {
  const std::lock_guard lock(pool_mutex());
  pool().push_back(std::move(memory_));
}

/// At multiples of the window's size: offsets are the low bits, and alignments what they are on a GPU.
std::byte* Windows::window(size_t block) const {
  const auto first =
      (reinterpret_cast<uintptr_t>(memory_->start) + kWindowBytes - 1) / kWindowBytes * kWindowBytes;
  return reinterpret_cast<std::byte*>(first) + block * kWindowBytes;
}

Shadow& Windows::shadow(size_t block) const { return memory_->shadows[block]; }

void open_shared(Cluster& cluster, uint32_t bytes) {
  for (Block& block : cluster.blocks) {
    block.shadow->set_thread_actors(cluster.thread_actors);
    block.shadow->open(kDynamicOffset, bytes);
    std::memset(block.window + kDynamicOffset, kUnset, bytes);
  }
}

void close_shared(Cluster& cluster) {
  for (Block& block : cluster.blocks) {
    block.shadow->close(kDynamicOffset, static_cast<uint32_t>(cluster.shape.shared_bytes));
    for (const StaticObject& object : cluster.static_objects)
      block.shadow->close(object.offset, object.bytes);
  }
}

std::byte* dynamic_shared() {
  const RuntimeScope scope;
  return current_thread().block->window + kDynamicOffset;
}

namespace {

/// T of "... static_shared() [with T = Tiles; int tag = 0; ...]" (gcc) or "... [T = Tiles, tag = 0]" (clang).
std::string type_in(const std::string& function) {
  const size_t start = function.find("T = ");
  if (start == function.npos) return function;
  const size_t end =
      std::min({function.find(';', start), function.find(", tag", start), function.rfind(']')});
  return function.substr(start + 4, end - start - 4);
}

/// Below the objects that are there already.
StaticObject make_static(const Cluster& cluster, const void* key, const char* function, size_t bytes,
                         size_t alignment) {
  uint32_t end = kStaticEnd;
  int64_t total = static_cast<int64_t>(bytes);
  for (const StaticObject& object : cluster.static_objects) {
    end = std::min(end, object.offset - kStaticGap);
    total += object.bytes;
  }
  if (total > kMaxStaticShared || total + cluster.shape.shared_bytes > kMaxShared) {
    raise_fault(
        FaultKind::limit,
        fmt::format(
            "{} bytes of static and {} of dynamic shared memory: a block has at most {} and {} together",
            total, cluster.shape.shared_bytes, kMaxStaticShared, kMaxShared));
  }
  const auto step = static_cast<uint32_t>(std::max<size_t>(alignment, 16));
  return {key, type_in(function), (end - static_cast<uint32_t>(bytes)) / step * step,
          static_cast<uint32_t>(bytes)};
}

}  // namespace

void* static_shared(const void* key, const char* function, size_t bytes, size_t alignment) {
  const RuntimeScope scope;
  const Block& mine = *current_thread().block;
  Cluster& cluster = *mine.cluster;
  for (const StaticObject& object : cluster.static_objects) {
    if (object.key == key) return mine.window + object.offset;
  }
  const StaticObject made = make_static(cluster, key, function, bytes, alignment);
  for (Block& block : cluster.blocks) {
    block.shadow->open(made.offset, made.bytes);
    std::memset(block.window + made.offset, kUnset, made.bytes);
  }
  cluster.static_objects.push_back(made);
  return mine.window + made.offset;
}

Block* block_of(const void* address) {
  Cluster& cluster = current_cluster();
  const auto offset = reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(cluster.window);
  return offset < cluster.window_bytes ? &cluster.blocks[offset / kWindowBytes] : nullptr;
}

uint32_t shared_offset(const void* address) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(address) % kWindowBytes);
}

std::byte* shared_pointer(Block& block, uint32_t offset) { return block.window + offset; }

Conflict shared_access(Block& block, const ActorClock& by, Access access, const void* address,
                       int64_t bytes) {
  const auto offset = shared_offset(address);
  if (block.running == 0 || bytes > kWindowBytes - offset) return {Refusal::no_object, offset, 0};
  return block.shadow->access(by, access, offset, static_cast<uint32_t>(bytes));
}

}  // namespace breakeven::emu
