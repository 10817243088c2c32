// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// A plugin that is damaged, or of another build, costs the GPU and nothing else.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "harness/build_id.h"
#include "harness/cli/program.h"

namespace breakeven::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Files under the name of the CUDA plugin, made of the one on the emulated GPU, which every machine can
/// open.
struct BadPlugin : testing::Test {
  void SetUp() override {
    const char* file = std::getenv("BREAKEVEN_EMU_PLUGIN");
    if (!file) GTEST_SKIP() << "this build has no emulated GPU";
    whole = read(file);
    setenv("BREAKEVEN_PLUGIN_DIR", folder.path().c_str(), 1);
  }
  void TearDown() override { unsetenv("BREAKEVEN_PLUGIN_DIR"); }

  /// The CPU is measured, and the GPU's absence has this reason, in one sentence.
  void expect_absent(const std::string& plugin, const std::string& words) {
    write(folder / "libbreakeven_cuda.so", plugin);
    const TemporaryFolder here;
    const Outcome o = start({"run", "gemm", "--shape", "m8n8k8", "--precision", "fp32", "--kernel", "scalar",
                             "--samples", "5", "--json"},
                            here.path());
    EXPECT_EQ(o.exit_code, 0) << o.err;
    EXPECT_NE(o.err.find(words), std::string::npos) << o.err;
    EXPECT_EQ(std::ranges::count(o.err, '\n'), 1) << o.err;
    EXPECT_EQ(json::parse(o.out)["results"][0]["status"], "ok");
    const Outcome alone = start({"run", "gemm", "--device", "cuda"}, here.path());
    EXPECT_EQ(alone.exit_code, 4) << alone.err;
    EXPECT_NE(alone.err.find(words), std::string::npos) << alone.err;
  }
  TemporaryFolder folder;
  std::string whole;
};

TEST_F(BadPlugin, EmptyOrText) {
  expect_absent("", "is damaged: it is no shared object");
  expect_absent("<html>404 not found</html>\n", "is damaged: it is no shared object");
}

TEST_F(BadPlugin, CutShort) {
  for (const size_t bytes : {size_t{64}, whole.size() / 2, whole.size() - 1})
    expect_absent(whole.substr(0, bytes), "and its end should be at");
}

// Nothing can be said of the inside of a file before it is opened: it is opened where it can do no harm.
TEST_F(BadPlugin, DamagedInside) {
  std::string damaged = whole;
  for (size_t i = 4096; i < damaged.size() - 65536; ++i) damaged[i] = static_cast<char>(0x5A ^ (i * 131));
  write(folder / "libbreakeven_cuda.so", damaged);
  const Outcome o = start({"list", "devices", "--json"});
  EXPECT_EQ(o.exit_code, 0) << o.err;
  const json devices = json::parse(o.out);
  EXPECT_EQ(devices[0]["device"], "cpu");
  EXPECT_EQ(devices[1]["device"], "cuda");
  EXPECT_TRUE(devices[1]["absence"].is_string()) << o.out;
}

TEST_F(BadPlugin, OfAnotherBuild) {
  std::string other = whole;
  const std::string id = BREAKEVEN_BUILD_ID;
  size_t replaced = 0;
  for (size_t at = other.find(id); at != std::string::npos; at = other.find(id, at + 1), ++replaced)
    other.replace(at, 4, "none");
  ASSERT_GT(replaced, 0u);
  expect_absent(other, "is of another build than this program");
}

TEST_F(BadPlugin, NoPluginAtAll) {
  // Another shared object under its name.
  const std::string binary = read("/lib/x86_64-linux-gnu/libdl.so.2");
  if (binary.empty()) GTEST_SKIP() << "no other shared object at hand";
  expect_absent(binary, "is of another build than this program");
}

/// The real plugin and the toolkit's real stub of libcuda, where both are.
TEST(StubDriver, IsNamed) {
  const char* stub = std::getenv("BREAKEVEN_CUDA_STUB");
  const char* plugin = std::getenv("BREAKEVEN_CUDA_PLUGIN");
  if (!stub || !plugin || !fs::exists(stub)) GTEST_SKIP() << "no CUDA toolkit with its stub of libcuda";
  const TemporaryFolder folder;
  fs::create_symlink(stub, folder / "libcuda.so.1");
  setenv("LD_LIBRARY_PATH", folder.path().c_str(), 1);
  const Outcome o = start({"list", "devices"});
  unsetenv("LD_LIBRARY_PATH");
  EXPECT_EQ(o.exit_code, 0) << o.err;
  EXPECT_NE(o.out.find("is the toolkit's stub, not a driver"), std::string::npos) << o.out;
}

}  // namespace
}  // namespace breakeven::cli
