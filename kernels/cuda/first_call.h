// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace breakeven::cuda {

/// Seconds of what a process does once, on device `ordinal`: "context", from nothing to a stream that
/// answers; "library", then cuBLASLt opened, its handle made and a small product computed; "autotune", after
/// that, a product with its algorithms timed. Meaningful once a process. Throws when there is no such word or
/// the product is wrong.
double first_call(const std::string& what, int ordinal);

}  // namespace breakeven::cuda
