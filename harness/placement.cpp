// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/placement.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/kernel_of_kinds.h"
#include "harness/machine.h"

namespace breakeven {
namespace {

constexpr int64_t kMostRotation = int64_t{512} << 20;
constexpr double kUsableShare =
    0.9;  // of what is available; the rest is for the system and for fragmentation
constexpr int64_t kMostSlots = 4096;  // tiny problems: enough to leave every cache, bounded set-up

int64_t one_set(const Case& spec) {
  const Footprint f = footprint(spec.problem);
  return f.inputs + f.output;
}

int64_t scratch(const Case& spec) {
  return spec.kernel->scratch_bytes ? spec.kernel->scratch_bytes(spec.problem) : 0;
}

bool on_host(const Case& spec) { return spec.backend->name == "cpu"; }

/// Bytes of operand sets that the device may hold. On the host the operands as made, and one result to look
/// at, lie in the same memory.
int64_t room_for_sets(const Case& spec, const DeviceInfo& info) {
  const int64_t usable = static_cast<int64_t>(kUsableShare * static_cast<double>(info.available_bytes));
  return usable - scratch(spec) - (on_host(spec) ? one_set(spec) : 0);
}

std::string gibibytes(int64_t bytes) {
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (1 << 30));
}

}  // namespace

Room make_room(const Case& spec, Regime regime) {
  if (regime == Regime::isolated) return {};
  const DeviceInfo info = spec.backend->device->info();
  const int64_t set = std::max<int64_t>(one_set(spec), 1);
  // A cache of unknown size (many Arm virtual machines tell none) may be any.
  const int64_t cold = info.last_level_cache_bytes > 0 ? 2 * info.last_level_cache_bytes : kMostRotation;
  const int64_t intended = std::min({cold, kMostRotation, info.memory_bytes / 8});
  const int64_t wanted = std::max<int64_t>((intended + set - 1) / set, 1);
  const int64_t affordable = std::max<int64_t>(room_for_sets(spec, info) / set, 1);
  Room room{std::min({wanted, affordable, kMostSlots}), 0, ""};
  room.rotation_bytes = room.slots * set;
  if (room.slots < wanted)
    room.clamp = affordable < wanted ? "memory available" : "number of operand sets";
  else if (room.rotation_bytes < cold)
    room.clamp = intended == kMostRotation ? "512 MiB" : "an eighth of the memory";
  return room;
}

Reason too_large(const Case& spec) {
  const DeviceInfo info = spec.backend->device->info();
  const int64_t set = one_set(spec);
  if (room_for_sets(spec, info) < set) {
    return fmt::format("needs {} of memory on {}, {} available",
                       gibibytes(set + scratch(spec) + (on_host(spec) ? set : 0)), info.id,
                       gibibytes(info.available_bytes));
  }
  if (!on_host(spec)) {
    const int64_t host = available_memory();
    if (static_cast<double>(set) > kUsableShare * static_cast<double>(host)) {
      return fmt::format("needs {} of host memory to make and check operands, {} available", gibibytes(set),
                         gibibytes(host));
    }
  }
  return std::nullopt;
}

Reason too_slow(const Case& spec, const Budget& budget) {
  const double rate = typical_rate(*spec.kernel, spec.problem);
  if (rate <= 0) return std::nullopt;  // not a plain one
  const double each = work(spec.problem).flops / rate;
  return too_slow(spec, budget, each);
}

Reason too_slow(const Case& spec, const Budget& budget, double seconds_per_execution) {
  constexpr double kExecutions = 8;  // first call, warm-up, five samples, second check
  const bool plain = typical_rate(*spec.kernel, spec.problem) > 0;
  if (!plain || seconds_per_execution * kExecutions <= budget.patience_seconds) return std::nullopt;
  return fmt::format(
      "about {:.2g} s an execution; this preset waits {:g} s in all for a contender this plain",
      seconds_per_execution, budget.patience_seconds);
}

Reason too_slow_to_train(const Case& spec) {
  constexpr double kPatience = 900;  // seconds a training by a plain contender may take
  const double rate = typical_rate(*spec.kernel, spec.problem);
  const double seconds = rate > 0 ? work(spec.problem).flops / rate : 0;
  if (seconds <= kPatience) return std::nullopt;
  return fmt::format("about {:.0f} minutes to train; a contender this plain is given {:.0f}", seconds / 60,
                     kPatience / 60);
}

}  // namespace breakeven
