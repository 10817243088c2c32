// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "kernels/cuda/code.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/device_kernels.h"

namespace breakeven::cuda {
namespace {

std::vector<std::pair<std::string, std::string>> libraries() {
  std::vector<std::pair<std::string, std::string>> list{
      {"CUDA runtime", fmt::format("{}.{}", CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10)}};
  if (!code_compiler().empty()) list.emplace_back("nvcc", code_compiler());
  return list;
}

/// Of a ladder: overtaken by a later rung.
Kernel step(Kernel kernel) {
  kernel.rank = Rank::step;
  return kernel;
}

}  // namespace

std::vector<Kernel> kernels(const ContextPtr& context) {
  std::vector<Kernel> list;
  list.push_back(step(gemm_naive(context)));
  list.push_back(step(gemm_coalesced(context)));
  list.push_back(step(gemm_tiled(context)));
  list.push_back(step(gemm_register_tiled(context)));
  list.push_back(step(gemm_vectorised(context)));
  list.push_back(gemm_warp_tiled(context));
  list.push_back(gemm_fp32_tensor(context));
  list.push_back(step(gemm_wmma(context)));
  list.push_back(step(gemm_wmma_async(context)));
  list.push_back(step(gemm_mma_turing(context)));
  list.push_back(gemm_mma_swizzled(context));
  list.push_back(step(gemm_wgmma_tma(context)));
  list.push_back(step(gemm_warp_specialised(context)));
  list.push_back(step(gemm_two_consumers(context)));
  list.push_back(step(gemm_persistent(context)));
  list.push_back(gemm_tma_store(context));
  list.push_back(gemm_cluster(context));
  list.push_back(gemm_pingpong(context));
  list.push_back(gemm_stream_k(context));
  list.push_back(gemm_gemv(context));
  list.push_back(gemm_skinny(context));
  list.push_back(gemm_batched_small(context));
  list.push_back(gemm_cublaslt(context));
  list.push_back(gemm_cublaslt_best(context));
  list.push_back(with_transfer(gemm_cublaslt(context), context));
  list.push_back(with_transfer(gemm_vectorised(context), context));
  list.push_back(step(conv_direct(context)));
  list.push_back(conv_implicit_gemm(context));
  list.push_back(conv_depthwise(context));
  list.push_back(conv_tma(context));
  list.push_back(conv_cudnn(context));
  list.push_back(conv_cudnn_best(context));
  list.push_back(with_transfer(conv_cudnn(context), context));
  list.push_back(with_transfer(conv_implicit_gemm(context), context));
  for (const auto memory :
       {memory_copy_triad, memory_softmax, memory_layernorm, memory_layernorm_bwd, memory_gelu,
        memory_cross_entropy, memory_adamw, memory_gather, memory_scatter_add, memory_scatter_atomic}) {
    list.push_back(memory(context));
  }
  list.push_back(train_own(context));
  list.push_back(train_vendor(context));
  list.push_back(transfer_runtime(context));
  list.push_back(transfer_first_call(context));
  return list;
}

Backend describe() {
  Backend backend;
  backend.name = backend.device_id = "cuda";
  backend.kernels = kernels(nullptr);
  backend.libraries = libraries();
  return backend;
}

Backend open(int ordinal) {
  const auto context = std::make_shared<const Context>(ordinal);
  check_code_for_device();
  Backend backend = describe();
  backend.device_id = fmt::format("cuda:{}", ordinal);
  backend.device = std::make_unique<GpuDevice>(context);
  backend.kernels = kernels(context);
  return backend;
}

}  // namespace breakeven::cuda
