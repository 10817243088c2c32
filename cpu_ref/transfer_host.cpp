// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <omp.h>
#include <sys/mman.h>

#include <chrono>
#include <cstring>

#include "cpu_ref/cpu.h"
#include "cpu_ref/memory_simd.h"
#include "cpu_ref/pages.h"
#include "harness/first_call.h"

namespace breakeven::cpu {
namespace {

constexpr int64_t kLine = 64;

/// The part of `bytes` that is thread `me`'s of `team`, in whole units of `unit` bytes.
struct Piece {
  int64_t first, last;
};
Piece piece(int64_t bytes, int64_t unit, int64_t me, int64_t team) {
  const int64_t units = (bytes + unit - 1) / unit;
  return {units * me / team * unit, std::min(bytes, units * (me + 1) / team * unit)};
}

/// What all routes share: one result a slot, and a clock of their own, because for some of them only a part
/// of an execution counts.
class HostJob : public Job {
 public:
  HostJob(const Transfer& transfer, const Placement& placement)
      : transfer_(transfer), results_(placement.slots, bytes(transfer.results())) {
    results_.fill(kPoisonByte);
  }
  void poison() override { results_.fill(kPoisonByte); }
  std::vector<Tensor> outputs(int64_t slot) override {
    std::vector<Tensor> made;
    made.push_back(transfer_.results()[0].make());
    std::memcpy(made[0].data(), results_.at(slot), static_cast<size_t>(made[0].bytes()));
    return made;
  }
  double own_seconds() const override { return seconds_; }

 protected:
  template <class Work>
  void time(const Work& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }

  const Transfer transfer_;
  SlottedPages results_;
  double seconds_ = 0;
};

class CopyJob : public HostJob {
 public:
  CopyJob(const Transfer& transfer, const Inputs& inputs, const Placement& placement)
      : HostJob(transfer, placement), source_(placement.slots, transfer.bytes) {
    source_.copy_in(inputs.operands[0].data());
    const int64_t moved = 2 * transfer.bytes;
    threads_ = moved < kWorthThreads ? 1 : omp_get_max_threads();
    stores_ = moved * placement.slots > stays_cached() ? Stores::streaming : Stores::ordinary;
  }
  void run(int64_t slot) override {
    const std::byte* from = source_.at(slot);
    std::byte* to = results_.at(slot);
    const MemoryLoop copy = best_memory_unit().copy_bytes;
    time([&] {
#pragma omp parallel num_threads(threads_) if (threads_ > 1)
      {
        const Piece mine = piece(transfer_.bytes, kLine, omp_get_thread_num(), omp_get_num_threads());
        MemoryShare share{};
        share.in[0] = from;
        share.out[0] = to;
        share.first = mine.first;
        share.last = mine.last;
        share.stores = stores_;
        copy(share);
      }
    });
  }
  std::string implementation() const override {
    return fmt::format("{}, {} stores, {} thread{}", best_memory_unit().name,
                       stores_ == Stores::streaming ? "streaming" : "ordinary", threads_,
                       threads_ == 1 ? "" : "s");
  }

 private:
  SlottedPages source_;
  int threads_ = 1;
  Stores stores_ = Stores::ordinary;
};

/// Pages fresh from the system in every execution; mapping them and giving them back does not count, faulting
/// them in does. What arrived is kept for the check in the first execution after `poison`, outside the time.
class FirstTouchJob : public HostJob {
 public:
  FirstTouchJob(const Transfer& transfer, const Placement& placement)
      : HostJob(transfer, placement), kept_(static_cast<size_t>(placement.slots)) {}
  void poison() override {
    HostJob::poison();
    kept_.assign(kept_.size(), false);
  }
  void run(int64_t slot) override {
    const int64_t bytes = transfer_.bytes;
    void* fresh =
        mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED) throw OutOfMemory(fmt::format("no {} bytes of host memory", bytes));
    madvise(fresh, static_cast<size_t>(bytes),
            MADV_NOHUGEPAGE);  // a huge page would be zeroed at its first touch
    volatile unsigned char* pages = static_cast<unsigned char*>(fresh);
    time([&] {
#pragma omp parallel
      {
        const Piece mine = piece(bytes, kPage, omp_get_thread_num(), omp_get_num_threads());
        for (int64_t i = mine.first; i < mine.last; i += kPage) pages[i] = kArrived;
      }
    });
    if (!kept_[static_cast<size_t>(slot)]) std::memcpy(results_.at(slot), fresh, static_cast<size_t>(bytes));
    kept_[static_cast<size_t>(slot)] = true;
    munmap(fresh, static_cast<size_t>(bytes));
  }
  std::string implementation() const override {
    return fmt::format("mmap, one write a page of {} bytes, {} threads", kPage, omp_get_max_threads());
  }

 private:
  std::vector<bool> kept_;
};

/// The last of the threads to come leaves the sign; all have been there when the region ends.
class ForkJoinJob : public HostJob {
 public:
  using HostJob::HostJob;
  void run(int64_t slot) override {
    int came = 0;
    const int team = omp_get_max_threads();
    time([&] {
#pragma omp parallel num_threads(team)
      {
#pragma omp atomic
        ++came;
      }
    });
    if (came == team) *results_.at(slot) = std::byte{kArrived};
  }
  std::string implementation() const override {
    return fmt::format("OpenMP parallel region, {} threads", omp_get_max_threads());
  }
};

class FirstCallJob : public HostJob {
 public:
  FirstCallJob(const Transfer& transfer, const Placement& placement, std::string what)
      : HostJob(transfer, placement), what_(std::move(what)) {}
  void run(int64_t slot) override {
    seconds_ = first_call_seconds(what_);
    *results_.at(slot) = std::byte{kArrived};
  }
  std::string implementation() const override {
    return what_ + ", a 64 x 64 x 64 product in a fresh process";
  }

 private:
  const std::string what_;
};

Reason why_not(const Transfer& transfer) {
  switch (transfer.route) {
    case Route::memcpy:
    case Route::first_touch:
    case Route::fork_join:
      return std::nullopt;
    case Route::first_library:
#if BREAKEVEN_OPENBLAS
      return std::nullopt;
#else
      return "this build has no OpenBLAS";
#endif
    default:
      return std::string(kNotThisKind);  // only a GPU has the others: no row at all, rather than one skipped
  }
}

std::unique_ptr<Job> prepare(const Transfer& transfer, const Inputs& inputs, const Placement& placement) {
  switch (transfer.route) {
    case Route::memcpy:
      return std::make_unique<CopyJob>(transfer, inputs, placement);
    case Route::first_touch:
      return std::make_unique<FirstTouchJob>(transfer, placement);
    case Route::fork_join:
      return std::make_unique<ForkJoinJob>(transfer, placement);
    default:
      return std::make_unique<FirstCallJob>(transfer, placement, "cpu.openblas");
  }
}

Reason why_not_onednn(const Transfer& transfer) {
  if (transfer.route == Route::first_library) return std::nullopt;
  return std::string(kNotThisKind);
}

std::unique_ptr<Job> prepare_onednn(const Transfer& transfer, const Inputs&, const Placement& placement) {
  return std::make_unique<FirstCallJob>(transfer, placement, "cpu.onednn");
}

}  // namespace

Kernel transfer_host() {
  return {.name = "host",
          .summary = "copies, first touches, a woken thread pool, the first product by OpenBLAS; all threads",
          .why_not = for_problem<Transfer>(why_not),
          .prepare = for_problem<Transfer>(prepare),
          .clock = Clock::own,
          .scratch_bytes = [](const Problem& p) {
            const Transfer& t = std::get<Transfer>(p);
            return t.route == Route::first_touch ? t.bytes : 0;
          }};
}

Kernel transfer_first_onednn() {
  return {.name = "host_onednn",
          .summary = "the first product by oneDNN in a fresh process",
          .why_not = for_problem<Transfer>(why_not_onednn),
          .prepare = for_problem<Transfer>(prepare_onednn),
          .clock = Clock::own,
          .scratch_bytes = {}};
}

}  // namespace breakeven::cpu
