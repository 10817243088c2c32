// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace breakeven {

/// A temporary directory that stands for `/` in tests: any machine one can write down. Gone with the object.
class FakeRoot {
 public:
  FakeRoot() {
    std::string pattern = (std::filesystem::temp_directory_path() / "breakeven-root-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~FakeRoot() { std::filesystem::remove_all(path_); }
  FakeRoot(const FakeRoot&) = delete;
  FakeRoot& operator=(const FakeRoot&) = delete;

  const std::filesystem::path& path() const { return path_; }

  FakeRoot& put(const std::string& file, const std::string& text) {
    const std::filesystem::path full = path_.string() + file;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full, std::ios::binary) << text;
    return *this;
  }
  FakeRoot& put_directory(const std::string& directory) {
    std::filesystem::create_directories(path_.string() + directory);
    return *this;
  }
  FakeRoot& remove(const std::string& file) {
    std::filesystem::remove_all(path_.string() + file);
    return *this;
  }

 private:
  std::filesystem::path path_;
};

/// An Intel machine of 4 cores with 2 hardware threads each (n and n + 4), 16 GiB, quiet and well set up.
inline void put_bare_metal(FakeRoot& root) {
  const std::string cpus = "/sys/devices/system/cpu/";
  std::string cpuinfo;
  for (int cpu = 0; cpu < 8; ++cpu) {
    const std::string own = cpus + "cpu" + std::to_string(cpu), core = std::to_string(cpu % 4);
    cpuinfo +=
        "processor\t: " + std::to_string(cpu) +
        "\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\nmodel name\t: Intel(R) Xeon(R) Gold "
        "6430\nstepping\t: 8\nphysical id\t: 0\ncore id\t\t: " +
        core +
        "\nflags\t\t: fpu sse4_2 avx avx2 fma avx512f avx512_vnni avx512_bf16 amx_bf16 amx_tile amx_int8\n\n";
    root.put(own + "/topology/thread_siblings_list", core + "," + std::to_string(cpu % 4 + 4) + "\n");
    root.put(own + "/cpufreq/scaling_governor", "performance\n");
  }
  const auto cache = [&](int index, const char* level, const char* type, const char* size) {
    const std::string directory = cpus + "cpu0/cache/index" + std::to_string(index);
    root.put(directory + "/level", level).put(directory + "/type", type).put(directory + "/size", size);
  };
  cache(0, "1\n", "Data\n", "48K\n");
  cache(1, "1\n", "Instruction\n", "32K\n");
  cache(2, "2\n", "Unified\n", "2048K\n");
  cache(3, "3\n", "Unified\n", "61440K\n");
  root.put(cpus + "online", "0-7\n").put("/proc/cpuinfo", cpuinfo);
  root.put("/proc/self/status", "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-7\n");
  root.put("/proc/meminfo",
           "MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:   12582912 kB\n"
           "SwapTotal:       2097152 kB\nSwapFree:        2097152 kB\n");
  root.put("/etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n");
  root.put("/proc/sys/kernel/osrelease", "6.12.0-amd64\n").put("/proc/sys/kernel/hostname", "rack7\n");
  root.put("/proc/sys/kernel/random/boot_id", "6d36076c-2659-49e2-bf50-56119376aba5\n");
}

}  // namespace breakeven
