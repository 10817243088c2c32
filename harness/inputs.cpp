// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/inputs.h"

#include <functional>
#include <numeric>

namespace breakeven {

int64_t ArrayShape::size() const {
  return std::accumulate(extents.begin(), extents.end(), int64_t{1}, std::multiplies<>());
}

int64_t ArrayShape::bytes() const { return size() * breakeven::bytes(element); }

int64_t bytes(const std::vector<ArrayShape>& arrays) {
  return std::transform_reduce(arrays.begin(), arrays.end(), int64_t{0}, std::plus<>(),
                               [](const ArrayShape& a) { return a.bytes(); });
}

}  // namespace breakeven
