// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <random>
#include <vector>

#include "kernels/device/language.h"
#include "kernels/emu/bind.h"
#include "kernels/emu/device_memory.h"
#include "kernels/emu/fault.h"
#include "kernels/emu/grid.h"

// For the tests of the device functions' twins: kernels as lambdas, and what becomes of them.

namespace breakeven::emu {

inline constexpr uint64_t kSeeds = 8;  // 0: in turns; the others: adversarial

/// Device memory with `count` elements.
template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(size_t count)
      : data_(reinterpret_cast<T*>(allocate_device_memory(count * sizeof(T)))), count_(count) {}
  explicit DeviceArray(const std::vector<T>& from) : DeviceArray(from.size()) {
    std::copy(from.begin(), from.end(), data_);
  }
  ~DeviceArray() {
    if (data_ != nullptr) free_device_memory(data_);
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  T* get() const { return data_; }
  std::vector<T> host() const { return {data_, data_ + count_}; }
  void free() { free_device_memory(std::exchange(data_, nullptr)); }

 private:
  T* data_;
  size_t count_;
};

/// Random bytes in the shape of T.
template <class T>
std::vector<T> random_bits(size_t count, uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::vector<T> bits(count);
  for (T& b : bits) b = static_cast<T>(generator());
  return bits;
}

/// Every thread has a closure of its own, as it has its own kernel parameters: the host's is out of reach.
template <class Kernel>
void call_kernel(Kernel kernel) {
  kernel();
}

/// The sentence of the fault in which the kernel ends and its kind; nothing when it ends well.
struct Ended {
  std::optional<FaultKind> fault;
  std::string sentence;
};
template <class Kernel>
Ended run(const GridShape& shape, const Kernel& kernel, uint64_t seed) {
  try {
    run_grid("kernel", shape, bind_kernel(&call_kernel<Kernel>, kernel), seed);
    return {};
  } catch (const Fault& fault) {
    return {fault.kind, fault.what()};
  }
}

/// The kernel ends well under every seed, after each of which `check` looks at what it left.
template <class Kernel>
void expect_right(const GridShape& shape, const Kernel& kernel, const std::function<void()>& check) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Ended ended = run(shape, kernel, seed);
    ASSERT_FALSE(ended.fault) << "seed " << seed << ": " << ended.sentence;
    check();
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

/// The kernel ends in that fault under every seed.
template <class Kernel>
void expect_fault(FaultKind kind, const GridShape& shape, const Kernel& kernel) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Ended ended = run(shape, kernel, seed);
    ASSERT_TRUE(ended.fault) << "seed " << seed << ": it ended well";
    EXPECT_EQ(static_cast<int>(*ended.fault), static_cast<int>(kind))
        << "seed " << seed << ": " << ended.sentence;
  }
}

}  // namespace breakeven::emu
