// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cudnn_graph.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/emu/strict/answer.h"
#include "kernels/emu/strict/handles.h"

namespace breakeven::emu {

using DnnError = Refused<cudnnStatus_t>;

struct DnnDescriptor;
using DnnPart = std::shared_ptr<const DnnDescriptor>;

/// What was set under one name: either plain values or other descriptors.
struct DnnAttribute {
  cudnnBackendAttributeType_t type;
  int64_t count = 0;
  std::vector<std::byte> bytes;
  std::vector<DnnPart> parts;
};

/// Anything that the graph API describes. The rules for its attributes are a table (attributes.cpp), those
/// between them are asked when it is finalised (rules.cpp).
struct DnnDescriptor {
  cudnnBackendDescriptorType_t kind;
  bool finalized = false;
  std::map<cudnnBackendAttributeName_t, DnnAttribute> attributes;

  bool has(cudnnBackendAttributeName_t name) const { return attributes.contains(name); }
  template <class T>
  std::vector<T> values(cudnnBackendAttributeName_t name) const {
    const auto found = attributes.find(name);
    if (found == attributes.end()) return {};
    const std::vector<std::byte>& bytes = found->second.bytes;
    std::vector<T> list(bytes.size() / sizeof(T));
    if (!list.empty()) std::memcpy(list.data(), bytes.data(), list.size() * sizeof(T));
    return list;
  }
  /// The only value; T{} when it was never set.
  template <class T>
  T value(cudnnBackendAttributeName_t name) const {
    T one{};
    const auto found = attributes.find(name);
    if (found != attributes.end() && found->second.bytes.size() >= sizeof one)
      std::memcpy(&one, found->second.bytes.data(), sizeof one);
    return one;
  }
  const DnnDescriptor& part(cudnnBackendAttributeName_t name) const {
    return *attributes.at(name).parts.at(0);
  }

  template <class T>
  void put(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const std::vector<T>& list) {
    DnnAttribute& one = attributes[name];
    const auto bytes = std::as_bytes(std::span(list));
    one = {type, static_cast<int64_t>(list.size()), {bytes.begin(), bytes.end()}, {}};
  }
  void put_parts(cudnnBackendAttributeName_t name, std::vector<DnnPart> parts) {
    const auto count = static_cast<int64_t>(parts.size());
    attributes[name] = {CUDNN_TYPE_BACKEND_DESCRIPTOR, count, {}, std::move(parts)};
  }
};

/// What is known of an attribute: who has it, its type, how many values it takes, whether it must be there.
enum class Need : uint8_t { required, optional, answered };  // answered: the library's to set
struct DnnRule {
  cudnnBackendDescriptorType_t kind;
  cudnnBackendAttributeName_t name;
  cudnnBackendAttributeType_t type;
  int64_t most;
  Need need;
};
/// Null when that kind of descriptor has no such attribute.
const DnnRule* rule_for(cudnnBackendDescriptorType_t kind, cudnnBackendAttributeName_t name);
/// Refuses when a required attribute is missing.
void require_complete(const DnnDescriptor&);
bool known_kind(cudnnBackendDescriptorType_t);
size_t bytes_of(cudnnBackendAttributeType_t);

struct DnnHandle {
  int gpu = 0;
  cudaStream_t stream = nullptr;
};

/// Everything this library has handed out.
struct DnnObjects {
  Handles<cudnnHandle_t, DnnHandle> handles{"cuDNN handle", 0x640000000040};
  Handles<cudnnBackendDescriptor_t, std::shared_ptr<DnnDescriptor>> descriptors{"cuDNN descriptor",
                                                                                0x650000000040};
};
DnnObjects& dnn_objects();
/// Of a handle that is alive.
DnnHandle& living_dnn_handle(cudnnHandle_t);

/// Throws DnnError where the attributes contradict each other, and fills in what the library answers.
void complete(DnnDescriptor&);

[[noreturn]] void refuse(cudnnStatus_t, const std::string& why);

/// The border of the library: the runtime's lock is held inside.
cudnnStatus_t dnn_border(const char* function, const std::function<void()>& body);

}  // namespace breakeven::emu
