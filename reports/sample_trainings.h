// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "results/result_file.h"

// Invented trainings, for the tests of this folder.

namespace breakeven::sample {

/// resnet9 in bf16 by cpu.onednn at a target accuracy of 0.95, reached in `seconds` or, with 0, missed.
inline Record a_seed(int launch, double quality, double seconds) {
  Record r;
  r.id = "train/resnet9/bf16/cpu.onednn";
  r.suite = "train", r.problem = "resnet9", r.precision = "bf16", r.backend = r.device = "cpu",
  r.kernel = "onednn";
  r.launch = launch, r.threads = 2;
  r.flops = 2e12, r.peak_flops = 1e12;
  r.status = seconds > 0 ? Status::ok : Status::failed;
  if (seconds > 0) r.seconds = {seconds};
  if (seconds <= 0) r.reason = "target_missed: accuracy 0.9400, target 0.95";
  train::Training& t = r.training.emplace();
  t.workload = "resnet9", t.batch = 128, t.steps = 100, t.epochs = 4;
  t.target = {train::Metric::accuracy, 0.95};
  t.quality = quality, t.quality_loss = 0.125, t.reached = seconds > 0;
  if (seconds > 0) t.first_crossing = {75, 0.75 * seconds};
  t.phases = {.generate = 1, .compile = 0.5, .warmup = 0.25, .upload = 0.5, .train = 8, .evaluate = 1};
  t.samples_per_second = 1600, t.model_flops = 2e12, t.flops_per_second = 2.5e11;
  t.memory_bytes = 512 << 20;
  t.operations = {
      {"conv forward", 2}, {"conv backward weights", 4}, {"norm", 1}, {"optimizer", 0.5}, {"data", 0.1}};
  t.evaluations = {{25, 2.5, 0.4, 1.5}, {50, 5, 0.8, 0.7}, {75, 7.5, 0.95, 0.2}, {100, 9.5, quality, 0.125}};
  return r;
}

}  // namespace breakeven::sample
