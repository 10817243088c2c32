// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/inputs.h"
#include "harness/precision.h"

namespace breakeven {

/// Where bytes go, or what has to happen before anything is computed.
///   h2d_*, d2h_*       host memory to the device's and back; pageable as malloc gives it, pinned
///   (page-locked) p2p                one device's memory to the next one's memcpy             host memory to
///   host memory, all threads first_touch        the first write to every page of memory fresh from the
///   system, all threads launch             an empty kernel, from the call to its completion, as the host
///   sees it launch_queued      the same, many in a row and one wait: what each adds fork_join          the
///   thread pool woken, an empty task each, joined first_context      the first call of a process: a context
///   on the device first_library      the first small product by the vendor's library, in a process with a
///   context: opening it, its handle first_autotune     the first product with its algorithms tried and
///   timed, after that
enum class Route : uint8_t {
  h2d_pageable,
  h2d_pinned,
  d2h_pageable,
  d2h_pinned,
  p2p,
  memcpy,
  first_touch,
  launch,
  launch_queued,
  fork_join,
  first_context,
  first_library,
  first_autotune
};
std::string_view name(Route);
std::span<const Route> all_routes();
/// Whether a route moves bytes; the others have a latency alone.
bool has_bytes(Route);

/// `bytes` of u8 from one place to another. Routes without bytes leave one byte, kArrived, behind.
struct Transfer {
  Route route = Route::memcpy;
  int64_t bytes = 0;
  Precision precision = Precision::u8;

  /// `<route>-b<bytes>`, or the route alone: `h2d_pinned-b1048576`, `launch`.
  std::string name() const;
  /// No flops. Bytes that arrive (memcpy reads them as well: as many again; first_touch has no source).
  Work work() const;
  /// One array of u8, where the route moves one.
  std::vector<ArrayShape> operands() const;
  /// The same where it arrives (first_touch: zeros, one byte a page of kPage written kArrived); or one byte.
  std::vector<ArrayShape> results() const;
  Inputs inputs(uint64_t seed) const;
  bool operator==(const Transfer&) const = default;
};

inline constexpr unsigned char kArrived = 1;
inline constexpr int64_t kPage = 4096;

std::optional<Transfer> parse_transfer(std::string_view text, Precision precision, std::string* why);

}  // namespace breakeven
