#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Which instructions the machine code of a kernel file must hold, and which it must not."""

# The lowest 12 bits of a 128-bit instruction; the same on sm_75 to sm_120. Each was held against what nvdisasm 13
# prints. Where there are several, the form of an operand makes the difference.
OPCODES = {
    'FFMA': {0x223, 0x423, 0x823, 0xa23, 0xc23},
    'HMMA': {0x23c}, 'IMMA': {0x237}, 'DMMA': {0x23f}, 'QMMA': {0x27a},   # mma: 16 bits and tf32; int8; fp64; fp8
    'HGMMA': {0x9f0}, 'QGMMA': {0x9f3}, 'IGMMA': {0x9f1},            # wgmma on bf16, fp16, tf32; on fp8; on int8
    'LDSM': {0x83b}, 'STSM': {0x844}, 'LDGSTS': {0xfae},             # ldmatrix, stmatrix, cp.async
    'UTMALDG': {0x5b4, 0x3b4}, 'UTMALDG.MULTICAST': {0x3b4},         # TMA: load, load into several blocks
    'UTMALDG.IM2COL': {0x3b4},                                       # TMA in im2col mode: the same number
    'UTMASTG': {0x3b5}, 'UTMAREDG': {0x3b6},                         # TMA: store, add in global memory
    'USETMAXREG': {0x9c8}, 'LDL': {0x983}, 'STL': {0x387},           # setmaxnreg; loads and stores of local memory
}
LOCAL_MEMORY = ('LDL', 'STL')
TENSOR_CORE = ('HMMA', 'IMMA', 'DMMA', 'QMMA', 'HGMMA', 'QGMMA', 'IGMMA')

CUDA_CORES = [('90a', ['FFMA'], TENSOR_CORE)]   # the exact fp32 rungs: no tensor core rounds for them

THIN = [('80', ['HMMA', 'LDSM', 'LDGSTS', 'FFMA'], [])]   # 16 bits one way, fp32 the other


def hopper(must, must_not=()):
    """A rung of wgmma and TMA: on nothing older, and never by way of the registers."""
    return [('90a', ['HGMMA', 'UTMALDG', *must], ['HMMA', 'IMMA', 'LDGSTS', *must_not])]


# File -> (architecture it is looked at on, what some kernel in it must hold, what no kernel in it may hold), ...
EXPECTED = {
    'fma_peak.cu': [('90a', ['FFMA'], TENSOR_CORE)],
    'wmma_peak.cu': [('75', ['HMMA'], []), ('80', ['HMMA', 'IMMA', 'DMMA'], [])],
    'mma_peak.cu': [('89', ['QMMA'], []), ('90a', ['DMMA'], [])],
    'wgmma_peak.cu': [('90a', ['HGMMA', 'QGMMA', 'IGMMA'], ['HMMA', 'IMMA'])],
    'gemm/naive.cu': CUDA_CORES,
    'gemm/coalesced.cu': CUDA_CORES,
    'gemm/tiled.cu': CUDA_CORES,
    'gemm/register_tiled.cu': CUDA_CORES,
    'gemm/vectorised.cu': CUDA_CORES,
    'gemm/warp_tiled.cu': [*CUDA_CORES, ('80', ['FFMA', 'LDGSTS'], TENSOR_CORE)],
    'gemm/fp32_tensor.cu': hopper([], ['QGMMA', 'IGMMA']),
    'gemm/wmma.cu': [('75', ['HMMA'], []), ('80', ['HMMA'], ['LDGSTS']), ('90a', ['HMMA'], ['HGMMA'])],
    'gemm/wmma_async.cu': [('80', ['HMMA', 'LDGSTS'], []), ('90a', ['HMMA', 'LDGSTS'], ['HGMMA'])],
    'gemm/mma_swizzled.cu': [('75', ['HMMA', 'LDSM'], []), ('80', ['HMMA', 'IMMA', 'LDSM', 'LDGSTS'], []),
                             ('90a', ['HMMA', 'IMMA', 'LDSM', 'LDGSTS'], ['HGMMA'])],
    'gemm/gemv.cu': [('90a', ['FFMA'], TENSOR_CORE)],
    'gemm/skinny.cu': THIN,
    'gemm/batched_small.cu': THIN,
    'conv/direct.cu': CUDA_CORES,
    'conv/depthwise.cu': CUDA_CORES,
    'conv/implicit_gemm.cu': [('75', ['HMMA', 'LDSM', 'FFMA'], []),
                              ('80', ['HMMA', 'IMMA', 'LDSM', 'LDGSTS', 'FFMA'], []),
                              ('90a', ['HMMA', 'IMMA', 'LDSM', 'LDGSTS', 'FFMA'], ['HGMMA'])],
    'gemm/wgmma_tma.cu': hopper([], ['USETMAXREG', 'UTMASTG']),
    'gemm/warp_specialised.cu': hopper(['USETMAXREG'], ['UTMASTG']),
    'gemm/two_consumers.cu': hopper(['QGMMA', 'IGMMA', 'USETMAXREG'], ['UTMASTG']),
    'gemm/persistent.cu': hopper(['QGMMA', 'IGMMA', 'USETMAXREG'], ['UTMASTG']),
    'gemm/tma_store.cu': hopper(['QGMMA', 'IGMMA', 'USETMAXREG', 'UTMASTG', 'STSM'], ['UTMALDG.MULTICAST']),
    'gemm/cluster.cu': hopper(['QGMMA', 'IGMMA', 'USETMAXREG', 'UTMASTG', 'STSM', 'UTMALDG.MULTICAST']),
    'gemm/pingpong.cu': hopper(['QGMMA', 'IGMMA', 'USETMAXREG', 'UTMASTG', 'STSM', 'UTMALDG.MULTICAST']),
    'gemm/stream_k.cu': hopper(['QGMMA', 'IGMMA', 'USETMAXREG', 'UTMASTG', 'STSM'], ['UTMALDG.MULTICAST']),
    'conv/tma.cu': hopper(['IGMMA', 'USETMAXREG', 'UTMASTG', 'STSM', 'UTMALDG.IM2COL']),
    'train/product.cu': [('75', ['HMMA', 'LDSM', 'FFMA'], []), ('80', ['HMMA', 'LDSM', 'LDGSTS', 'FFMA'], []),
                         ('90a', ['HMMA', 'LDSM', 'LDGSTS', 'FFMA'], ['HGMMA'])],
    **{f'train/{name}.cu': CUDA_CORES for name in (
        'attention', 'attention_bwd', 'batch_norm', 'elementwise', 'layer_norm', 'loss', 'table', 'update')},
    **{f'memory/{name}.cu': CUDA_CORES for name in (
        'adamw', 'copy_triad', 'cross_entropy', 'gelu', 'layernorm', 'layernorm_bwd', 'softmax')},
}
# Bytes that a kernel of the file may spill, on any architecture but sm_90a, which has none: seen with nvcc 13.0 on sm_80,
# sm_100 and sm_120, outside of inner loops or in the plainest rung. Debts, not permissions: to be lowered.
MAY_SPILL = {'conv/implicit_gemm.cu': 52, 'conv/direct.cu': 72, 'memory/cross_entropy.cu': 8, 'memory/scatter_add.cu': 8,
             'train/layer_norm.cu': 16}
# Kernels that prepare operands for a rung: nothing in particular is wanted of them.
HELPERS = {'gemm/fp32_planes.cu', 'gemm/repitch.cu'}


def count(histogram, name):
    """How often instruction `name` occurs in a Counter of opcodes."""
    return sum(histogram[number] for number in OPCODES[name])
