// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/fiber.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <cstdint>
#include <thread>
#include <vector>

namespace breakeven::emu {
namespace {

struct Counter {
  Fiber fiber;
  int steps = 0, limit = 0;
  double product = 1;
};

/// Uses registers that must survive a switch, and some stack.
void count(void* argument) {
  auto& counter = *static_cast<Counter*>(argument);
  volatile char local[5000];
  double product = 1;
  for (int i = 1; i <= counter.limit; ++i) {
    local[i % 5000] = static_cast<char>(i);
    product *= 1 + i % 3;
    ++counter.steps;
    counter.fiber.suspend();
    EXPECT_EQ(local[i % 5000], static_cast<char>(i));
  }
  counter.product = product;
}

TEST(Fiber, TakesTurns) {
  std::vector<Counter> counters(300);
  for (size_t i = 0; i < counters.size(); ++i) {
    counters[i].limit = 1 + static_cast<int>(i % 7);
    counters[i].fiber.start(count, &counters[i]);
  }
  for (int round = 1; round <= 8; ++round) {
    for (Counter& counter : counters) {
      if (round <= counter.limit + 1) counter.fiber.resume();
      EXPECT_EQ(counter.steps, std::min(round, counter.limit));
    }
  }
  EXPECT_EQ(counters[3].product, 2 * 3 * 1 * 2);
}

TEST(Fiber, StacksAreApartAndUsedAgain) {
  const std::byte* first = nullptr;
  {
    FiberStack a, b;
    a.take();
    b.take();
    EXPECT_GE(std::abs(a.bottom() - b.bottom()), static_cast<std::ptrdiff_t>(FiberStack::kBytes));
    first = a.bottom();
  }
  FiberStack again[2];
  again[0].take();
  again[1].take();
  EXPECT_TRUE(again[0].bottom() == first || again[1].bottom() == first);
}

TEST(Fiber, AbandonedAndStartedAgain) {
  struct Quitter {
    Fiber fiber;
    int entered = 0;
  } quitter;
  const auto entry = [](void* argument) {
    auto& self = *static_cast<Quitter*>(argument);
    ++self.entered;
    self.fiber.abandon();
  };
  for (int i = 1; i <= 3; ++i) {
    quitter.fiber.start(entry, &quitter);
    quitter.fiber.resume();
    EXPECT_EQ(quitter.entered, i);
  }
}

TEST(Fiber, EachOperatingSystemThreadHasItsOwn) {
  std::vector<Counter> counters(4);
  std::vector<std::thread> threads;
  for (Counter& counter : counters) {
    threads.emplace_back([&counter] {
      counter.limit = 1000;
      counter.fiber.start(count, &counter);
      for (int i = 0; i <= 1000; ++i) counter.fiber.resume();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Counter& counter : counters) EXPECT_EQ(counter.steps, 1000);
}

}  // namespace
}  // namespace breakeven::emu
