// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "results/bounds.h"
#include "results/fields.h"
#include "results/read_record.h"

namespace breakeven {
namespace {

void require_machine(const Fields& run) {
  const Fields machine = run.object("machine");
  const Fields cpu = machine.object("cpu");
  cpu.text("model");
  cpu.whole("cores", 1);
  cpu.texts("isa");
  machine.whole("memory_bytes", 0);
  machine.text("os");
  machine.text("boot_id");
  for (const nlohmann::json& device : machine.array("devices")) {
    if (!device.is_object()) machine.refuse("devices", "an array of objects");
    const Fields fields(device, "machine.devices[].");
    fields.text("id");
    fields.text("name");
  }
}

void require_plan(const Fields& run) {
  const Fields plan = run.object("plan");
  for (const char* name : {"selectors", "shapes", "devices", "kernels", "precisions"}) plan.texts(name);
  plan.text_or_null("preset");
  plan.text("regime");
  if (!plan.at("seed").is_number_unsigned()) plan.refuse("seed", "a whole number of at least 0");
  plan.whole("threads", 0, INT32_MAX);
  plan.whole("launches", 1, INT32_MAX);
  if (!plan.at("samples").is_null()) plan.whole("samples", 1, INT32_MAX);
  plan.not_negative_or("timeout", 0);
}

}  // namespace

void require_run(const nlohmann::json& json) {
  const Fields run(json);
  if (!json.is_object() || !run.has("kind") || json["kind"] != "run") {
    throw InvalidField("it is not a run line, which a result file begins with");
  }
  if (!run.at("schema").is_number_integer() || json["schema"] != kSchema) {
    run.refuse("schema",
               fmt::format("{}, the only version this program reads; use the breakeven that wrote the file",
                           kSchema));
  }
  run.whole("method", 1, INT32_MAX);
  run.text("id");
  run.text("started");
  const Fields tool = run.object("tool");
  tool.text("version");
  tool.text("git");
  run.texts("argv");
  require_machine(run);
  const Fields libraries = run.object("libraries");
  for (const auto& item : run.at("libraries").items()) libraries.text(item.key());
  run.text_or_null("instance");
  require_plan(run);
}

}  // namespace breakeven
