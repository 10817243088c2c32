// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels/emu/vector_clock.h"

// What is known of every byte of a block's shared memory: is it part of an object, who wrote it last, and who
// read it. Of the readers, the last of each of four classes of warps is kept: a race with a reader that was
// forgotten shows at another byte or under another seed, and nothing correct is ever blamed.

namespace breakeven::emu {

/// Shared memory addresses span this much per block: wgmma descriptors hold 18 bits of address.
constexpr uint32_t kWindowBytes = 256 << 10;

enum class AccessKind : uint8_t { read, write };
enum class Ordering : uint8_t { plain, atomic };  // atomic: races with plain accesses only
enum class Proxy : uint8_t { generic, async };    // async: TMA and wgmma; also wants generic writes fenced

struct Access {
  AccessKind kind = AccessKind::read;
  Ordering ordering = Ordering::plain;
  Proxy proxy = Proxy::generic;
};

/// Why an access is refused: the first byte at fault, and what stands against it.
enum class Refusal : uint8_t { none, no_object, unwritten, written, read, unfenced };
struct Conflict {
  Refusal refusal = Refusal::none;
  uint32_t offset = 0;
  Epoch other = 0;
};

class Shadow {
 public:
  Shadow();

  /// Actors below this number are threads; of the others, see kAsyncActors.
  void set_thread_actors(uint32_t count) { thread_actors_ = count; }

  /// Bytes [offset, offset + bytes) become an object that nobody has written yet.
  void open(uint32_t offset, uint32_t bytes) { fill(offset, bytes, kUnwritten); }
  /// They are part of no object any more.
  void close(uint32_t offset, uint32_t bytes) { fill(offset, bytes, kNoObject); }

  /// Judges an access inside the window and, when it is in order, remembers it.
  Conflict access(const ActorClock& by, Access, uint32_t offset, uint32_t bytes);

  /// Plain generic accesses of 1 to 16 bytes inside the window, for the instrumentation. False: not plainly
  /// in order; `access` decides.
  template <uint32_t bytes>
  bool quick_read(const ActorClock& by, uint32_t offset) {
    if (!all_seen<bytes>(by, writers() + offset)) return false;
    std::fill_n(readers(reader_class(by)) + offset, bytes, by.epoch());
    return true;
  }
  template <uint32_t bytes>
  bool quick_write(const ActorClock& by, uint32_t offset) {
    if (!all_seen<bytes>(by, writers() + offset, kUnwritten)) return false;
    for (int i = 0; i < kReaders; ++i) {
      if (!all_seen<bytes>(by, readers(i) + offset, kUnwritten)) return false;
    }
    std::fill_n(writers() + offset, bytes, by.epoch());
    return true;
  }

 private:
  static constexpr Epoch kNoObject = 0xFFFFFFFF, kUnwritten = 0, kAtomic = 1;
  static constexpr int kReaders = 4;
  static constexpr size_t kPlane =
      kWindowBytes + 80;  // no power of two: the planes use different sets of a cache

  static int reader_class(const ActorClock& by) { return static_cast<int>((by.actor >> 5) % kReaders); }
  Epoch* writers() const { return planes_.get(); }
  Epoch* readers(int which) const { return planes_.get() + static_cast<size_t>(which + 1) * kPlane; }

  /// All bytes carry one epoch, and it is one that `by` has seen (or `also`).
  template <uint32_t bytes>
  static bool all_seen(const ActorClock& by, const Epoch* epochs, Epoch also = kNoObject) {
    const Epoch first = epochs[0];
    Epoch different = 0;
    for (uint32_t i = 1; i < bytes; ++i) different |= epochs[i] ^ first;
    if (different != 0 || first == kNoObject) return false;
    return first == also || (first != kUnwritten && by.has_seen(first));
  }

  void fill(uint32_t offset, uint32_t bytes, Epoch writer);
  Conflict judge_byte(const ActorClock& by, Access, uint32_t offset) const;
  Conflict judge(const ActorClock& by, Access, uint32_t offset, uint32_t bytes) const;
  bool written_by_async_proxy(Epoch) const;

  std::unique_ptr<Epoch[]> planes_;
  uint32_t thread_actors_ = 0;
};

}  // namespace breakeven::emu
