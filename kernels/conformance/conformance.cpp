// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// conformance [--emu MODULE] [--cuda MODULE] [--seeds N] [--require-gpu] [PART OF A NAME]...
//
// Modules are looked for beside the program. Runs every device primitive on the emulator and on a GPU, with
// the same random input, and compares: the emulator with plain formulas, the GPU with the emulator. Exit: 0
// all agree, 1 some do not, 2 usage, 77 with --require-gpu where nothing was compared on a GPU.

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/conformance/module.h"
#include "kernels/conformance/probe.h"

namespace breakeven::conformance {
namespace {

constexpr int kSkipped = 77;

std::string beside_program(const char* file) {
  return std::filesystem::read_symlink("/proc/self/exe").replace_filename(file).string();
}

struct Options {
  std::string emu = beside_program("libconformance_emu.so"), cuda = beside_program("libconformance_cuda.so");
  uint64_t seeds = 3;
  bool require_gpu = false;
  std::vector<std::string> parts;
};

struct Counts {
  int passed = 0, failed = 0, skipped = 0, on_gpu = 0;
};

/// An opened module, or why it is not.
struct Module {
  BreakevenConformance run = nullptr;
  std::string reason;
};

Module open_module(const std::string& path) {
  if (!std::filesystem::exists(path))
    return {nullptr, "skip: no " + std::filesystem::path(path).filename().string()};
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) return {nullptr, dlerror()};
  auto* run = reinterpret_cast<BreakevenConformance>(dlsym(handle, "breakeven_conformance"));
  return {run, run ? "" : path + " has no breakeven_conformance"};
}

/// What a module made of an input; empty `reason`: `output` is it.
struct Result {
  Bytes output;
  std::string reason;
};

Result run(const Module& module, const Probe& probe, const Bytes& input, size_t output_bytes) {
  if (!module.run) return {{}, module.reason};
  Bytes output(output_bytes);
  const char* reason = module.run(probe.kernel.c_str(), input.data(), static_cast<int64_t>(input.size()),
                                  output.data(), static_cast<int64_t>(output.size()));
  return {std::move(output), reason ? reason : ""};
}

/// One comparison over all seeds, in words; counted.
class Comparison {
 public:
  void add(const Probe& probe, const Result& result, const Bytes& right, uint64_t seed) {
    if (!reason_.empty()) return;
    reason_ = result.reason;
    if (!reason_.empty()) return;
    const Difference difference = compare(probe, result.output, right);
    ulps_ = std::max(ulps_, difference.ulps);
    error_ = std::max(error_, difference.error);
    if (difference.allowed) return;
    reason_ = fmt::format("seed {}: element {} differs (largest error {:.3g}, {:.3g} ulp; allowed {:.3g})",
                          seed, difference.first, difference.error, difference.ulps, probe.tolerance);
  }

  std::string count(const Probe& probe, Counts& counts) const {
    if (reason_.starts_with("skip: ")) {
      ++counts.skipped;
      return "skipped: " + reason_.substr(6);
    }
    ++(reason_.empty() ? counts.passed : counts.failed);
    if (!reason_.empty()) return "FAILED: " + reason_;
    if (probe.tolerance == 0) return "every bit";
    return fmt::format("{:.2g} ulp, error {:.2g} of {:.2g}", ulps_, error_, probe.tolerance);
  }

  bool compared() const { return !reason_.starts_with("skip: "); }

 private:
  std::string reason_;
  double ulps_ = 0, error_ = 0;
};

void run_probe(const Probe& probe, const Module& emu, const Module& cuda, uint64_t seeds, Counts& counts) {
  Comparison with_formula, with_emulator;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    const Bytes input = probe.input(seed), expected = probe.expected(input);
    const Result emulated = run(emu, probe, input, expected.size());
    with_formula.add(probe, emulated, expected, seed);
    // Where the emulator cannot run, the GPU is held against the formula.
    const Bytes& right = emulated.reason.empty() ? emulated.output : expected;
    with_emulator.add(probe, run(cuda, probe, input, expected.size()), right, seed);
  }
  counts.on_gpu += with_emulator.compared() ? 1 : 0;
  const std::string first = with_formula.count(probe, counts), second = with_emulator.count(probe, counts);
  fmt::print("{:<36} emulator: {:<44} GPU: {}\n", probe.name, first, second);
}

std::vector<Probe> all_probes() {
  std::vector<Probe> all;
  for (auto* probes : {move_formulas, product_probes, tma_formulas, order_formulas}) {
    for (Probe& probe : probes()) all.push_back(std::move(probe));
  }
  return all;
}

bool wanted(const Probe& probe, const Options& options) {
  return options.parts.empty() ||
         std::any_of(options.parts.begin(), options.parts.end(),
                     [&](const std::string& part) { return probe.name.find(part) != std::string::npos; });
}

/// Throws std::invalid_argument, std::out_of_range.
Options parse(const std::vector<std::string>& arguments) {
  Options options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--require-gpu") {
      options.require_gpu = true;
    } else if (argument == "--emu" || argument == "--cuda" || argument == "--seeds") {
      const std::string& value = arguments.at(++i);
      if (argument == "--seeds") {
        options.seeds = std::max<uint64_t>(1, std::stoull(value));
      } else {
        (argument == "--emu" ? options.emu : options.cuda) = value;
      }
    } else if (argument.starts_with("-")) {
      throw std::invalid_argument(argument);
    } else {
      options.parts.push_back(argument);
    }
  }
  return options;
}

int run_all(const Options& options) {
  const Module emu = open_module(options.emu), cuda = open_module(options.cuda);
  Counts counts;
  for (const Probe& probe : all_probes()) {
    if (wanted(probe, options)) run_probe(probe, emu, cuda, options.seeds, counts);
  }
  fmt::print("{} passed, {} failed, {} skipped\n", counts.passed, counts.failed, counts.skipped);
  if (counts.failed > 0 || counts.passed + counts.skipped == 0) return 1;
  return options.require_gpu && counts.on_gpu == 0 ? kSkipped : 0;
}

}  // namespace
}  // namespace breakeven::conformance

int main(int argc, char** argv) {
  using namespace breakeven::conformance;
  Options options;
  try {
    options = parse({argv + 1, argv + argc});
  } catch (const std::exception&) {
    fmt::print(stderr,
               "usage: conformance [--emu MODULE] [--cuda MODULE] [--seeds N] [--require-gpu] [PART OF A "
               "NAME]...\n");
    return 2;
  }
  return run_all(options);
}
