// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "kernels/emu/runtime/runtime.h"
#include "kernels/emu/runtime/seed.h"

namespace breakeven::emu {

/// A test that begins on devices as after a start, and ends with nothing left on them.
class Device : public testing::Test {
 protected:
  void SetUp() override {
    set_seed(0);
    reset_runtime();
    cudaSetDevice(0);
    cudaGetLastError();
  }
  void TearDown() override {
    EXPECT_EQ(leaks(), std::vector<std::string>{});
    reset_runtime();
  }
};

/// The emulator's sentence behind the last refusal.
inline std::string why(cudaError_t status) { return cudaGetErrorString(status); }

#define EXPECT_REFUSED(status, code, words)                         \
  do {                                                              \
    const cudaError_t got = (status);                               \
    EXPECT_EQ(got, code) << cudaGetErrorName(got);                  \
    EXPECT_NE(why(got).find(words), std::string::npos) << why(got); \
  } while (false)

/// Device memory for the length of a scope.
struct Block {
  explicit Block(size_t bytes) { EXPECT_EQ(cudaMalloc(&at, bytes), cudaSuccess); }
  ~Block() { cudaFree(at); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  std::byte* bytes() const { return static_cast<std::byte*>(at); }
  void* at = nullptr;
};

/// Page-locked host memory likewise.
struct Pinned {
  explicit Pinned(size_t bytes, unsigned flags = cudaHostAllocDefault) {
    EXPECT_EQ(cudaHostAlloc(&at, bytes, flags), cudaSuccess);
  }
  ~Pinned() { cudaFreeHost(at); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  int& word(size_t i = 0) const { return static_cast<int*>(at)[i]; }
  void* at = nullptr;
};

struct TestStream {
  explicit TestStream(unsigned flags = cudaStreamNonBlocking) {
    EXPECT_EQ(cudaStreamCreateWithFlags(&stream, flags), cudaSuccess);
  }
  ~TestStream() { cudaStreamDestroy(stream); }
  TestStream(const TestStream&) = delete;
  TestStream& operator=(const TestStream&) = delete;
  cudaStream_t stream = nullptr;
};

}  // namespace breakeven::emu
