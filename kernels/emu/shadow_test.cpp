// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/shadow.h"

#include <gtest/gtest.h>

#include "kernels/emu/vector_clock.h"

namespace breakeven::emu {
namespace {

constexpr uint32_t kThreads = 64, kActors = kThreads + kAsyncActors;
constexpr Access kRead = {AccessKind::read}, kWrite = {AccessKind::write};
constexpr Access kAtomic = {AccessKind::write, Ordering::atomic};
constexpr Access kAsyncRead = {AccessKind::read, Ordering::plain, Proxy::async};

ActorClock actor(uint32_t number) {
  ActorClock clock;
  clock.actor = number;
  return clock;
}

/// What one thread did passes to another, as through a barrier.
void pass(ActorClock& from, ActorClock& to) {
  SyncClock clock;
  clock.release(from, kActors);
  clock.acquire(to, kActors);
}

class ShadowTest : public testing::Test {
 protected:
  ShadowTest() {
    shadow.set_thread_actors(kThreads);
    shadow.open(1024, 256);
  }
  Refusal tried(const ActorClock& by, Access access, uint32_t offset = 1024, uint32_t bytes = 4) {
    return shadow.access(by, access, offset, bytes).refusal;
  }
  Shadow shadow;
  ActorClock a = actor(0), b = actor(40), c = actor(41);
};

TEST_F(ShadowTest, KnowsObjectsByTheByte) {
  EXPECT_EQ(tried(a, kWrite, 1020), Refusal::no_object);
  EXPECT_EQ(tried(a, kWrite, 1276), Refusal::none);
  EXPECT_EQ(shadow.access(a, kWrite, 1278, 4).offset, 1280u);
  EXPECT_EQ(tried(a, kRead, 1276), Refusal::none);
  EXPECT_EQ(tried(a, kRead, 1272), Refusal::unwritten);
  shadow.close(1024, 256);
  EXPECT_EQ(tried(a, kRead, 1276), Refusal::no_object);
}

TEST_F(ShadowTest, OrdersWritesAndReads) {
  EXPECT_EQ(tried(a, kWrite), Refusal::none);
  EXPECT_EQ(tried(b, kRead), Refusal::written);
  pass(a, b);
  EXPECT_EQ(tried(b, kRead), Refusal::none);
  EXPECT_EQ(tried(a, kWrite), Refusal::read);
  pass(b, a);
  EXPECT_EQ(tried(a, kWrite), Refusal::none);
  EXPECT_EQ(tried(b, kWrite), Refusal::written);
}

TEST_F(ShadowTest, OrderPassesOnThroughOthers) {
  tried(a, kWrite);
  pass(a, b);
  pass(b, c);
  EXPECT_EQ(tried(c, kRead), Refusal::none);
  // What a does after its release is another matter.
  tried(a, kRead);
  EXPECT_EQ(tried(c, kWrite), Refusal::read);
}

TEST_F(ShadowTest, QuickAccessesAgreeWithTheFull) {
  EXPECT_TRUE(shadow.quick_write<16>(a, 1024));
  EXPECT_FALSE(shadow.quick_read<4>(b, 1028));
  EXPECT_FALSE(shadow.quick_read<4>(a, 1040));  // unwritten
  EXPECT_FALSE(shadow.quick_write<8>(a, 1020));
  pass(a, b);
  EXPECT_TRUE(shadow.quick_read<4>(b, 1028));
  EXPECT_TRUE(shadow.quick_write<4>(a, 1024));
  EXPECT_FALSE(shadow.quick_write<4>(a, 1028));
}

TEST_F(ShadowTest, AtomicsRaceWithPlainAccessesOnly) {
  tried(a, kWrite);
  pass(a, b);
  pass(a, c);
  EXPECT_EQ(tried(b, kAtomic), Refusal::none);
  EXPECT_EQ(tried(c, kAtomic), Refusal::none);
  EXPECT_EQ(tried(b, kRead), Refusal::written);
}

TEST_F(ShadowTest, AsynchronousProxyWantsAFence) {
  tried(a, kWrite);
  EXPECT_EQ(tried(a, kAsyncRead), Refusal::unfenced);
  fence_proxy(a);
  EXPECT_EQ(tried(a, kAsyncRead), Refusal::none);
  tried(a, kWrite, 1040);
  EXPECT_EQ(tried(a, kAsyncRead, 1040), Refusal::unfenced);
}

TEST_F(ShadowTest, FencesPassOnWithTheOrder) {
  // Each writer fences before the barrier, one other thread issues: CUTLASS's epilogue.
  tried(a, kWrite);
  fence_proxy(a);
  pass(a, b);
  EXPECT_EQ(tried(b, kAsyncRead), Refusal::none);
  // Fencing after the barrier, by the issuer: its fence covers what it has seen.
  tried(a, kWrite, 1040);
  pass(a, c);
  EXPECT_EQ(tried(c, kAsyncRead, 1040), Refusal::unfenced);
  fence_proxy(c);
  EXPECT_EQ(tried(c, kAsyncRead, 1040), Refusal::none);
}

TEST_F(ShadowTest, AsynchronousWritesNeedNoFence) {
  ActorClock tma = actor(kThreads), cp_async = actor(kThreads + kAsyncActors / 2);
  EXPECT_EQ(tried(tma, {AccessKind::write, Ordering::plain, Proxy::async}), Refusal::none);
  pass(tma, a);
  EXPECT_EQ(tried(a, kAsyncRead), Refusal::none);
  EXPECT_EQ(tried(cp_async, kWrite, 1040), Refusal::none);
  pass(cp_async, a);
  EXPECT_EQ(tried(a, kAsyncRead, 1040), Refusal::unfenced) << "cp.async writes through the generic proxy";
  fence_proxy(a);
  EXPECT_EQ(tried(a, kAsyncRead, 1040), Refusal::none);
}

TEST_F(ShadowTest, ForkedOperationKnowsItsIssuerUpToTheIssue) {
  tried(a, kWrite);
  ActorClock op = actor(kThreads);
  op.parent = a.actor;
  op.parent_tick = a.tick;
  a.advance();
  tried(a, kWrite, 1040);
  EXPECT_EQ(tried(op, kRead), Refusal::none);
  EXPECT_EQ(tried(op, kRead, 1040), Refusal::written);
}

TEST_F(ShadowTest, ManyWhoKnewTheSameLearnTheSame) {
  SyncClock barrier;
  std::vector<ActorClock> threads;
  for (uint32_t i = 0; i < 32; ++i) threads.push_back(actor(i));
  for (ActorClock& thread : threads) barrier.release(thread, kActors);
  for (ActorClock& thread : threads) barrier.adopt(thread);
  SyncClock phase;
  tried(b, kWrite);
  phase.release(b, kActors);
  for (ActorClock& thread : threads) phase.acquire(thread, kActors);
  for (ActorClock& thread : threads) {
    EXPECT_EQ(tried(thread, kRead), Refusal::none);
    EXPECT_TRUE(thread.seen == threads[0].seen) << "a copy each";
  }
  EXPECT_TRUE(threads[5].has_seen(threads[4].epoch() - (1u << 1)));
  EXPECT_FALSE(threads[5].has_seen(threads[4].epoch()));
}

}  // namespace
}  // namespace breakeven::emu
