// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace breakeven::cpu {

// Seconds from before this process's first call into a library to the result of a small fp32 product by it:
// its threads started, its kernels chosen or made. Meaningful once a process. Throw std::runtime_error when
// the product is wrong.
double first_openblas_seconds();  // cblas_sgemm
double first_onednn_seconds();    // engine, stream, matmul primitive, one execution

/// The same by the library's name, "openblas" or "onednn"; nothing when this build has none of that name.
std::optional<double> first_library_seconds(std::string_view library);

}  // namespace breakeven::cpu
