// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "harness/build_id.h"
#include "harness/plugin.h"
#include "kernels/cuda/cublaslt_library.h"
#include "kernels/cuda/lt_matmul.h"
#include "kernels/cuda/nvml.h"

// What can be shown of the CUDA backend without a GPU, most of it through the plugin as the program uses it.

namespace breakeven {
namespace {

const Plugin& plugin() {
  static const Plugin* found = [] {
    const std::string path = std::string(std::getenv("BREAKEVEN_PLUGIN_DIR")) + "/libbreakeven_cuda.so";
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) throw std::runtime_error(dlerror());
    const auto entry = reinterpret_cast<PluginEntry>(dlsym(library, "breakeven_plugin"));
    if (!entry) throw std::runtime_error(dlerror());
    return entry();
  }();
  return *found;
}

const Kernel& kernel(const Backend& backend, std::string_view name) {
  for (const Kernel& kernel : backend.kernels) {
    if (kernel.name == name) return kernel;
  }
  throw std::runtime_error("no kernel " + std::string(name));
}

Gemm gemm(Precision precision, Epilogue epilogue = Epilogue::none) {
  return {.m = 64, .n = 64, .k = 64, .epilogue = epilogue, .precision = precision};
}

TEST(Plugin, HasTheProgramsBuildId) { EXPECT_STREQ(plugin().build_id, BREAKEVEN_BUILD_ID); }

TEST(Plugin, ListsItsContendersWithoutADevice) {
  const Backend backend = plugin().describe();
  EXPECT_EQ(backend.name, "cuda");
  EXPECT_EQ(backend.device, nullptr);
  std::vector<std::string> names;
  for (const Kernel& kernel : backend.kernels) {
    names.push_back(kernel.name);
    EXPECT_FALSE(kernel.summary.empty()) << kernel.name;
    EXPECT_EQ(kernel.timed == Timed::with_transfer, kernel.name.ends_with("+transfer")) << kernel.name;
  }
  // The order of the list is the order of the ladder, and of every table.
  EXPECT_EQ(names, (std::vector<std::string>{"naive",
                                             "coalesced",
                                             "tiled",
                                             "register_tiled",
                                             "vectorised",
                                             "warp_tiled",
                                             "fp32_tensor",
                                             "wmma",
                                             "wmma_async",
                                             "mma_turing",
                                             "mma_swizzled",
                                             "wgmma_tma",
                                             "warp_specialised",
                                             "two_consumers",
                                             "persistent",
                                             "tma_store",
                                             "cluster",
                                             "pingpong",
                                             "stream_k",
                                             "gemv",
                                             "skinny",
                                             "batched_small",
                                             "cublaslt",
                                             "cublaslt_best",
                                             "cublaslt+transfer",
                                             "vectorised+transfer",
                                             "conv_direct",
                                             "conv_implicit_gemm",
                                             "conv_depthwise",
                                             "conv_tma",
                                             "cudnn",
                                             "cudnn_best",
                                             "cudnn+transfer",
                                             "conv_implicit_gemm+transfer",
                                             "stream_copy_triad",
                                             "stream_softmax",
                                             "stream_layernorm",
                                             "stream_layernorm_bwd",
                                             "stream_gelu",
                                             "stream_cross_entropy",
                                             "stream_adamw",
                                             "stream_gather",
                                             "stream_scatter_add",
                                             "stream_scatter_atomic",
                                             "own",
                                             "vendor",
                                             "runtime",
                                             "first_call"}));
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), names.size());
}

TEST(Plugin, SaysWhyThereIsNoDevice) {
  std::string why;
  const int devices = plugin().count(&why);
  ASSERT_GE(devices, 0);
  EXPECT_EQ(devices == 0, !why.empty());
  if (void* driver = dlopen("libcuda.so.1", RTLD_LAZY)) {
    dlclose(driver);
  } else {
    EXPECT_EQ(devices, 0);
    EXPECT_NE(why.find("libcuda.so.1 not found"), std::string::npos) << why;
  }
}

TEST(Plugin, KnowsWhatItCannotDo) {
  const Backend backend = plugin().describe();
  for (const Precision precision :
       {Precision::fp64, Precision::fp32, Precision::bf16, Precision::fp16, Precision::int8}) {
    EXPECT_EQ(kernel(backend, "naive").why_not(gemm(precision)), std::nullopt) << name(precision);
    EXPECT_EQ(kernel(backend, "cublaslt").why_not(gemm(precision)), std::nullopt) << name(precision);
  }
  EXPECT_TRUE(kernel(backend, "naive").why_not(gemm(Precision::fp8e4m3)));
  EXPECT_TRUE(kernel(backend, "naive").why_not(gemm(Precision::int8, Epilogue::bias_relu)));
  EXPECT_TRUE(kernel(backend, "tiled").why_not(gemm(Precision::int8)));
  EXPECT_TRUE(kernel(backend, "vectorised+transfer").why_not(gemm(Precision::tf32)));
  EXPECT_TRUE(kernel(backend, "cublaslt_best").why_not(gemm(Precision::bf16, Epilogue::bias_relu)));
  EXPECT_FALSE(kernel(backend, "cublaslt_best").why_not(gemm(Precision::fp32, Epilogue::bias_relu)));
  EXPECT_TRUE(
      kernel(backend, "cublaslt").why_not(Gemm{.m = 1, .n = 16, .k = 17, .precision = Precision::fp8e4m3}));
  EXPECT_TRUE(
      kernel(backend, "cublaslt").why_not(Gemm{.m = 1, .n = 6, .k = 8, .precision = Precision::int8}));
  // Half a gigabyte of library must not be opened for a list.
  EXPECT_EQ(dlopen("libcublasLt.so.13", RTLD_NOW | RTLD_NOLOAD), nullptr);
}

TEST(Plugin, NarrowContendersTakeNarrowShapes) {
  const Backend backend = plugin().describe();
  const auto takes = [&](const char* name, const Gemm& gemm) { return !kernel(backend, name).why_not(gemm); };
  EXPECT_TRUE(takes("gemv", {.m = 4, .n = 100, .k = 100}));
  EXPECT_TRUE(takes("gemv", {.m = 100, .n = 1, .k = 100}));
  EXPECT_FALSE(takes("gemv", {.m = 5, .n = 100, .k = 100}));
  EXPECT_FALSE(takes("skinny", {.m = 4, .n = 100, .k = 100}));
  EXPECT_TRUE(takes("skinny", {.m = 64, .n = 100, .k = 100, .precision = Precision::bf16}));
  EXPECT_FALSE(takes("skinny", {.m = 65, .n = 100, .k = 100}));
  EXPECT_TRUE(
      takes("batched_small", {.batch = 9, .m = 128, .n = 128, .k = 128, .precision = Precision::fp16}));
  EXPECT_FALSE(takes("batched_small", {.m = 128, .n = 129, .k = 128}));
  EXPECT_NE(kernel(backend, "skinny").why_not(Gemm{.m = 65, .n = 7, .k = 8})->find("m65n7k8"),
            std::string::npos);
}

TEST(Plugin, ThrowsWhatTheProgramCatches) {
  const Backend backend = plugin().describe();
  for (const Kernel& kernel : backend.kernels) {
    const Gemm problem = gemm(Precision::fp32);
    EXPECT_THROW(kernel.prepare(problem, problem.inputs(1), {}), Unsupported) << kernel.name;
  }
}

TEST(Sensors, AreAbsentWhereThereAreNone) {
  const cudaUUID_t nobody{};
  const cuda::Sensors sensors(nobody);
  const Telemetry now = sensors.read();
  EXPECT_FALSE(now.power_watts || now.energy_joules || now.clock_hz || now.temperature_c || now.throttled);
  EXPECT_TRUE(sensors.facts().empty());
}

TEST(Sensors, SpellUuidsAsNvmlDoes) {
  cudaUUID_t uuid{};
  for (int i = 0; i < 16; ++i) uuid.bytes[i] = static_cast<char>(16 * i + i);
  EXPECT_EQ(cuda::uuid_text(uuid, "GPU"), "GPU-00112233-4455-6677-8899-aabbccddeeff");
}

// The library reads its descriptors without a device: wrong attributes or sizes show here. No library:
// skipped.
TEST(CublasLt, TakesOurDescriptions) {
  try {
    const cuda::CublasLt& lt = cuda::cublaslt();
    EXPECT_TRUE(lt.version.starts_with("13.")) << lt.version;
    float one = 1;
    for (const Precision precision : all_precisions()) {
      if (precision == Precision::u8) continue;
      const Gemm problem{.batch = 2, .m = 48, .n = 64, .k = 32, .precision = precision};
      const cuda::GemmArguments sample{&one, &one, precision == Precision::fp32 ? &one : nullptr, &one, 2, 48,
                                       64,   32};
      EXPECT_NO_THROW(cuda::LtMatmul(lt, nullptr, problem, sample, &one)) << name(precision);
    }
    EXPECT_THROW(lt.check(CUBLAS_STATUS_NOT_SUPPORTED, "a test"), Unsupported);
    EXPECT_THROW(lt.check(CUBLAS_STATUS_ALLOC_FAILED, "a test"), OutOfMemory);
  } catch (const Unsupported& absent) {
    EXPECT_NE(std::string(absent.what()).find("libcublasLt.so.13"), std::string::npos);
    GTEST_SKIP() << absent.what();
  }
}

}  // namespace
}  // namespace breakeven
