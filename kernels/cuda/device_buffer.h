// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace breakeven::cuda {

/// `copies` blocks of `bytes` each in device memory, every block aligned to 256 bytes (what vector loads,
/// tensor cores and libraries like best) and with at least 256 guard bytes before and after it:
///
///     guard | block 0 | padding, guard | block 1 | padding, guard ...
///
/// A kernel that writes outside its block damages a guard, and `check_guards` says so.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  /// Throws OutOfMemory. Everything, guards and blocks, holds guard bytes at first.
  DeviceBuffer(int64_t bytes, int64_t copies, cudaStream_t stream);
  ~DeviceBuffer();
  DeviceBuffer(DeviceBuffer&& other) noexcept;
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept;

  std::byte* at(int64_t copy) const { return data_ ? data_ + kGuard + copy * stride_ : nullptr; }
  template <class T>
  T* as(int64_t copy = 0) const {
    return reinterpret_cast<T*>(at(copy));
  }
  int64_t bytes() const { return bytes_; }  // of one block
  int64_t copies() const { return copies_; }

  /// Every byte of every block becomes `value`; guards stay.
  void fill(unsigned char value, cudaStream_t stream) const;
  /// Block 0 := host memory, then every other block := block 0. Returns when the host memory may be reused.
  void upload(const void* from, cudaStream_t stream) const;
  /// Waits, then copies block `copy` to the host.
  void download(int64_t copy, void* to, cudaStream_t stream) const;
  /// Waits, then throws when a byte around block `copy` has changed; `what` names the block.
  void check_guards(int64_t copy, std::string_view what, cudaStream_t stream) const;

 private:
  static constexpr int64_t kGuard = 256;
  std::byte* data_ = nullptr;
  int64_t bytes_ = 0, copies_ = 0, stride_ = 0;
};

}  // namespace breakeven::cuda
