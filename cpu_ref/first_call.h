// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace breakeven::cpu {

// Seconds from before this process's first call into a library to the result of a small fp32 product by it:
// its threads started, its kernels chosen or made. Meaningful once a process. Throw std::runtime_error when
// the product is wrong.
#if BREAKEVEN_OPENBLAS
double first_openblas_seconds();  // cblas_sgemm
#endif
#if BREAKEVEN_ONEDNN
double first_onednn_seconds();  // engine, stream, matmul primitive, one execution
#endif

}  // namespace breakeven::cpu
