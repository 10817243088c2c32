// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

constexpr int kVectorBytes = 32;

#include "cpu_ref/train/loops_unit.h"

namespace breakeven::cpu {
namespace {

constexpr TrainUnit kUnit = train_unit("AVX2");

}  // namespace

const TrainUnit& avx2_train_unit() { return kUnit; }

}  // namespace breakeven::cpu
