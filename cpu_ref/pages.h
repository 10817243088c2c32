// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace breakeven::cpu {

/// Untouched anonymous memory, on huge pages where the kernel grants them (a GEMM reads with large strides: 4
/// KiB pages would measure the TLB). The thread that first writes a page decides on which NUMA node it lies.
class Pages {
 public:
  Pages() = default;
  explicit Pages(int64_t bytes);  // throws OutOfMemory
  Pages(Pages&&) noexcept;
  Pages& operator=(Pages&&) noexcept;
  ~Pages();
  std::byte* data() const { return data_; }
  int64_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  int64_t size_ = 0;
};

/// `slots` arrays of equal size, each on its own cache lines.
class SlottedPages {
 public:
  SlottedPages() = default;
  SlottedPages(int64_t slots, int64_t bytes);
  std::byte* at(int64_t slot) const { return pages_.data() + slot * stride_; }
  int64_t bytes() const { return bytes_; }
  int64_t slots() const { return slots_; }
  /// The same bytes into every slot, or the same byte everywhere; all threads write, in equal contiguous
  /// parts.
  void copy_in(const std::byte* from);
  void fill(unsigned char byte);

 private:
  int64_t slots_ = 0, bytes_ = 0, stride_ = 0;
  Pages pages_;
};

}  // namespace breakeven::cpu
