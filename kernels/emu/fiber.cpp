// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <mutex>
#include <new>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define BREAKEVEN_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BREAKEVEN_ASAN 1
#endif
#endif
#ifdef BREAKEVEN_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace breakeven::emu {
namespace {

/// Stacks that nobody uses; they are never unmapped.
struct Pool {
  std::mutex mutex;
  std::vector<std::byte*> stacks;
};
Pool& pool() {
  static auto& kept = *new Pool;
  return kept;
}

std::byte* map_stack() {
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* mapped = mmap(nullptr, FiberStack::kBytes + page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  if (mprotect(mapped, page, PROT_NONE) != 0) throw std::bad_alloc();
  return static_cast<std::byte*>(mapped) + page;
}

// The address sanitizer must know whose stack it looks at. `fake` receives the left stack's state; null: the
// left stack is never come back to.
void before_switch([[maybe_unused]] void** fake, [[maybe_unused]] const void* bottom,
                   [[maybe_unused]] size_t bytes) {
#ifdef BREAKEVEN_ASAN
  __sanitizer_start_switch_fiber(fake, bottom, bytes);
#endif
}
void after_switch([[maybe_unused]] void* fake, [[maybe_unused]] const void** bottom,
                  [[maybe_unused]] size_t* bytes) {
#ifdef BREAKEVEN_ASAN
  __sanitizer_finish_switch_fiber(fake, bottom, bytes);
#endif
}

}  // namespace

void FiberStack::take() {
  if (bottom_ != nullptr) return;
  Pool& kept = pool();
  {
    const std::lock_guard lock(kept.mutex);
    if (!kept.stacks.empty()) {
      bottom_ = kept.stacks.back();
      kept.stacks.pop_back();
    }
  }
  if (bottom_ == nullptr) bottom_ = map_stack();
}

FiberStack::~FiberStack() {
  if (bottom_ == nullptr) return;
#ifdef BREAKEVEN_ASAN
  __asan_unpoison_memory_region(bottom_, kBytes);  // frames that were abandoned
#endif
  Pool& kept = pool();
  const std::lock_guard lock(kept.mutex);
  kept.stacks.push_back(bottom_);
}

void Fiber::start(void (*entry)(void*), void* argument) {
  stack_.take();
  entry_ = entry;
  argument_ = argument;
  make_context(inside_, stack_.bottom(), FiberStack::kBytes, &Fiber::enter, this);
}

void Fiber::enter(void* self) {
  auto* fiber = static_cast<Fiber*>(self);
  after_switch(nullptr, &fiber->outer_bottom_, &fiber->outer_bytes_);
  fiber->entry_(fiber->argument_);
  fiber->abandon();
}

void Fiber::resume() {
  void* fake = nullptr;
  before_switch(&fake, stack_.bottom(), FiberStack::kBytes);
  switch_context(outside_, inside_);
  after_switch(fake, nullptr, nullptr);
}

void Fiber::suspend() {
  before_switch(&fake_inside_, outer_bottom_, outer_bytes_);
  switch_context(inside_, outside_);
  after_switch(fake_inside_, &outer_bottom_, &outer_bytes_);
}

void Fiber::abandon() {
  before_switch(nullptr, outer_bottom_, outer_bytes_);
  switch_context(inside_, outside_);
  __builtin_unreachable();
}

}  // namespace breakeven::emu
