// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "harness/train_task.h"

#include <fmt/format.h>

#include "harness/train/workload.h"

namespace breakeven {

std::string TrainTask::name() const {
  return batch > 0 ? fmt::format("{}+batch{}", workload->name, batch) : workload->name;
}

train::Schedule TrainTask::schedule() const {
  return batch > 0 ? train::with_batch(workload->schedule, workload->optimizer.kind, batch)
                   : workload->schedule;
}

Work TrainTask::work() const {
  const train::Schedule s = schedule();
  const train::Program program = train::differentiate(workload->build(s.batch));
  return {train::model_flops(program) * static_cast<double>(train::step_count(s, workload->train_samples)),
          0};
}

}  // namespace breakeven
