// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/doctor_checks.h"
#include "harness/doctor_fixture.h"

namespace breakeven {
namespace {

TEST_F(Doctor, LibrariesMissingFromTheBuild) {
  backends[0].libraries.clear();
  EXPECT_EQ(about("OpenBLAS").severity, Severity::missing);
  EXPECT_NE(about("OpenBLAS").remedy.find("libopenblas-dev"), std::string::npos);
  EXPECT_EQ(about("oneDNN").severity, Severity::missing);
  EXPECT_NE(about("oneDNN").remedy.find("libdnnl-dev"), std::string::npos);
}

TEST_F(Doctor, OpenblasBelowTheInstructionSet) {
  backends[0].libraries = {{"openblas", "0.3.21 Haswell, own threads; in a run SkylakeX"}};
  EXPECT_EQ(about("OpenBLAS").severity, Severity::good);  // runs see to it
  EXPECT_NE(about("OpenBLAS").state.find("leaves AVX-512 unused"), std::string::npos);
  root.put("/proc/self/environ", "OPENBLAS_CORETYPE=Haswell");  // unless the user insists
  EXPECT_EQ(about("OpenBLAS").severity, Severity::distorts);
  EXPECT_EQ(about("OpenBLAS").remedy, "unset OPENBLAS_CORETYPE");
  root.put("/proc/cpuinfo", "processor: 0\nmodel name: EPYC 7763\nflags: avx2\n");
  EXPECT_EQ(about("OpenBLAS").severity, Severity::good);
  EXPECT_EQ(about("OpenBLAS").state, "0.3.21 Haswell, own threads; in a run SkylakeX");
}

TEST_F(Doctor, OpenblasWithoutThreads) {
  backends[0].libraries = {{"openblas", "0.3.21 SkylakeX, one thread"}};
  EXPECT_EQ(about("OpenBLAS").severity, Severity::distorts);
  EXPECT_NE(about("OpenBLAS").remedy.find("libopenblas0-pthread"), std::string::npos);
}

TEST_F(Doctor, Gpu) {
  EXPECT_EQ(about("GPU").state, "NVIDIA H200");
  backends[1].device.reset();
  backends[1].absence = "no NVIDIA driver: libcuda.so.1 not found";
  EXPECT_EQ(about("GPU").severity, Severity::missing);
  EXPECT_EQ(about("GPU").state, backends[1].absence);
  EXPECT_NE(about("GPU").remedy.find("no NVIDIA GPU"), std::string::npos);
  root.put("/sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n")
      .put("/sys/bus/pci/devices/0000:01:00.0/class", "0x030200\n");
  EXPECT_NE(about("GPU").remedy.find("nvidia-driver"), std::string::npos);
  root.put("/proc/driver/nvidia/version", "NVRM\n");
  EXPECT_NE(about("GPU").remedy.find("--gpus all"), std::string::npos);
  root.put("/dev/nvidiactl", "");
  EXPECT_NE(about("GPU").remedy.find("nvidia-smi"), std::string::npos);
  backends.pop_back();
  EXPECT_EQ(about("GPU").state, "this build has no CUDA plugin");
}

TEST_F(Doctor, CpuEnergy) {
  root.remove(kRapl).put_directory(kRapl);  // there, but not to be read, whoever runs this test
  EXPECT_EQ(about("CPU energy").severity, Severity::missing);
  EXPECT_NE(about("CPU energy").remedy.find("sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj"),
            std::string::npos);
  EXPECT_NE(about("CPU energy").remedy.find("/etc/udev/rules.d/"), std::string::npos);
  root.remove("/sys/class/powercap");
  EXPECT_NE(about("CPU energy").remedy.find("modprobe"), std::string::npos);
  root.put("/.dockerenv", "");
  EXPECT_NE(about("CPU energy").remedy.find("systempaths=unconfined"), std::string::npos);
  root.put("/proc/cpuinfo", "processor: 0\nflags: avx2 hypervisor\n");
  EXPECT_NE(about("CPU energy").remedy.find("bare metal"), std::string::npos);
}

TEST(DoctorOfTheBuild, NamesWhatSlowsIt) {
  using doctor::build;
  EXPECT_EQ(build({.optimised = true, .assertions = false, .sanitized = false}).severity, Severity::good);
  EXPECT_NE(build({.optimised = false, .assertions = false, .sanitized = false}).state.find("optimisation"),
            std::string::npos);
  EXPECT_NE(build({.optimised = true, .assertions = true, .sanitized = false}).state.find("assertions"),
            std::string::npos);
  EXPECT_NE(build({.optimised = true, .assertions = false, .sanitized = true}).state.find("sanitizer"),
            std::string::npos);
#ifdef NDEBUG
  EXPECT_FALSE(doctor::this_build().assertions);
#else
  EXPECT_TRUE(doctor::this_build().assertions);
#endif
}

}  // namespace
}  // namespace breakeven
