// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/code.h"

namespace breakeven::cuda {
namespace {

/// "naive" of "kernels/cuda/gemm/naive.cu".
std::string_view stem(std::string_view source) {
  source.remove_prefix(source.rfind('/') + 1);
  return source.substr(0, source.rfind('.'));
}

bool runs_on(const CodeRow& row, int capability) {
  if (row.capability == 0) return false;
  if (row.arch.ends_with('a')) return row.capability == capability;
  return row.capability / 10 == capability / 10 && row.capability <= capability;
}

/// Among codes that run, the driver takes the one made for the most: sm_90a before sm_90, sm_86 before sm_80.
bool closer(const CodeRow& row, const CodeRow& than) {
  if (row.capability != than.capability) return row.capability > than.capability;
  return row.arch.ends_with('a') && !than.arch.ends_with('a');
}

}  // namespace

const CodeRow* code_for(std::span<const CodeRow> table, std::string_view source, int capability) {
  const CodeRow* best = nullptr;
  for (const CodeRow& row : table) {
    if (row.source != source || !runs_on(row, capability)) continue;
    if (!best || closer(row, *best)) best = &row;
  }
  return best;
}

void add_code(Kernel& kernel, std::string_view file, int capability) {
  const auto add = [&](const CodeRow& row) {
    kernel.code.push_back({std::string(row.arch), std::string(row.sha256)});
  };
  for (const CodeRow& row : code_table()) {
    if (stem(row.source) != file) continue;
    kernel.source = row.source;
    if (capability == 0 && row.capability != 0) add(row);
  }
  if (kernel.source.empty() || capability == 0) return;
  if (const CodeRow* row = code_for(code_table(), kernel.source, capability)) add(*row);
}

}  // namespace breakeven::cuda
