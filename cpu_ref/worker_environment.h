// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace breakeven::cpu {

/// What decides which variables a worker needs; all of it can be made up in a test.
struct Surroundings {
  std::vector<std::string> isa;  // as in Machine
  std::string openblas_core;     // what the library picked in this process; "" without OpenBLAS
  bool sbgemm = false;           // whether this OpenBLAS multiplies bf16
  int threads = 1;
  std::function<bool(const char*)> is_set;  // whether the user has set a variable
};

std::vector<std::pair<std::string, std::string>> worker_environment(const Surroundings&);

}  // namespace breakeven::cpu
