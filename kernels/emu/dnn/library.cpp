// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// The library as the host code opens it: in place of kernels/cuda/cudnn_library.cpp.

#include <algorithm>
#include <cstring>

#include "harness/backend.h"
#include "kernels/cuda/cudnn_library.h"
#include "kernels/emu/runtime/failures.h"
#include "kernels/emu/strict/answer.h"

using breakeven::emu::last_word;

extern "C" {

const char* cudnnGetErrorString(cudnnStatus_t status) {
  if (status == CUDNN_STATUS_SUCCESS) return "CUDNN_STATUS_SUCCESS";
  switch (CUDNN_STATUS_CATEGORY(status)) {
    case CUDNN_STATUS_BAD_PARAM:
      return "CUDNN_STATUS_BAD_PARAM";
    case CUDNN_STATUS_NOT_SUPPORTED:
      return "CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_EXECUTION_FAILED:
      return "CUDNN_STATUS_EXECUTION_FAILED";
    default:
      return "a status of another kind";
  }
}

/// Forgotten once it was read, as in the library.
void cudnnGetLastErrorString(char* message, size_t most) {
  auto& word = last_word<cudnnStatus_t>();
  if (!message || most == 0) return;
  const size_t length = std::min(word.sentence.size(), most - 1);
  std::memcpy(message, word.sentence.data(), length);
  message[length] = 0;
  word = {};
}

size_t cudnnGetVersion() { return CUDNN_VERSION; }

}  // extern "C"

namespace breakeven::cuda {

const Cudnn& cudnn() {
  if (emu::failing("no_cudnn")) throw Unsupported("libcudnn.so.9 not found: asked for by BREAKEVEN_EMU_FAIL");
  static const Cudnn dnn{.create = cudnnCreate,
                         .destroy = cudnnDestroy,
                         .set_stream = cudnnSetStream,
                         .get_version = cudnnGetVersion,
                         .error_string = cudnnGetErrorString,
                         .last_error_string = cudnnGetLastErrorString,
                         .descriptor_create = cudnnBackendCreateDescriptor,
                         .descriptor_destroy = cudnnBackendDestroyDescriptor,
                         .attribute_set = cudnnBackendSetAttribute,
                         .attribute_get = cudnnBackendGetAttribute,
                         .finalize = cudnnBackendFinalize,
                         .execute = cudnnBackendExecute,
                         .path = "kernels/emu/dnn",
                         .version = "stand-in"};
  return dnn;
}

}  // namespace breakeven::cuda
