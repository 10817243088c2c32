// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Handles, descriptors and their attributes, as they come in and go out.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/emu/dnn/descriptor.h"
#include "kernels/emu/dnn/leaks.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

std::shared_ptr<DnnDescriptor>& living(cudnnBackendDescriptor_t descriptor) {
  return dnn_objects().descriptors.get(descriptor);
}

const DnnRule& rule_of(const DnnDescriptor& descriptor, cudnnBackendAttributeName_t name,
                       cudnnBackendAttributeType_t type) {
  const DnnRule* rule = rule_for(descriptor.kind, name);
  if (!rule)
    refuse(CUDNN_STATUS_BAD_PARAM, fmt::format("descriptor of kind {} has no attribute {}",
                                               static_cast<int>(descriptor.kind), static_cast<int>(name)));
  // Scale factors are floats or doubles, as the type that sums are kept in will tell (rules.cpp).
  const bool scalar = rule->type == CUDNN_TYPE_FLOAT && type == CUDNN_TYPE_DOUBLE;
  if (rule->type != type && !scalar)
    refuse(CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE,
           fmt::format("attribute {} has type {}, not {}", static_cast<int>(name),
                       static_cast<int>(rule->type), static_cast<int>(type)));
  return *rule;
}

void set(DnnDescriptor& descriptor, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
         int64_t count, const void* values) {
  if (descriptor.finalized) refuse(CUDNN_STATUS_BAD_PARAM, "the descriptor is complete");
  const DnnRule& rule = rule_of(descriptor, name, type);
  if (rule.need == Need::answered)
    refuse(CUDNN_STATUS_BAD_PARAM, fmt::format("attribute {} is only read", static_cast<int>(name)));
  if (count < 1 || count > rule.most)
    refuse(CUDNN_STATUS_BAD_PARAM, fmt::format("attribute {} takes 1 to {} values, not {}",
                                               static_cast<int>(name), rule.most, count));
  if (!values) refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "the values are null");
  DnnAttribute attribute{type, count, {}, {}};
  if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
    const auto* list = static_cast<const cudnnBackendDescriptor_t*>(values);
    for (const cudnnBackendDescriptor_t one : std::vector(list, list + count)) {
      if (!living(one)->finalized)
        refuse(CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED, "a descriptor in the attribute is not complete");
      attribute.parts.push_back(living(one));
    }
  } else {
    attribute.bytes.resize(static_cast<size_t>(count) * bytes_of(type));
    std::memcpy(attribute.bytes.data(), values, attribute.bytes.size());
    if (type == CUDNN_TYPE_HANDLE) living_dnn_handle(*static_cast<const cudnnHandle_t*>(values));
  }
  descriptor.attributes[name] = std::move(attribute);
}

void get(const DnnDescriptor& descriptor, cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
         int64_t wanted, int64_t* count, void* values) {
  if (!descriptor.finalized) refuse(CUDNN_STATUS_BAD_PARAM_NOT_FINALIZED, "the descriptor is not complete");
  rule_of(descriptor, name, type);
  if (wanted < 0 || (wanted > 0 && !values))
    refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for the values");
  const auto found = descriptor.attributes.find(name);
  const int64_t there = found == descriptor.attributes.end() ? 0 : found->second.count;
  if (count) *count = there;
  const int64_t given = std::min(wanted, there);
  if (given == 0) return;
  if (type != CUDNN_TYPE_BACKEND_DESCRIPTOR) {
    std::memcpy(values, found->second.bytes.data(), static_cast<size_t>(given) * bytes_of(type));
    return;
  }
  for (int64_t i = 0; i < given; ++i) {
    auto& place = living(static_cast<cudnnBackendDescriptor_t*>(values)[i]);
    const DnnPart& part = found->second.parts[static_cast<size_t>(i)];
    if (place->kind != part->kind)
      refuse(CUDNN_STATUS_BAD_PARAM_DESCRIPTOR_TYPE, "a descriptor of another kind is to be filled");
    place = std::make_shared<DnnDescriptor>(*part);
  }
}

}  // namespace

void refuse(cudnnStatus_t status, const std::string& why) { throw DnnError(status, why); }

DnnObjects& dnn_objects() {
  static auto& objects = *new DnnObjects;
  return objects;
}

DnnHandle& living_dnn_handle(cudnnHandle_t handle) { return dnn_objects().handles.get(handle); }

std::vector<std::string> dnn_leaks() {
  std::vector<std::string> found;
  const auto count = [&](const auto& kind) {
    if (kind.size() > 0)
      found.push_back(fmt::format("{} of kind {} never destroyed", kind.size(), kind.kind()));
  };
  count(dnn_objects().handles);
  count(dnn_objects().descriptors);
  return found;
}

cudnnStatus_t dnn_border(const char* function, const std::function<void()>& body) {
  const std::lock_guard lock(Runtime::get().mutex);
  return answer<cudnnStatus_t>(function, {CUDNN_STATUS_BAD_PARAM, CUDNN_STATUS_BAD_PARAM}, body);
}

}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cudnnStatus_t cudnnCreate(cudnnHandle_t* created) {
  return dnn_border("cudnnCreate", [&] {
    if (!created) refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for the handle");
    *created =
        dnn_objects().handles.add(std::make_unique<DnnHandle>(DnnHandle{Runtime::get().living().ordinal}));
  });
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  return dnn_border("cudnnDestroy", [&] { dnn_objects().handles.remove(handle); });
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  return dnn_border("cudnnSetStream", [&] {
    DnnHandle& on = living_dnn_handle(handle);
    if (Runtime::get().queue(stream).gpu != on.gpu)
      refuse(CUDNN_STATUS_BAD_PARAM_STREAM_MISMATCH, "the stream belongs to another device than the handle");
    on.stream = stream;
  });
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t kind,
                                           cudnnBackendDescriptor_t* created) {
  return dnn_border("cudnnBackendCreateDescriptor", [&] {
    if (!created) refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for the descriptor");
    if (!known_kind(kind))
      refuse(CUDNN_STATUS_NOT_SUPPORTED,
             fmt::format("the stand-in does not know descriptors of kind {}", static_cast<int>(kind)));
    DnnDescriptor fresh;
    fresh.kind = kind;
    *created = dnn_objects().descriptors.add(
        std::make_unique<std::shared_ptr<DnnDescriptor>>(std::make_shared<DnnDescriptor>(std::move(fresh))));
  });
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor) {
  return dnn_border("cudnnBackendDestroyDescriptor", [&] { dnn_objects().descriptors.remove(descriptor); });
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t count, const void* values) {
  return dnn_border("cudnnBackendSetAttribute", [&] { set(*living(descriptor), name, type, count, values); });
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t wanted, int64_t* count,
                                       void* values) {
  return dnn_border("cudnnBackendGetAttribute",
                    [&] { get(*living(descriptor), name, type, wanted, count, values); });
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor) {
  return dnn_border("cudnnBackendFinalize", [&] {
    DnnDescriptor& one = *living(descriptor);
    if (one.finalized) refuse(CUDNN_STATUS_BAD_PARAM, "the descriptor is complete already");
    require_complete(one);
    complete(one);
    one.finalized = true;
  });
}

}  // extern "C"
