// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// cudnnBackendExecute: everything is checked when it is called, and computed when the stream gets there.

#include <fmt/format.h>

#include "kernels/emu/dnn/arithmetic.h"
#include "kernels/emu/runtime/queue.h"
#include "kernels/emu/runtime/runtime.h"
#include "kernels/emu/strict/region.h"

namespace breakeven::emu {
namespace {

constexpr int kWorkspaceAlignment = 16;

const DnnDescriptor& complete_one(cudnnBackendDescriptor_t descriptor, cudnnBackendDescriptorType_t kind) {
  const DnnDescriptor& one = *dnn_objects().descriptors.get(descriptor);
  if (one.kind != kind) refuse(CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE, "a descriptor of another kind");
  if (!one.finalized) refuse(CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED, "a descriptor is not complete");
  return one;
}

void require_tensors(const DnnWork& work, int gpu) {
  const std::vector<DnnTensor> tensors = work.graph.in_memory();
  if (work.pointers.size() != tensors.size())
    throw Misuse(fmt::format("{} pointers for {} tensors", work.pointers.size(), tensors.size()));
  for (const DnnTensor& tensor : tensors) {
    const auto found = work.pointers.find(tensor.uid);
    if (found == work.pointers.end()) throw Misuse(fmt::format("no pointer for tensor {}", tensor.uid));
    require_region(fmt::format("tensor {}", tensor.uid),
                   {found->second, tensor.bytes(), static_cast<int>(tensor.alignment)}, gpu);
  }
  const DnnTensor& result = tensors.back();
  const auto* begin = static_cast<const std::byte*>(work.pointers.at(result.uid));
  for (const DnnTensor& tensor : tensors) {
    const auto* other = static_cast<const std::byte*>(work.pointers.at(tensor.uid));
    if (tensor.uid != result.uid && other < begin + result.bytes() && begin < other + tensor.bytes())
      throw Misuse(fmt::format("the result overlaps tensor {}", tensor.uid));
  }
}

DnnWork work_of(const DnnDescriptor& plan, const DnnDescriptor& pack) {
  const DnnDescriptor& engine =
      plan.part(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG).part(CUDNN_ATTR_ENGINECFG_ENGINE);
  DnnWork work;
  work.graph = graph_of(engine.part(CUDNN_ATTR_ENGINE_OPERATION_GRAPH));
  work.engine = static_cast<DnnEngine>(engine.value<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX));
  const auto uids = pack.values<int64_t>(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
  const auto pointers = pack.values<void*>(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
  for (size_t i = 0; i < uids.size(); ++i) work.pointers[uids[i]] = pointers[i];
  work.workspace = pack.value<void*>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE);
  work.workspace_bytes = plan.value<int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
  return work;
}

void require_workspace(const DnnWork& work, int gpu) {
  if (work.workspace_bytes > 0)
    require_region("the workspace", {work.workspace, work.workspace_bytes, kWorkspaceAlignment}, gpu);
}

/// Memory is asked for again when the stream gets there: a graph may outlive what it was captured with.
void submit(DnnWork work, int gpu, cudaStream_t stream) {
  auto run = [work = std::move(work), gpu] {
    require_tensors(work, gpu);
    require_workspace(work, gpu);
    convolve(work);
  };
  const cudaError_t status = enqueue(stream, std::move(run), "cudnnBackendExecute");
  if (status == cudaErrorInvalidResourceHandle) throw Misuse(cudaGetErrorString(status));
  if (status != cudaSuccess) refuse(CUDNN_STATUS_EXECUTION_FAILED_CUDART, cudaGetErrorString(status));
}

}  // namespace
}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan,
                                  cudnnBackendDescriptor_t pack) {
  return dnn_border("cudnnBackendExecute", [&] {
    const DnnHandle& on = living_dnn_handle(handle);
    const DnnDescriptor& what = complete_one(plan, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    if (what.value<cudnnHandle_t>(CUDNN_ATTR_EXECUTION_PLAN_HANDLE) != handle)
      throw Misuse("the plan was made with another handle");
    if (Runtime::get().current().ordinal != on.gpu)
      throw Misuse(fmt::format("the handle belongs to device {}, which is not current", on.gpu));
    DnnWork work = work_of(what, complete_one(pack, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR));
    require_tensors(work, on.gpu);
    require_workspace(work, on.gpu);
    if (work.engine == DnnEngine::refuses_to_run)
      refuse(CUDNN_STATUS_EXECUTION_FAILED, "engine 1 fails whenever it runs");
    submit(std::move(work), on.gpu, on.stream);
  });
}

}  // extern "C"
