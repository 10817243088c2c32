// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "cpu_ref/train/executable.h"

namespace breakeven::cpu {

train::Evaluation CpuExecutable::evaluate() {
  train::Evaluation made;
  times_.time(evaluation_time_, [&] {
    refresh_weights();
    running_.mode = train::Mode::evaluation;
    const int64_t step = test_.kind == train::DataKind::text ? test_.window : 1;
    test_batch_.resize(static_cast<size_t>(program_.batch));
    for (int64_t first = 0; first < test_.count; first += program_.batch) {
      const int64_t valid = std::min(program_.batch, test_.count - first);
      for (int64_t i = 0; i < program_.batch; ++i)  // filled up with the first sample again
        test_batch_[static_cast<size_t>(i)] = static_cast<uint32_t>(i < valid ? (first + i) * step : 0);
      evaluate_batch(valid, made);
    }
  });
  if (made.rows > 0) made.loss /= static_cast<double>(made.rows);
  return made;
}

void CpuExecutable::evaluate_batch(int64_t valid, train::Evaluation& evaluation) {
  assemble({&test_, test_batch_, {}, 0, 0});
  for (const TimedStep& each : forward_) each.step.run();
  const int64_t rows = program_.value(program_.inputs.labels).size() / program_.batch * valid;
  const LossSum sum = evaluate_loss({memory_, loops_, *products_, running_, room_}, *loss_.step.op, rows);
  evaluation.loss += sum.loss;
  evaluation.rows += rows;
  if (loss_.step.op->kind == train::OpKind::cross_entropy) {
    evaluation.correct += sum.correct;
    return;
  }
  for (int64_t i = 0; i < valid; ++i) evaluation.scores.push_back(logit(i));
}

float CpuExecutable::logit(int64_t i) const {
  if (memory_.activation == Element::fp32) return memory_.value<float>(program_.logits)[i];
  return std::bit_cast<float>(static_cast<uint32_t>(memory_.value<uint16_t>(program_.logits)[i]) << 16);
}

}  // namespace breakeven::cpu
