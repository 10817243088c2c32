// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/problem.h"
#include "harness/telemetry.h"
#include "harness/train/executable.h"

namespace breakeven {

/// Thrown by `prepare` when a contender finds only then that it cannot: the case becomes `skipped`, with this
/// reason. Everything else thrown becomes `failed`.
struct Unsupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Thrown when memory (host or device) runs out: `oom`.
struct OutOfMemory : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Thrown when a device stops answering or reports a sticky error: `device_lost`; the worker ends.
struct DeviceLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A problem placed in a device's memory, in `slots` copies of its operands and its result, so that
/// successive executions can be made to find nothing in the caches.
class Job {
 public:
  virtual ~Job() = default;
  /// Starts one execution on operand set `slot`; need not wait for it.
  virtual void run(int64_t slot) = 0;
  /// Fills every result with `kPoisonByte`, or, where it is updated in place, with the operand as given;
  /// waits until that is done.
  virtual void poison() = 0;
  /// Waits, then copies the results in `slot` to the host, as `results(problem)` lists them.
  virtual std::vector<Tensor> outputs(int64_t slot) = 0;
  /// The only one of them.
  Tensor output(int64_t slot) { return std::move(outputs(slot).at(0)); }
  /// What was actually dispatched: library, algorithm, instruction set, for example
  /// "oneDNN 2.6.3 brg:avx512_core_amx_bf16" or "OpenBLAS 0.3.21 SkylakeX".
  virtual std::string implementation() const = 0;
  /// Seconds spent bringing weights into a layout of the contender's own, once; 0 when it uses them as given.
  virtual double reorder_seconds() const { return 0; }
  /// Of a kernel with Clock::own: seconds that the last execution took, as it has measured itself.
  virtual double own_seconds() const { return 0; }
};

/// How often a problem is to be placed.
struct Placement {
  int64_t slots = 1;
};

using Reason = std::optional<std::string>;  // why not; nothing when it can

/// The reason of a kernel that answers no problem of this kind at all: no case is made of the two, not even a
/// skipped one.
inline constexpr std::string_view kNotThisKind = "answers another kind of problem";

/// Whether a kernel's time includes bringing operands to the device and the result back.
enum class Timed : uint8_t { kernel, with_transfer };

/// Whose clock tells what an execution took. `device`: Device::time. `host`: from the call until everything
/// it started has finished, as the host sees it, for latencies and for copies that wait for the host. `own`:
/// the job measures itself, because what it does cannot be repeated in this process or has a part that does
/// not count.
enum class Clock : uint8_t { device, host, own };

/// The machine code of an own GPU kernel for one architecture.
struct MachineCode {
  std::string arch;    // "sm_90a"
  std::string sha256;  // over instructions and constants of everything in the kernel's source file
};

/// A contender for the first place; or a step on the way there, to be read and compared, which presets may
/// leave out unless it is asked for by name.
enum class Rank : uint8_t { contender, step };

/// One way to solve one kind of problem. Functions, not a class per operation: a backend's list is sparse.
struct Kernel {
  std::string name;     // "scalar", "openblas", "cublaslt_best", "cublaslt_best+transfer"
  std::string summary;  // one line for `list kernels`
  std::function<Reason(const Problem&)> why_not;  // known before anything is allocated
  std::function<std::unique_ptr<Job>(const Problem&, const Inputs&, const Placement&)> prepare;
  /// For contenders so plain that some problems should not even be started: about the flop/s they reach. A
  /// case that would take longer than the preset is willing to wait is skipped. 0: always started.
  double typical_rate = 0;
  Timed timed = Timed::kernel;
  Rank rank = Rank::contender;
  Clock clock = Clock::device;
  /// Relative error of one addition where a contender accumulates in less than its precision's wide sums
  /// (fp16 units that have none); 0: as facts(precision) has it. The check allows for it, and the record
  /// shows it.
  double accumulate_roundoff = 0;
  /// Scratch memory on the device beyond operands and results, at most.
  std::function<int64_t(const Problem&)> scratch_bytes;  // empty: none
  /// Own GPU kernels: the file they are compiled from, "kernels/cuda/gemm/naive.cu". Empty for all others.
  std::string source = {};
  /// The code of `source` in this build; on an open device only what runs there, which is nothing where the
  /// driver compiles it from PTX.
  std::vector<MachineCode> code = {};
  /// Where contenders of several kinds share a name (kernel_of_kinds.h): the typical rate of the one that
  /// answers. Empty: `typical_rate`, whatever is asked.
  std::function<double(const Problem&)> typical_rate_by_kind = {};
  /// Of contenders that train (train/executable.h): in place of `prepare`.
  train::Compile compile = {};
  /// Problems that presets which leave out steps (Rank::step) leave out too, unless --kernel or --precision
  /// names what answers them. Empty: none.
  std::function<bool(const Problem&)> reserved = {};
};

/// Whether a device's measured arithmetic rate is what its best unit can do (so that more is impossible), or
/// only what the probe could reach (no probe for that unit yet).
enum class PeakKind : uint8_t { attainable, lower_bound };
struct Peak {
  double rate = 0;  // flop/s or byte/s; 0 when it could not be measured
  PeakKind kind = PeakKind::attainable;
  std::string method;  // "AVX-512 FMA loop, 2 threads"
};

struct DeviceInfo {
  std::string id;    // "cpu", "cuda:0"
  std::string name;  // "AMD EPYC 9B45", "NVIDIA H200"
  int64_t memory_bytes = 0;
  int64_t available_bytes = 0;  // now, within every limit
  int64_t last_level_cache_bytes = 0;
  int threads = 0;  // worker threads of a CPU; 0 for a GPU
  std::vector<std::pair<std::string, std::string>>
      facts;  // uuid, driver, power limit, MIG..., for the record
};

/// Whether a device's seconds mean anything: what an emulated one computes is checked and never timed.
enum class Timing : uint8_t { measured, none };

/// The only thing that tells a CPU from a GPU in the measuring loop.
class Device {
 public:
  virtual ~Device() = default;
  virtual DeviceInfo info() const = 0;
  virtual Timing timing() const { return Timing::measured; }
  /// Seconds from the start of `work` until everything it started has finished.
  virtual double time(const std::function<void()>& work) = 0;
  /// The same as the host sees it: from idle to idle, by the steady clock.
  virtual double time_on_host(const std::function<void()>& work) { return time(work); }
  /// Leaves no operand in any cache.
  virtual void evict_caches() = 0;
  /// Measures, now, the rate of multiply-adds on inputs of this precision (about 50 ms).
  virtual Peak arithmetic_peak(Precision) = 0;
  /// Measures, now, the rate of a large copy, bytes read plus bytes written.
  virtual Peak copy_rate() = 0;
  /// What the device's sensors say now.
  virtual Telemetry telemetry() { return {}; }
};

/// Everything one folder of contenders offers. `device` is null where this machine has none, and `absence`
/// says why; the kernels are listed all the same.
struct Backend {
  std::string name;       // "cpu", "cuda"
  std::string device_id;  // "cpu", "cuda:0"; the name alone where this machine has none
  std::unique_ptr<Device> device;
  std::string absence;
  std::vector<Kernel> kernels;
  std::vector<std::pair<std::string, std::string>> libraries;  // name -> version
};

/// Authors of kernels for one kind of problem only ever see that kind.
template <class P>
std::function<Reason(const Problem&)> for_problem(Reason (*why_not)(const P&)) {
  return [why_not](const Problem& problem) -> Reason {
    const P* p = std::get_if<P>(&problem);
    return p ? why_not(*p) : Reason(kNotThisKind);
  };
}
template <class P>
auto for_problem(std::unique_ptr<Job> (*prepare)(const P&, const Inputs&, const Placement&)) {
  return [prepare](const Problem& problem, const Inputs& inputs, const Placement& placement) {
    return prepare(std::get<P>(problem), inputs, placement);
  };
}

}  // namespace breakeven
