// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "kernels/cuda/context.h"
#include "kernels/cuda/cuda.h"

namespace breakeven::cuda {

/// Tests that need a GPU: skipped, never passed, where there is none. All share one context of the first
/// device: opening it takes seconds.
class Gpu : public testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (count(&why) == 0) GTEST_SKIP() << why;
    static const auto opened = std::make_shared<const Context>(0);
    context = opened;
    context->use();
  }
  ContextPtr context;
};

}  // namespace breakeven::cuda
