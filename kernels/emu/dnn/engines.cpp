// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The heuristics: which engines there are for a graph, and what they say of themselves.

#include <algorithm>

#include "kernels/emu/dnn/graph.h"
#include "kernels/emu/runtime/seed.h"

namespace breakeven::emu {
namespace {

bool is_16_bit(const DnnGraph& graph) { return element_bytes(graph.result().type) == 2; }

std::vector<cudnnBackendNumericalNote_t> notes(DnnEngine engine, const DnnGraph& graph) {
  std::vector<cudnnBackendNumericalNote_t> list;
  const bool wide = graph.compute == CUDNN_DATA_DOUBLE || graph.x.type == CUDNN_DATA_FLOAT;
  if (!wide || engine == DnnEngine::tensor_cores) list.push_back(CUDNN_NUMERICAL_NOTE_TENSOR_CORE);
  if (engine == DnnEngine::rounds_sums) list.push_back(CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION);
  return list;
}

std::shared_ptr<DnnDescriptor> filled(cudnnBackendDescriptorType_t kind) {
  auto made = std::make_shared<DnnDescriptor>();
  made->kind = kind;
  made->finalized = true;
  return made;
}

DnnPart configuration(DnnEngine which, const DnnGraph& means, const DnnPart& graph) {
  const auto engine = filled(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  engine->put_parts(CUDNN_ATTR_ENGINE_OPERATION_GRAPH, {graph});
  engine->put<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, {static_cast<int64_t>(which)});
  engine->put(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE, notes(which, means));
  const auto made = filled(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
  made->put_parts(CUDNN_ATTR_ENGINECFG_ENGINE, {engine});
  if (which == DnnEngine::split) {
    const auto knob = filled(CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
    knob->put<cudnnBackendKnobType_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE,
                                      {CUDNN_KNOB_TYPE_SPLIT_K_SLC});
    knob->put<int64_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, {2});
    made->put_parts(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, {knob});
  }
  return made;
}

}  // namespace

/// Mode A's order turns with the seed, so that each of its engines is the first one some time.
std::vector<DnnPart> engines_for(const DnnPart& graph, cudnnBackendHeurMode_t mode) {
  const DnnGraph means = graph_of(*graph);
  std::vector<DnnEngine> order;
  if (mode == CUDNN_HEUR_MODE_A) {
    order = {DnnEngine::refuses_graph, DnnEngine::refuses_to_run, DnnEngine::split};
    if (is_16_bit(means)) order.push_back(DnnEngine::rounds_sums);
    if (means.x.type == CUDNN_DATA_FLOAT) order.push_back(DnnEngine::tensor_cores);
    std::rotate(order.begin(), order.begin() + static_cast<int64_t>(seed() % order.size()), order.end());
  } else if (mode == CUDNN_HEUR_MODE_B) {
    order = {DnnEngine::straight, DnnEngine::split};
  } else if (mode == CUDNN_HEUR_MODE_FALLBACK) {
    order = {DnnEngine::straight, DnnEngine::backwards};
  } else {
    refuse(CUDNN_STATUS_NOT_SUPPORTED, "modes A, B and FALLBACK are known here");
  }
  std::vector<DnnPart> list;
  for (const DnnEngine engine : order) list.push_back(configuration(engine, means, graph));
  return list;
}

/// Two partial sums for each element of the result.
int64_t workspace_of(const DnnGraph& graph, DnnEngine engine) {
  return engine == DnnEngine::split ? 2 * graph.result().elements() * element_bytes(graph.compute) : 0;
}

}  // namespace breakeven::emu
