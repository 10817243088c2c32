// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cudnn_graph.h>

#include <string>
#include <string_view>

namespace breakeven::cuda {

/// The functions of libcudnn.so.9 that are used here: its graph API, which describes operations by
/// descriptors with attributes and leaves the choice of an engine to its caller. Opened when a contender is
/// first prepared, as cuBLASLt is (cublaslt_library.h).
struct Cudnn {
  decltype(&cudnnCreate) create;
  decltype(&cudnnDestroy) destroy;
  decltype(&cudnnSetStream) set_stream;
  decltype(&cudnnGetVersion) get_version;
  decltype(&cudnnGetErrorString) error_string;
  decltype(&cudnnGetLastErrorString) last_error_string;
  decltype(&cudnnBackendCreateDescriptor) descriptor_create;
  decltype(&cudnnBackendDestroyDescriptor) descriptor_destroy;
  decltype(&cudnnBackendSetAttribute) attribute_set;
  decltype(&cudnnBackendGetAttribute) attribute_get;
  decltype(&cudnnBackendFinalize) finalize;
  decltype(&cudnnBackendExecute) execute;

  std::string path;     // of the file it came from
  std::string version;  // "9.19.0"

  /// Throws with the library's words: OutOfMemory, `Unsupported` for what it says it cannot do, logic_error
  /// where it was not asked properly, or runtime_error.
  void check(cudnnStatus_t, std::string_view what) const;
  /// The library's name for a status and, where it has one, the condition that was not met.
  std::string words(cudnnStatus_t) const;
};

/// Opened on the first call. Throws Unsupported, naming the library and the remedy, when there is none.
const Cudnn& cudnn();

}  // namespace breakeven::cuda
