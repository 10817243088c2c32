// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <memory>

#include "cpu_ref/pages.h"
#include "harness/conv2d.h"
#include "harness/gemm.h"

namespace breakeven::cpu {

/// What a reader who doubts the harness would write: a library's call in a loop over operand sets of its own,
/// between two readings of the clock, and nothing else. (`time` is virtual, the loop inside it is not.)
class BareLoop {
 public:
  explicit BareLoop(int64_t slots) : slots_(slots) {}
  virtual ~BareLoop() = default;
  /// Seconds per call over `batch` calls, the operand sets in turn, also from one call of `time` to the next.
  virtual double time(int64_t batch) = 0;

  void poison() { c_.fill(kPoisonByte); }
  /// Whether the result in `slot` is, bit for bit, `expected`; whether nobody has written it since `poison`.
  virtual bool equals(int64_t slot, const Tensor& expected);
  bool untouched(int64_t slot) const;
  /// Whether no two sets share a byte.
  bool distinct() const;

 protected:
  /// Memory for two operands and a result, of so many bytes; the operands zero, the result poisoned.
  void place(int64_t a_bytes, int64_t b_bytes, int64_t c_bytes);

  SlottedPages a_, b_, c_;    // in the layouts that the call reads and writes
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
std::unique_ptr<BareLoop> bare_onednn_conv(const Conv2d&, const Inputs&, int64_t slots);  // the same
#endif

}  // namespace breakeven::cpu
