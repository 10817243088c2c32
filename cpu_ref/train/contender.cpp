// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "cpu_ref/train/contender.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace breakeven::cpu {

Kernel training_contender(const std::string& name, const std::string& summary, Reason (*why_not)(const TrainTask&),
                          std::unique_ptr<Products> (*make_products)(const ProgramMemory&)) {
  return {.name = name,
          .summary = summary,
          .why_not = for_problem<TrainTask>(why_not),
          .prepare = [](const Problem&, const Inputs&, const Placement&) -> std::unique_ptr<Job> {
            throw std::logic_error("a training is compiled, not prepared");
          },
          .scratch_bytes = {},
          .compile = [make_products](const train::CompileRequest& request) -> std::unique_ptr<train::Executable> {
            return std::make_unique<CpuExecutable>(request, make_products);
          }};
}

Reason unless_trained_by_cpu(const TrainTask& task, std::initializer_list<Precision> these) {
  if (std::ranges::count(these, task.precision) > 0) return {};
  if (task.precision == Precision::tf32) return "a processor has no tf32";
  return fmt::format("does not train in {}", name(task.precision));
}

}  // namespace breakeven::cpu
