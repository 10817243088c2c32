// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <memory>

#include "cpu_ref/pages.h"
#include "harness/gemm.h"

namespace breakeven::cpu {

/// What a reader who doubts the harness would write: a library's call in a loop over operand sets of its own,
/// between two readings of the clock, and nothing else. (`time` is virtual, the loop inside it is not.)
class BareLoop {
 public:
  BareLoop(const Gemm& gemm, const Inputs& inputs, int64_t slots);
  virtual ~BareLoop() = default;
  /// Seconds per call over `batch` calls, the operand sets in turn, also from one call of `time` to the next.
  virtual double time(int64_t batch) = 0;

  void poison() { c_.fill(kPoisonByte); }
  /// Whether the result in `slot` is, bit for bit, `expected`; whether nobody has written it since `poison`.
  bool equals(int64_t slot, const Tensor& expected) const;
  bool untouched(int64_t slot) const;
  /// Whether no two sets share a byte.
  bool distinct() const;

 protected:
  const Gemm gemm_;
  SlottedPages a_, b_, c_;    // b_ in the layout that the call reads
  int64_t slots_, slot_ = 0;  // slot_: the next one
};

/// Seconds per call of `call(slot)`; `finish()` waits for the last of them.
template <class Call, class Finish>
double time_bare(int64_t batch, int64_t slots, int64_t& slot, const Call& call, const Finish& finish) {
  timespec begin{}, end{};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  for (int64_t i = 0; i < batch; ++i) {
    call(slot);
    if (++slot == slots) slot = 0;
  }
  finish();
  clock_gettime(CLOCK_MONOTONIC, &end);
  const double seconds = static_cast<double>(end.tv_sec - begin.tv_sec) +
                         1e-9 * static_cast<double>(end.tv_nsec - begin.tv_nsec);
  return seconds / static_cast<double>(batch);
}

#if BREAKEVEN_OPENBLAS
std::unique_ptr<BareLoop> bare_openblas(const Gemm&, const Inputs&, int64_t slots);  // fp32: cblas_sgemm
#endif
#if BREAKEVEN_ONEDNN
std::unique_ptr<BareLoop> bare_onednn(const Gemm&, const Inputs&, int64_t slots);  // primitive::execute
#endif

}  // namespace breakeven::cpu
