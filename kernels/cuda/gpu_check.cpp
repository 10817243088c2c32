// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// gpu_check: everything that only a GPU can show, for scripts/gpu. Prints `N passed, N failed, N skipped`;
// exit status 0, 1 when something failed, 77 when there is no GPU here and nothing was shown.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "kernels/cuda/cuda.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  std::string why;
  const bool present = breakeven::cuda::count(&why) > 0;
  const int status = RUN_ALL_TESTS();
  const testing::UnitTest& run = *testing::UnitTest::GetInstance();
  fmt::print("{} passed, {} failed, {} skipped\n", run.successful_test_count(), run.failed_test_count(),
             run.skipped_test_count());
  if (status != 0) return 1;
  if (present) return 0;
  fmt::print("no GPU: {}\n", why);
  return 77;
}
