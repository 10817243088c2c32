// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/conformance/module.h"

#include <cstring>
#include <exception>
#include <initializer_list>
#include <string>

#include "kernels/cuda/cuda_check.h"
#include "kernels/cuda/driver_library.h"

namespace breakeven::conformance {
namespace {

using cuda::check_cuda;

const Launcher* find(const char* name) {
  for (const auto probes :
       {mma_probes(), wmma_probes(), wgmma_probes(), move_probes(), tma_probes(), order_probes()}) {
    for (const Launcher& probe : probes) {
      if (std::strcmp(probe.name, name) == 0) return &probe;
    }
  }
  return nullptr;
}

bool has(Needs needs) {
  cudaDeviceProp device;
  check_cuda(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
  const int capability = device.major * 10 + device.minor;
  switch (needs) {
    case Needs::turing:
      return capability >= 75;
    case Needs::ampere:
      return capability >= 80;
    case Needs::ada:
      return capability >= 89;
    case Needs::hopper:
      return capability == 90;
  }
  return false;
}

int gpu_count() {
  int count = 0;  // not written where there is no driver
  return cuda::driver_library_present() && cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
}

/// Device memory for the length of one probe.
class Buffer {
 public:
  explicit Buffer(int64_t bytes) : bytes_(static_cast<size_t>(bytes)) {
    check_cuda(cudaMalloc(reinterpret_cast<void**>(&data_), bytes_), "cudaMalloc");
  }
  ~Buffer() { cudaFree(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_;
  std::byte* data_ = nullptr;
};

void run(const Launcher& probe, const void* from, int64_t input_bytes, void* to, int64_t output_bytes) {
  const Buffer input(input_bytes), output(output_bytes);
  check_cuda(cudaMemcpy(input.data(), from, input.bytes(), cudaMemcpyHostToDevice), "the input's copy");
  check_cuda(cudaMemset(output.data(), 0xFF, output.bytes()), "cudaMemset");
  probe.launch(input.data(), output.data(), nullptr);
  check_cuda(cudaDeviceSynchronize(), probe.name);
  check_cuda(cudaMemcpy(to, output.data(), output.bytes(), cudaMemcpyDeviceToHost), "the output's copy");
}

}  // namespace
}  // namespace breakeven::conformance

extern "C" __attribute__((visibility("default"))) const char* breakeven_conformance(
    const char* name, const void* input, int64_t input_bytes, void* output, int64_t output_bytes) {
  using namespace breakeven::conformance;
  static std::string sentence;
  const Launcher* probe = find(name);
  if (!probe) return "this module has no such probe";
  try {
    if (gpu_count() == 0) return "skip: no GPU";
    if (!has(probe->needs)) return "skip: not an instruction of this GPU";
    run(*probe, input, input_bytes, output, output_bytes);
    return nullptr;
  } catch (const std::exception& error) {
    sentence = error.what();
    return sentence.c_str();
  }
}
