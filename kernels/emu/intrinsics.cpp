// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/intrinsics.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "kernels/emu/here.h"
#include "kernels/emu/scheduler.h"

namespace breakeven::emu {

uint3 thread_index() { return current_thread().index; }
uint3 block_index() { return current_thread().block->index; }
dim3 block_size() { return current_cluster().shape.block; }
dim3 grid_size() { return current_cluster().shape.grid; }
int block_threads() { return static_cast<int>(current_thread().block->threads.size()); }
int syncthreads_count(int predicate) { return barrier_sync(0, block_threads(), predicate); }
void syncwarp(uint32_t mask) { warp_sync(mask); }
void nanosleep() { sleep_a_little("__nanosleep"); }

namespace {

/// What a lane brings to a shuffle, and takes home.
struct Shuffled {
  ShuffleKind kind;
  uint64_t value, result;
  int argument, width;
};

/// The lane that `lane` reads; its own where the source lies outside its segment of `width` lanes.
int source_lane(const Shuffled& s, int lane) {
  const int begin = lane / s.width * s.width, end = begin + s.width;
  switch (s.kind) {
    case ShuffleKind::index:
      return begin + static_cast<int>(static_cast<unsigned>(s.argument) % static_cast<unsigned>(s.width));
    case ShuffleKind::up:
      return lane - s.argument >= begin ? lane - s.argument : lane;
    case ShuffleKind::down:
      return lane + s.argument < end ? lane + s.argument : lane;
    case ShuffleKind::butterfly:
      return (lane ^ s.argument) < end ? lane ^ s.argument : lane;
  }
  return lane;
}

void shuffle_lanes(Lanes& lanes) {
  for (int lane = 0; lane < 32; ++lane) {
    auto* mine = static_cast<Shuffled*>(lanes[static_cast<size_t>(lane)]);
    if (mine == nullptr) continue;
    const int from = source_lane(*mine, lane);
    const auto* other = static_cast<const Shuffled*>(lanes[static_cast<size_t>(from) % 32]);
    if (other == nullptr) {
      raise_fault(FaultKind::invalid_use,
                  fmt::format("lane {} shuffles from lane {}, which takes no part", lane, from));
    }
    mine->result = other->value;
  }
}

constexpr const char* name_of(ShuffleKind kind) {
  constexpr const char* kNames[] = {"__shfl_sync", "__shfl_up_sync", "__shfl_down_sync", "__shfl_xor_sync"};
  return kNames[static_cast<int>(kind)];
}

struct Ballot {
  bool predicate;
  uint32_t result;
};

}  // namespace

uint64_t shuffle(ShuffleKind kind, uint32_t mask, uint64_t value, int argument, int width) {
  const RuntimeScope scope;
  if (width < 1 || width > 32 || (width & (width - 1)) != 0)
    raise_fault(FaultKind::invalid_use,
                fmt::format("{} with width {}, no power of two up to 32", name_of(kind), width));
  Shuffled mine{kind, value, 0, argument, width};
  warp_meet(mask, name_of(kind), &mine, shuffle_lanes, Missing::left_out);
  return mine.result;
}

uint32_t ballot(uint32_t mask, bool predicate, const char* what) {
  const RuntimeScope scope;
  Ballot mine{predicate, 0};
  const auto together = [](Lanes& lanes) {
    uint32_t all = 0;
    for (uint32_t lane = 0; lane < 32; ++lane) {
      if (lanes[lane] != nullptr && static_cast<Ballot*>(lanes[lane])->predicate) all |= 1u << lane;
    }
    for (void* lane : lanes) {
      if (lane != nullptr) static_cast<Ballot*>(lane)->result = all;
    }
  };
  warp_meet(mask, what, &mine, together, Missing::left_out);
  return mine.result;
}

namespace {

template <class T>
T combine(AtomicKind kind, T old, T value) {
  switch (kind) {
    case AtomicKind::add:
      return static_cast<T>(old + value);
    case AtomicKind::minimum:
      return std::min(old, value);
    case AtomicKind::maximum:
      return std::max(old, value);
    case AtomicKind::exchange:
      return value;
    default:
      break;
  }
  if constexpr (std::is_integral_v<T>) {
    if (kind == AtomicKind::bit_and) return old & value;
    if (kind == AtomicKind::bit_or) return old | value;
    return old ^ value;
  }
  return value;
}

/// Signed sums wrap, as the hardware's do.
template <class T>
T combine_wrapping(AtomicKind kind, T old, T value) {
  if constexpr (std::is_integral_v<T> && std::is_signed_v<T>) {
    using U = std::make_unsigned_t<T>;
    if (kind == AtomicKind::add) return static_cast<T>(static_cast<U>(old) + static_cast<U>(value));
  }
  return combine(kind, old, value);
}

template <class T>
void check_atomic(T* at) {
  if (reinterpret_cast<uintptr_t>(at) % sizeof(T) != 0)
    raise_fault(FaultKind::misaligned,
                fmt::format("atomic operation on {} bytes at {}", sizeof(T), describe_address(at)));
  check_access(at, sizeof(T), {AccessKind::write, Ordering::atomic});
}

}  // namespace

template <class T>
T atomic(AtomicKind kind, T* at, T value) {
  const RuntimeScope scope;
  check_atomic(at);
  const std::atomic_ref<T> cell(*at);
  T old = cell.load();
  while (!cell.compare_exchange_weak(old, combine_wrapping(kind, old, value))) {
  }
  if (!block_of(at)) current_cluster().scheduler->linger();
  polled("an atomic operation");
  return old;
}

template <class T>
T atomic_compare_exchange(T* at, T expected, T wanted) {
  const RuntimeScope scope;
  check_atomic(at);
  std::atomic_ref<T>(*at).compare_exchange_strong(expected, wanted);
  polled("an atomic operation");
  return expected;
}

#define ATOMICS(T)                         \
  template T atomic<T>(AtomicKind, T*, T); \
  template T atomic_compare_exchange<T>(T*, T, T);
ATOMICS(int)
ATOMICS(unsigned)
ATOMICS(long long)
ATOMICS(unsigned long long)
ATOMICS(unsigned short)
template float atomic<float>(AtomicKind, float*, float);
template double atomic<double>(AtomicKind, double*, double);

}  // namespace breakeven::emu
