// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/grid.h"

#include <driver_types.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "kernels/emu/async.h"
#include "kernels/emu/device_memory.h"
#include "kernels/emu/scheduler.h"

namespace breakeven::emu {
namespace {

TEST(CanLaunch, JudgesAsTheDriverDoes) {
  const GridShape fine = {.grid = dim3(8), .block = dim3(256), .cluster = dim3(2), .shared_bytes = 227 << 10};
  EXPECT_EQ(can_launch(fine), cudaSuccess);
  const auto changed = [&](auto change) {
    GridShape shape = fine;
    change(shape);
    return can_launch(shape);
  };
  EXPECT_EQ(changed([](GridShape& s) { s.grid.y = 0; }), cudaErrorInvalidConfiguration);
  EXPECT_EQ(changed([](GridShape& s) { s.grid.y = 65536; }), cudaErrorInvalidConfiguration);
  EXPECT_EQ(changed([](GridShape& s) { s.block.x = 1025; }), cudaErrorInvalidConfiguration);
  EXPECT_EQ(changed([](GridShape& s) { s.block = dim3(512, 4); }), cudaErrorInvalidConfiguration);
  EXPECT_EQ(changed([](GridShape& s) { s.cluster.x = 3; }), cudaErrorInvalidConfiguration);
  EXPECT_EQ(changed([](GridShape& s) { s.cluster.x = 16; }), cudaErrorInvalidConfiguration);
  EXPECT_EQ(changed([](GridShape& s) { s.shared_bytes = (227 << 10) + 1; }), cudaErrorInvalidValue);
}

/// The order in which threads come, as numbers block * 1000 + thread.
std::vector<int> order_of(uint64_t seed) {
  std::vector<int> order;
  run_grid(
      "order", {.grid = dim3(2), .block = dim3(64), .cluster = dim3(2)},
      [&] {
        for (int i = 0; i < 3; ++i) {
          barrier_sync(0, 64);
          order.push_back(current_thread().block->rank * 1000 + current_thread().linear);
        }
      },
      seed);
  return order;
}

TEST(Order, SeedDecides) {
  const std::vector<int> plain = order_of(0);
  EXPECT_EQ(plain, order_of(0));
  std::set<std::vector<int>> orders = {plain};
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    EXPECT_EQ(order_of(seed), order_of(seed));
    orders.insert(order_of(seed));
  }
  EXPECT_EQ(orders.size(), 9u);
}

TEST(Async, CompletesLateAndOutOfOrderButBeforeTheEnd) {
  std::set<std::vector<int>> orders;
  bool late = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<int> completed;
    run_grid(
        "async", {.grid = dim3(1), .block = dim3(32)},
        [&] {
          if (current_thread().linear != 0) return;
          for (int i = 0; i < 5; ++i) {
            async_submit("op", Proxy::async, [&completed, i](AsyncOp&) { completed.push_back(i); });
            give_way();
          }
          late = late || completed.empty();
        },
        seed);
    EXPECT_EQ(completed.size(), 5u) << "pending at the end of the kernel";
    orders.insert(completed);
  }
  EXPECT_GT(orders.size(), 5u);
  EXPECT_TRUE(late);
}

TEST(Async, SharedMemoryOfABlockThatIsGone) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    try {
      run_grid(
          "async", {.grid = dim3(1), .block = dim3(1), .shared_bytes = 64},
          [] {
            std::byte* shared = dynamic_shared();
            async_submit("tma_load", Proxy::async,
                         [shared](AsyncOp& op) { async_access(op, shared, 64, AccessKind::write); });
          },
          seed);
      EXPECT_NE(seed, 0u) << "the plain order completes it after the block's end";
    } catch (const Fault& fault) {
      EXPECT_EQ(fault.kind, FaultKind::exited_block) << fault.what();
      EXPECT_NE(std::string(fault.what()).find("thread (0,0,0), tma_load"), std::string::npos)
          << fault.what();
    }
  }
}

TEST(Async, ObservingOrdersAndNotObservingRaces) {
  for (const bool observe : {true, false}) {
    bool raced = false;
    try {
      run_grid(
          "async", {.grid = dim3(1), .block = dim3(1), .shared_bytes = 64},
          [observe] {
            std::byte* shared = dynamic_shared();
            const AsyncHandle op = async_submit("cp.async", Proxy::generic, [shared](AsyncOp& o) {
              async_access(o, shared, 64, AccessKind::write);
            });
            async_complete(op);
            if (observe) async_observe(op);
            check_access(shared, 64, {AccessKind::read});
          },
          0);
    } catch (const Fault& fault) {
      raced = fault.kind == FaultKind::race;
    }
    EXPECT_EQ(raced, !observe);
  }
}

TEST(Faults, EndTheGridAndNotTheNext) {
  std::atomic<int> ended = 0;
  const auto body = [&] {
    if (current_thread().block->index.x == 3) raise_fault(FaultKind::invalid_use, "something");
    barrier_sync(0, 64);
    ++ended;
  };
  for (int i = 0; i < 20; ++i) {
    try {
      run_grid("faulty", {.grid = dim3(4), .block = dim3(64)}, body, static_cast<uint64_t>(i));
      FAIL();
    } catch (const Fault& fault) {
      EXPECT_NE(std::string(fault.what()).find("faulty: block (3,0,0), thread ("), std::string::npos)
          << fault.what();
    }
  }
  ended = 0;
  run_grid("fine", {.grid = dim3(3), .block = dim3(64)}, body, 7);
  EXPECT_EQ(ended, 3 * 64);
}

TEST(Faults, PeerBlockThatHasExited) {
  try {
    run_grid(
        "peer", {.grid = dim3(2), .block = dim3(1), .cluster = dim3(2), .shared_bytes = 64},
        [] {
          Thread& thread = current_thread();
          if (thread.block->rank == 1) return;
          sleep_a_little("nothing");
          Block& peer = thread.block->cluster->blocks[1];
          check_access(shared_pointer(peer, shared_offset(dynamic_shared())), 4, {AccessKind::write});
        },
        0);
    FAIL();
  } catch (const Fault& fault) {
    EXPECT_EQ(fault.kind, FaultKind::exited_block) << fault.what();
  }
}

TEST(DeviceMemory, AddressesAreNeverUsedTwice) {
  std::byte* first = allocate_device_memory(100);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 256, 0u);
  EXPECT_EQ(first[99], std::byte{0xFF});
  EXPECT_TRUE(find_device_memory(first + 99).holds(first + 99, 1));
  EXPECT_FALSE(find_device_memory(first).holds(first + 99, 2));
  const uint64_t serial = find_device_memory(first).serial;
  free_device_memory(first);
  EXPECT_THROW(free_device_memory(first), std::invalid_argument);
  std::byte* second = allocate_device_memory(100);
  EXPECT_NE(first, second);
  EXPECT_NE(find_device_memory(second).serial, serial);
  EXPECT_EQ(find_device_memory(first).state, DeviceAllocation::State::freed);
  EXPECT_NE(describe_device_address(first + 4).find("4 bytes into"), std::string::npos);
  free_device_memory(second);
}

}  // namespace
}  // namespace breakeven::emu
