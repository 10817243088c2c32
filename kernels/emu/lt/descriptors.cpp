// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// Handles, descriptors and their attributes.

#include <fmt/format.h>

#include <cstring>

#include "kernels/emu/lt/leaks.h"
#include "kernels/emu/lt/matmul_problem.h"
#include "kernels/emu/runtime/runtime.h"

namespace breakeven::emu {
namespace {

/// An attribute's bytes as its type; any other size is refused, as the library does.
template <class T>
T value_of(const void* bytes, size_t size) {
  if (!bytes) throw Misuse("the attribute's value is null");
  if (size != sizeof(T)) throw Misuse(fmt::format("the attribute has {} bytes, not {}", sizeof(T), size));
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

cublasOperation_t operation_of(const void* bytes, size_t size) {
  const auto value = value_of<int32_t>(bytes, size);
  if (value != CUBLAS_OP_N && value != CUBLAS_OP_T) throw Misuse(fmt::format("{} is no operation", value));
  return static_cast<cublasOperation_t>(value);
}

void set(LtOperation& o, cublasLtMatmulDescAttributes_t which, const void* bytes, size_t size) {
  switch (which) {
    case CUBLASLT_MATMUL_DESC_POINTER_MODE:
      o.pointer_mode = static_cast<cublasLtPointerMode_t>(value_of<int32_t>(bytes, size));
      return;
    case CUBLASLT_MATMUL_DESC_TRANSA:
      o.transpose_a = operation_of(bytes, size);
      return;
    case CUBLASLT_MATMUL_DESC_TRANSB:
      o.transpose_b = operation_of(bytes, size);
      return;
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
      o.epilogue = static_cast<cublasLtEpilogue_t>(value_of<uint32_t>(bytes, size));
      return;
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
      o.bias = value_of<const void*>(bytes, size);
      return;
    case CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE:
      o.bias_type = static_cast<cudaDataType_t>(value_of<int32_t>(bytes, size));
      return;
    case CUBLASLT_MATMUL_DESC_A_SCALE_POINTER:
      o.scale_a = value_of<const void*>(bytes, size);
      return;
    case CUBLASLT_MATMUL_DESC_B_SCALE_POINTER:
      o.scale_b = value_of<const void*>(bytes, size);
      return;
    case CUBLASLT_MATMUL_DESC_FAST_ACCUM:
      o.fast_accumulation = value_of<int8_t>(bytes, size);
      return;
    default:
      throw Misuse(fmt::format("the stand-in does not know matmul attribute {}", static_cast<int>(which)));
  }
}

void set(LtLayout& l, cublasLtMatrixLayoutAttribute_t which, const void* bytes, size_t size) {
  switch (which) {
    case CUBLASLT_MATRIX_LAYOUT_ORDER:
      l.order = static_cast<cublasLtOrder_t>(value_of<int32_t>(bytes, size));
      return;
    case CUBLASLT_MATRIX_LAYOUT_LD:
      l.leading = value_of<int64_t>(bytes, size);
      return;
    case CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT:
      l.batch = value_of<int32_t>(bytes, size);
      return;
    case CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET:
      l.batch_stride = value_of<int64_t>(bytes, size);
      return;
    default:
      throw Misuse(fmt::format("the stand-in does not know layout attribute {}", static_cast<int>(which)));
  }
}

void set(LtPreference& p, cublasLtMatmulPreferenceAttributes_t which, const void* bytes, size_t size) {
  switch (which) {
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
      p.workspace_bytes = value_of<uint64_t>(bytes, size);
      return;
    case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK:
      p.reduction_schemes = value_of<uint32_t>(bytes, size);
      return;
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES:
      p.alignment_a = value_of<uint32_t>(bytes, size);
      return;
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES:
      p.alignment_b = value_of<uint32_t>(bytes, size);
      return;
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES:
      p.alignment_c = value_of<uint32_t>(bytes, size);
      return;
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES:
      p.alignment_d = value_of<uint32_t>(bytes, size);
      return;
    default:
      throw Misuse(fmt::format("the stand-in does not know preference {}", static_cast<int>(which)));
  }
}

template <class Handle, class Object>
cublasStatus_t create(const char* function, Handles<Handle, Object>& all, Handle* created, Object object) {
  return lt_border(function, [&] {
    if (!created) throw Misuse("no place for the object");
    *created = all.add(std::make_unique<Object>(std::move(object)));
  });
}

}  // namespace

LtObjects& lt_objects() {
  static auto& objects = *new LtObjects;
  return objects;
}

std::vector<std::string> lt_leaks() {
  LtObjects& all = lt_objects();
  std::vector<std::string> found;
  const auto count = [&](const auto& kind) {
    if (kind.size() > 0)
      found.push_back(fmt::format("{} of kind {} never destroyed", kind.size(), kind.kind()));
  };
  count(all.handles);
  count(all.operations);
  count(all.layouts);
  count(all.preferences);
  return found;
}

LtHandle& living_handle(cublasLtHandle_t handle) {
  try {
    return lt_objects().handles.get(handle);
  } catch (const BadHandle& bad) {
    throw LtError(CUBLAS_STATUS_NOT_INITIALIZED, bad.what());
  }
}

cublasStatus_t lt_border(const char* function, const std::function<void()>& body) {
  const std::lock_guard lock(Runtime::get().mutex);
  return answer<cublasStatus_t>(function, {CUBLAS_STATUS_INVALID_VALUE, CUBLAS_STATUS_INVALID_VALUE}, body);
}

}  // namespace breakeven::emu

using namespace breakeven::emu;

extern "C" {

cublasStatus_t cublasLtCreate(cublasLtHandle_t* created) {
  return lt_border("cublasLtCreate", [&] {
    if (!created) throw Misuse("no place for the handle");
    *created =
        lt_objects().handles.add(std::make_unique<LtHandle>(LtHandle{Runtime::get().living().ordinal}));
  });
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  return lt_border("cublasLtDestroy", [&] {
    living_handle(handle);
    lt_objects().handles.remove(handle);
  });
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* created, cublasComputeType_t compute,
                                        cudaDataType_t scale) {
  LtOperation operation;
  operation.compute = compute;
  operation.scale = scale;
  return create("cublasLtMatmulDescCreate", lt_objects().operations, created, operation);
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t operation) {
  return lt_border("cublasLtMatmulDescDestroy", [&] { lt_objects().operations.remove(operation); });
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t operation,
                                              cublasLtMatmulDescAttributes_t which, const void* bytes,
                                              size_t size) {
  return lt_border("cublasLtMatmulDescSetAttribute",
                   [&] { set(lt_objects().operations.get(operation), which, bytes, size); });
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* created, cudaDataType type, uint64_t rows,
                                          uint64_t columns, int64_t leading) {
  LtLayout layout;
  layout.type = type;
  layout.rows = static_cast<int64_t>(rows);
  layout.columns = static_cast<int64_t>(columns);
  layout.leading = leading;
  return create("cublasLtMatrixLayoutCreate", lt_objects().layouts, created, layout);
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  return lt_border("cublasLtMatrixLayoutDestroy", [&] { lt_objects().layouts.remove(layout); });
}

cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout,
                                                cublasLtMatrixLayoutAttribute_t which, const void* bytes,
                                                size_t size) {
  return lt_border("cublasLtMatrixLayoutSetAttribute",
                   [&] { set(lt_objects().layouts.get(layout), which, bytes, size); });
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* created) {
  return create("cublasLtMatmulPreferenceCreate", lt_objects().preferences, created, LtPreference{});
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  return lt_border("cublasLtMatmulPreferenceDestroy", [&] { lt_objects().preferences.remove(preference); });
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t which,
                                                    const void* bytes, size_t size) {
  return lt_border("cublasLtMatmulPreferenceSetAttribute",
                   [&] { set(lt_objects().preferences.get(preference), which, bytes, size); });
}

}  // extern "C"
