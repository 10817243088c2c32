// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/backend.h"
#include "kernels/cuda/gemm_job.h"

// The catalogue of the CUDA backend: one function per contender, one file per function. To add one: write the
// file, declare it here, add it to the list in list.cpp and to meson.build.

namespace breakeven::cuda {

// GEMM, the ladder: each rung is one idea more than the one above it (gemm/<name>.cu).
Kernel gemm_naive(const ContextPtr&);           // one thread per element, three loops
Kernel gemm_coalesced(const ContextPtr&);       // + warps along the rows of C
Kernel gemm_tiled(const ContextPtr&);           // + tiles in shared memory
Kernel gemm_register_tiled(const ContextPtr&);  // + an 8 x 8 tile of C in each thread's registers
Kernel gemm_vectorised(const ContextPtr&);      // + 16 bytes at a time, the next tiles fetched ahead
Kernel gemm_warp_tiled(const ContextPtr&);      // + 64 x 64 per warp, four stages of asynchronous copies
Kernel gemm_fp32_tensor(const ContextPtr&);     // fp32 from bf16 products on Hopper's tensor cores

// GEMM of shapes that memory bounds, each made for its own (gemm/<name>.cu).
Kernel gemm_gemv(const ContextPtr&);           // m up to 4, or n = 1
Kernel gemm_skinny(const ContextPtr&);         // m from 5 to 64
Kernel gemm_batched_small(const ContextPtr&);  // matrices of up to 128 x 128 x 128

// GEMM, tensor cores by warps: any GPU from 7.5 on (bf16 and what follows wmma: from 8.0 on).
Kernel gemm_wmma(const ContextPtr&);          // 16 x 16 x 16 at once, by the portable interface
Kernel gemm_wmma_async(const ContextPtr&);    // + copies that run ahead, padded tiles
Kernel gemm_mma_turing(const ContextPtr&);    // the next with what Turing has: no copies that run ahead
Kernel gemm_mma_swizzled(const ContextPtr&);  // + the instruction itself, ldmatrix, swizzled tiles

// GEMM, tensor cores as Hopper has them (9.0 alone). From two_consumers on in tf32, fp8 and int8 as well.
Kernel gemm_wgmma_tma(const ContextPtr&);         // four warps multiply from shared memory that TMA fills
Kernel gemm_warp_specialised(const ContextPtr&);  // + one warpgroup loads, one multiplies, barriers between
Kernel gemm_two_consumers(const ContextPtr&);     // + two multiply, 128 x 256 tiles
Kernel gemm_persistent(const ContextPtr&);        // + blocks that stay, tiles in an order that suits L2
Kernel gemm_tma_store(const ContextPtr&);         // + C leaves by TMA under the next tile
Kernel gemm_cluster(const ContextPtr&);           // + pairs of blocks that load B for each other
Kernel gemm_pingpong(const ContextPtr&);          // + the two take turns, each with a tile of its own
Kernel gemm_stream_k(const ContextPtr&);          // tma_store with the steps of k shared out evenly

// GEMM, NVIDIA's library, opened when first prepared.
Kernel gemm_cublaslt(const ContextPtr&);       // the algorithm its heuristic names first
Kernel gemm_cublaslt_best(const ContextPtr&);  // the fastest of up to 32 it names, timed at set-up

// Convolution (conv/<name>.cu).
Kernel conv_direct(const ContextPtr&);         // one thread per element of the result
Kernel conv_implicit_gemm(const ContextPtr&);  // a product of matrices, gathered tile by tile
Kernel conv_depthwise(const ContextPtr&);      // one channel a group
Kernel conv_tma(const ContextPtr&);            // implicit GEMM by wgmma, TMA walks the images

// Operations that memory bounds (memory/<name>.cu).
Kernel memory_copy_triad(const ContextPtr&);      // copy, triad
Kernel memory_softmax(const ContextPtr&);         // a row waits in registers between its load and its store
Kernel memory_layernorm(const ContextPtr&);       // the same
Kernel memory_layernorm_bwd(const ContextPtr&);   // + sums over columns, in a fixed order
Kernel memory_gelu(const ContextPtr&);            // one exponential and one division
Kernel memory_cross_entropy(const ContextPtr&);   // loss and gradient in one pass
Kernel memory_adamw(const ContextPtr&);           // parameters and moments in place
Kernel memory_gather(const ContextPtr&);          // rows of a table
Kernel memory_scatter_add(const ContextPtr&);     // into rows of a table, in a fixed order
Kernel memory_scatter_atomic(const ContextPtr&);  // in any order

// Convolution, NVIDIA's library, opened when first prepared.
Kernel conv_cudnn(const ContextPtr&);       // the first engine its heuristics name that works
Kernel conv_cudnn_best(const ContextPtr&);  // the fastest of all they name, timed at set-up

// Trainings (train/train.cpp).
Kernel train_own(const ContextPtr&);     // every operation by kernels of this project (train/*.cu)
Kernel train_vendor(const ContextPtr&);  // linear layers by cuBLASLt, convolutions by cuDNN, own for the rest

// Bytes on their way and latencies.
Kernel transfer_runtime(const ContextPtr&);     // copies and launches by the CUDA runtime (transfer_job.cpp)
Kernel transfer_first_call(const ContextPtr&);  // a context, a library, in a fresh process (first_call.cpp)

/// Another contender with the journey included: operands to the device, the kernel, the result back.
Kernel with_transfer(Kernel, const ContextPtr&);

/// Every contender in report order; `context` null lists them without a device.
std::vector<Kernel> kernels(const ContextPtr& context);

/// What a plugin must answer (harness/plugin.h).
Backend describe();
int count(std::string* why);
Backend open(int ordinal);

}  // namespace breakeven::cuda
