// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "harness/plugin.h"

#include "harness/build_id.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/first_call.h"

/// The one symbol that libbreakeven_cuda.so shows.
extern "C" __attribute__((visibility("default"))) const breakeven::Plugin* breakeven_plugin() {
  static const breakeven::Plugin plugin{BREAKEVEN_BUILD_ID, breakeven::cuda::describe, breakeven::cuda::count,
                                        breakeven::cuda::open, breakeven::cuda::first_call};
  return &plugin;
}
