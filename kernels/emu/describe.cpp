// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Addresses and states in words.

#include <cxxabi.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <tuple>

#include "kernels/emu/device_memory.h"
#include "kernels/emu/here.h"
#include "kernels/emu/scheduler.h"
#include "kernels/emu/window.h"

namespace breakeven::emu {
namespace {

struct Object {
  std::string name;
  uint32_t offset, bytes;
};

/// "Tiles + 4 (of 64 bytes)", "4 bytes behind Tiles (64 bytes)".
std::string relative(const Object& object, uint32_t offset) {
  if (offset < object.offset)
    return fmt::format("{} bytes before {} ({} bytes)", object.offset - offset, object.name, object.bytes);
  const uint32_t inside = offset - object.offset;
  if (inside < object.bytes) return fmt::format("{} + {} (of {} bytes)", object.name, inside, object.bytes);
  return fmt::format("{} bytes behind {} ({} bytes)", inside - object.bytes, object.name, object.bytes);
}

uint32_t distance(const Object& object, uint32_t offset) {
  if (offset < object.offset) return object.offset - offset;
  return offset < object.offset + object.bytes ? 0 : offset - object.offset - object.bytes + 1;
}

std::string describe_shared(const Cluster& cluster, uint32_t offset) {
  std::vector<Object> objects;
  if (cluster.shape.shared_bytes > 0)
    objects.push_back(
        {"dynamic shared memory", kDynamicOffset, static_cast<uint32_t>(cluster.shape.shared_bytes)});
  for (const StaticObject& object : cluster.static_objects)
    objects.push_back({object.type, object.offset, object.bytes});
  if (objects.empty()) return "the block has no shared memory";
  const Object* nearest = &objects[0];
  for (const Object& object : objects) {
    if (distance(object, offset) < distance(*nearest, offset)) nearest = &object;
  }
  return relative(*nearest, offset);
}

/// "0-31, 40" of sorted numbers.
std::string ranges(const std::vector<int>& numbers) {
  std::string text;
  for (size_t i = 0; i < numbers.size();) {
    size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += text.empty() ? "" : ", ";
    text += last == i ? fmt::format("{}", numbers[i]) : fmt::format("{}-{}", numbers[i], numbers[last]);
    i = last + 1;
  }
  return text;
}

std::string state_of(const Thread& thread) {
  switch (thread.state) {
    case ThreadState::ready:
      return "could run";
    case ThreadState::exited:
      return "have exited";
    case ThreadState::sleeping:
    case ThreadState::waiting:
      break;
  }
  return std::string(thread.state == ThreadState::waiting ? "wait at " : "poll at ") +
         fmt::format(fmt::runtime(thread.waiting.what), thread.waiting.first, thread.waiting.second,
                     thread.waiting.name);
}

}  // namespace

std::string waiting_report(const Cluster& cluster) {
  std::string report;
  for (const Block& block : cluster.blocks) {
    std::map<std::string, std::vector<int>> by_state;
    for (const Thread& thread : block.threads) by_state[state_of(thread)].push_back(thread.linear);
    for (const auto& [state, threads] : by_state) {
      report += fmt::format("{}threads {} of block ({},{},{}) {}", report.empty() ? "" : "; ",
                            ranges(threads), block.index.x, block.index.y, block.index.z, state);
    }
  }
  return report;
}

std::string describe_address(const void* address) {
  const RuntimeScope scope;
  if (here.cluster != nullptr) {
    if (block_of(address) != nullptr) return describe_shared(*here.cluster, shared_offset(address));
    for (const Block& block : here.cluster->blocks) {
      for (const Thread& thread : block.threads) {
        const auto* bottom = thread.fiber.stack_bottom();
        if (address >= bottom && address < bottom + FiberStack::kBytes)
          return fmt::format("local variables of thread {} of block ({},{},{})", thread.linear, block.index.x,
                             block.index.y, block.index.z);
      }
    }
  }
  return in_device_memory(address) ? describe_device_address(address)
                                   : fmt::format("host address {}", address);
}

std::string code_place(const void* pc) {
  Dl_info info = {};
  if (pc == nullptr || dladdr(pc, &info) == 0 || info.dli_fname == nullptr) return "";
  const std::string file = info.dli_fname;
  const auto offset = reinterpret_cast<uintptr_t>(pc) - reinterpret_cast<uintptr_t>(info.dli_fbase) - 1;
  return fmt::format(" at {}+{:#x}", file.substr(file.rfind('/') + 1), offset);
}

}  // namespace breakeven::emu
