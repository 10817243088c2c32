// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/pages.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "harness/backend.h"

namespace breakeven::cpu {
namespace {

constexpr int64_t kCacheLine = 64;
constexpr int64_t kHugePage = int64_t{1} << 21;
constexpr int64_t kPiece = int64_t{1} << 18;  // bytes one thread writes at a time; below it threads cost more

/// Calls `write(offset, bytes)` over [0, bytes), all threads, contiguous parts.
template <class Write>
void in_pieces(int64_t bytes, const Write& write) {
  const int64_t pieces = (bytes + kPiece - 1) / kPiece;
#pragma omp parallel for schedule(static) if (pieces > 1)
  for (int64_t i = 0; i < pieces; ++i) write(i * kPiece, std::min(kPiece, bytes - i * kPiece));
}

}  // namespace

Pages::Pages(int64_t bytes) : size_(bytes) {
  if (bytes == 0) return;
  const int64_t page = bytes >= kHugePage ? kHugePage : kCacheLine * kCacheLine;
  size_ = (bytes + page - 1) / page * page;
  void* got =
      mmap(nullptr, static_cast<size_t>(size_), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (got == MAP_FAILED) {
    throw OutOfMemory(fmt::format("no {} bytes of host memory; choose a smaller problem", size_));
  }
  data_ = static_cast<std::byte*>(got);
  madvise(got, static_cast<size_t>(size_), MADV_HUGEPAGE);  // advice: a kernel without it changes nothing
}

Pages::Pages(Pages&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Pages& Pages::operator=(Pages&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Pages::~Pages() {
  if (data_) munmap(data_, static_cast<size_t>(size_));
}

SlottedPages::SlottedPages(int64_t slots, int64_t bytes)
    : slots_(slots),
      bytes_(bytes),
      stride_((bytes + kCacheLine - 1) / kCacheLine * kCacheLine),
      pages_(slots * stride_) {}

void SlottedPages::copy_in(const std::byte* from) {
  for (int64_t slot = 0; slot < slots_; ++slot) {
    in_pieces(bytes_, [&](int64_t offset, int64_t bytes) {
      std::memcpy(at(slot) + offset, from + offset, static_cast<size_t>(bytes));
    });
  }
}

void SlottedPages::fill(unsigned char byte) {
  in_pieces(slots_ * stride_, [&](int64_t offset, int64_t bytes) {
    std::memset(at(0) + offset, byte, static_cast<size_t>(bytes));
  });
}

}  // namespace breakeven::cpu
