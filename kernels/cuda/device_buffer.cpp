// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/device_buffer.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/cuda/cuda_check.h"

namespace breakeven::cuda {
namespace {

constexpr unsigned char kGuardByte = 0xC3;  // not the poison, not a pattern of any likely value

int64_t rounded_up(int64_t bytes, int64_t to) { return (bytes + to - 1) / to * to; }

}  // namespace

DeviceBuffer::DeviceBuffer(int64_t bytes, int64_t copies, cudaStream_t stream)
    : bytes_(bytes), copies_(copies), stride_(rounded_up(bytes, kGuard) + kGuard) {
  const auto total = static_cast<size_t>(kGuard + copies_ * stride_);
  void* raw = nullptr;
  check_cuda(cudaMalloc(&raw, total), fmt::format("allocating {} bytes of device memory", total));
  data_ = static_cast<std::byte*>(raw);
  check_cuda(cudaMemsetAsync(data_, kGuardByte, total, stream), "writing guard bytes");
}

DeviceBuffer::~DeviceBuffer() {
  if (data_) cudaFree(data_);
}

DeviceBuffer::DeviceBuffer(DeviceBuffer&& other) noexcept { *this = std::move(other); }

DeviceBuffer& DeviceBuffer::operator=(DeviceBuffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  std::swap(copies_, other.copies_);
  std::swap(stride_, other.stride_);
  return *this;
}

void DeviceBuffer::fill(unsigned char value, cudaStream_t stream) const {
  // One by one: cudaMemset2D takes no pitch beyond 2 GiB.
  for (int64_t copy = 0; copy < copies_; ++copy) {
    check_cuda(cudaMemsetAsync(at(copy), value, static_cast<size_t>(bytes_), stream),
               "filling device memory");
  }
}

void DeviceBuffer::upload(const void* from, cudaStream_t stream) const {
  const auto size = static_cast<size_t>(bytes_);
  check_cuda(cudaMemcpyAsync(at(0), from, size, cudaMemcpyHostToDevice, stream), "copying to the device");
  for (int64_t copy = 1; copy < copies_; ++copy) {
    check_cuda(cudaMemcpyAsync(at(copy), at(0), size, cudaMemcpyDeviceToDevice, stream),
               "copying on the device");
  }
  check_cuda(cudaStreamSynchronize(stream), "copying to the device");
}

void DeviceBuffer::download(int64_t copy, void* to, cudaStream_t stream) const {
  check_cuda(cudaMemcpyAsync(to, at(copy), static_cast<size_t>(bytes_), cudaMemcpyDeviceToHost, stream),
             "copying from the device");
  check_cuda(cudaStreamSynchronize(stream), "copying from the device");
}

void DeviceBuffer::check_guards(int64_t copy, std::string_view what, cudaStream_t stream) const {
  // The gap before the block, and the padding and gap after it.
  const int64_t after = stride_ - bytes_;
  std::vector<unsigned char> guard(static_cast<size_t>(kGuard + after));
  check_cuda(cudaMemcpyAsync(guard.data(), at(copy) - kGuard, kGuard, cudaMemcpyDeviceToHost, stream),
             "reading guards");
  check_cuda(cudaMemcpyAsync(guard.data() + kGuard, at(copy) + bytes_, static_cast<size_t>(after),
                             cudaMemcpyDeviceToHost, stream),
             "reading guards");
  check_cuda(cudaStreamSynchronize(stream), "reading guards");
  const auto damaged = std::ranges::find_if(guard, [](unsigned char byte) { return byte != kGuardByte; });
  if (damaged == guard.end()) return;
  const int64_t offset = (damaged - guard.begin()) - kGuard;
  throw std::runtime_error(fmt::format("out-of-bounds write: byte {} relative to {} {} was changed",
                                       offset < 0 ? offset : offset + bytes_, what, copy));
}

}  // namespace breakeven::cuda
