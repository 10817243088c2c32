// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/cuda/cudnn_engines.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/backend.h"

namespace breakeven::cuda {
namespace {

using Notes = std::vector<cudnnBackendNumericalNote_t>;

bool has(const Notes& notes, cudnnBackendNumericalNote_t note) {
  return std::ranges::find(notes, note) != notes.end();
}

/// What an engine may do to the numbers. Nobody may round operands further than the precision has it, or add
/// in less than fp32; tensor cores round fp32 to tf32. Winograd and Fourier transforms add and subtract whole
/// tiles first: their error is relative to the largest element around, and an answer is held to that of the
/// products it sums.
bool allowed(const Notes& notes, Precision precision) {
  if (precision == Precision::fp32 && has(notes, CUDNN_NUMERICAL_NOTE_TENSOR_CORE)) return false;
  for (const auto note :
       {CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS, CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION,
        CUDNN_NUMERICAL_NOTE_FFT, CUDNN_NUMERICAL_NOTE_WINOGRAD, CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4,
        CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6, CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13}) {
    if (has(notes, note)) return false;
  }
  return true;
}

std::string notes_in_words(const Notes& notes) {
  std::string words;
  if (has(notes, CUDNN_NUMERICAL_NOTE_TENSOR_CORE)) words += ", tensor cores";
  if (has(notes, CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)) words += ", order of sums not fixed";
  return words;
}

std::string knobs_in_words(const CudnnDescriptor& configuration) {
  std::string words;
  const auto choices = configuration.parts(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES,
                                           CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, CUDNN_KNOB_TYPE_COUNTS);
  for (const CudnnDescriptor& choice : choices) {
    words += fmt::format(
        " {}={}", static_cast<int>(choice.value<cudnnBackendKnobType_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE)),
        choice.value<int64_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE));
  }
  return words.empty() ? words : ", knobs" + words;
}

}  // namespace

CudnnEngines::CudnnEngines(const Cudnn& dnn, cudnnHandle_t handle, const CudnnConvGraph& graph,
                           Precision precision)
    : dnn_(dnn), handle_(handle) {
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_B, CUDNN_HEUR_MODE_FALLBACK}) {
    try {
      ask(mode, graph, precision);
    } catch (const Unsupported& failure) {  // one mode may know nothing where another does
      last_failure_ = failure.what();
    }
  }
}

void CudnnEngines::ask(cudnnBackendHeurMode_t mode, const CudnnConvGraph& graph, Precision precision) {
  CudnnDescriptor heuristics(dnn_, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph.graph());
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_MODE, {mode});
  heuristics.finalize();
  const int64_t found = heuristics.count(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR);
  if (found == 0) return;
  for (CudnnDescriptor& configuration :
       heuristics.parts(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, found)) {
    const auto engines = configuration.parts(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1);
    if (engines.empty()) continue;
    const Notes notes = engines[0].values<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                                                       CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
    if (!allowed(notes, precision)) {
      ++unwanted_;
      continue;
    }
    std::string words =
        fmt::format("engine {}{}{}", engines[0].value<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX),
                    knobs_in_words(configuration), notes_in_words(notes));
    const bool known =
        std::ranges::any_of(configurations_, [&](const Configuration& one) { return one.words == words; });
    if (!known) configurations_.push_back({std::move(configuration), std::move(words)});
  }
}

CudnnPlan CudnnEngines::plan(size_t rank, int64_t most_workspace) const {
  const Configuration& of = configurations_.at(rank);
  CudnnPlan made{CudnnDescriptor(dnn_, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR), of.words, 0,
                 static_cast<int>(rank)};
  made.plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, {handle_});
  made.plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, of.configuration);
  made.plan.finalize();
  made.workspace = made.plan.value<int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
  if (made.workspace > most_workspace) {
    throw Unsupported(fmt::format("{} needs {} bytes of workspace, more than the {} it may have", of.words,
                                  made.workspace, most_workspace));
  }
  return made;
}

std::string CudnnEngines::absence() const {
  std::string words = fmt::format("cuDNN {} offers no engine for it", dnn_.version);
  if (unwanted_ > 0)
    words += fmt::format(", but for {} whose arithmetic the precision does not allow", unwanted_);
  return last_failure_.empty() ? words : fmt::format("{} ({})", words, last_failure_);
}

}  // namespace breakeven::cuda
