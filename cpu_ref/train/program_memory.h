// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "harness/precision.h"
#include "harness/train/program.h"

namespace breakeven::cpu {

/// Where everything that a program's operations read and write lies.
struct ProgramMemory {
  const train::Program* program = nullptr;
  Element activation = Element::fp32;  // or bf16
  std::vector<std::byte*> values;      // by ValueId; null where nobody writes it
  float* parameters = nullptr;         // arenas (program.h)
  /// The arena of parameters in the activations' element: in fp32 the parameters themselves.
  std::byte* narrow_parameters = nullptr;
  float* gradients = nullptr;
  float* states = nullptr;

  template <class T = void>
  T* value(train::ValueId id) const {
    return reinterpret_cast<T*>(values[static_cast<size_t>(id)]);
  }
  float* parameter(int id) const { return parameters + program->parameter(id).offset; }
  void* narrow_parameter(int id) const {
    return narrow_parameters + program->parameter(id).offset * bytes(activation);
  }
  float* gradient(int id) const { return gradients + program->parameter(id).offset; }
  float* state(int id) const { return states + program->states[static_cast<size_t>(id)].offset; }
};

}  // namespace breakeven::cpu
