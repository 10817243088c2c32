// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace breakeven {

/// Where the numbers of cores came from: the tightest limit wins.
struct Cores {
  int logical_online = 0;       // hardware threads the system has
  int affinity = 0;             // of those, ours (affinity mask and cpuset)
  int physical = 0;             // distinct physical cores among ours
  std::optional<double> quota;  // CFS quota in cores, tightest over all ancestor cgroups
  int usable = 0;               // threads a run should use: min(physical, floor of quota), at least 1
};

struct Caches {
  int64_t l1d_bytes = 0, l2_bytes = 0;  // per core
  int64_t last_level_bytes = 0;         // as reported to one core
};

/// Description of the host, read once at start; nothing here is a live reading but the memory available.
/// `root` is a directory that stands for `/` so that tests can present any machine (empty: the real one).
struct Machine {
  std::string cpu_model;
  Cores cores;
  Caches caches;
  std::vector<std::string> isa;           // of: sse4_2 avx avx2 fma avx_vnni avx512f avx512_vnni avx512_bf16
                                          // avx512_fp16 amx_tile amx_bf16 amx_int8 (neon sve on Arm)
  int64_t memory_bytes = 0;               // installed, or the tightest cgroup limit
  int64_t available_bytes = 0;            // now: min(MemAvailable, every cgroup's limit - usage)
  std::string governor;                   // "" where not readable
  std::string virtualisation;             // "kvm", "container:docker", "" on bare metal
  std::string os, kernel, boot_id, host;  // "Debian GNU/Linux 12 (bookworm)", "6.1.0", uuid, host name
};

Machine describe_machine(const std::filesystem::path& root = {});
/// The live reading alone.
int64_t available_memory(const std::filesystem::path& root = {});

}  // namespace breakeven
