// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

constexpr int kVectorBytes = 16;

#include "cpu_ref/train/loops_unit.h"

namespace breakeven::cpu {
namespace {

constexpr TrainUnit kUnit = train_unit("128-bit vectors");

}  // namespace

const TrainUnit& portable_train_unit() { return kUnit; }

}  // namespace breakeven::cpu
