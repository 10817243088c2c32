// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "kernels/emu/bind.h"
#include "kernels/emu/device_memory.h"
#include "kernels/emu/grid.h"
#include "kernels/emu/scheduler.h"

namespace breakeven::emu {

/// An array in device memory that the test fills and reads; freed at the end.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(size_t count) : count_(count), bytes_(allocate_device_memory(count * sizeof(T))) {}
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    std::memcpy(bytes_, values.data(), values.size() * sizeof(T));
  }
  ~DeviceArray() { free_device_memory(bytes_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  operator T*() const { return reinterpret_cast<T*>(bytes_); }
  std::vector<T> values() const { return {static_cast<T*>(*this), static_cast<T*>(*this) + count_}; }

 private:
  size_t count_;
  std::byte* bytes_;
};

/// The fault that a kernel ends with, or none.
template <class... Parameters, class... Arguments>
std::optional<Fault> fault_of(const GridShape& shape, uint64_t seed, void (*kernel)(Parameters...),
                              Arguments&&... arguments) {
  try {
    run_grid("a kernel", shape, bind_kernel(kernel, std::forward<Arguments>(arguments)...), seed);
  } catch (const Fault& fault) {
    return fault;
  }
  return std::nullopt;
}

/// Under the plain order and `seeds` others.
template <class... Parameters, class... Arguments>
void expect_clean(const GridShape& shape, uint64_t seeds, void (*kernel)(Parameters...),
                  Arguments&&... arguments) {
  for (uint64_t seed = 0; seed <= seeds; ++seed) {
    const std::optional<Fault> fault = fault_of(shape, seed, kernel, arguments...);
    ASSERT_FALSE(fault) << "seed " << seed << ": " << fault->what();
  }
}

/// The same fault under the plain order and `seeds` others, each time with `words` in its sentence.
template <class... Parameters, class... Arguments>
void expect_fault(FaultKind kind, const std::string& words, const GridShape& shape, uint64_t seeds,
                  void (*kernel)(Parameters...), Arguments&&... arguments) {
  for (uint64_t seed = 0; seed <= seeds; ++seed) {
    const std::optional<Fault> fault = fault_of(shape, seed, kernel, arguments...);
    ASSERT_TRUE(fault) << "seed " << seed << ": no fault";
    EXPECT_EQ(fault->kind, kind) << fault->what();
    EXPECT_NE(std::string(fault->what()).find(words), std::string::npos) << fault->what();
  }
}

inline GridShape one_block(unsigned threads, int64_t shared_bytes = 0) {
  return {.grid = dim3(1), .block = dim3(threads), .shared_bytes = shared_bytes};
}

}  // namespace breakeven::emu
