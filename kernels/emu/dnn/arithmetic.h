// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "kernels/emu/dnn/graph.h"

namespace breakeven::emu {

/// One execution with everything it needs, as it stands on a stream.
struct DnnWork {
  DnnGraph graph;
  DnnEngine engine = DnnEngine::straight;
  std::map<int64_t, void*> pointers;  // by uid
  void* workspace = nullptr;
  int64_t workspace_bytes = 0;  // as the engine asked: it may write all of them
};

/// By plain loops over strides, in the type that the graph computes in.
void convolve(const DnnWork&);

}  // namespace breakeven::emu
