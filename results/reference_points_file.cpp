// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/reference_points_file.h"

#include <fmt/format.h>

#include <set>

#include "harness/usage_error.h"
#include "results/bounded_json.h"
#include "results/fields.h"

namespace breakeven {
namespace {

train::ReferencePoint point(const nlohmann::json& json, size_t number) {
  if (!json.is_object()) throw InvalidField(fmt::format("seed {} of the list is no object", number + 1));
  const Fields fields(json, fmt::format("seeds[{}].", number));
  train::ReferencePoint p;
  p.seed = static_cast<uint64_t>(fields.whole("seed", 0));
  p.quality = fields.not_negative("quality");
  fields.at("crossing_step");
  if (fields.has("crossing_step")) p.crossing_step = fields.whole("crossing_step", 1);
  return p;
}

train::ReferencePoints points(const nlohmann::json& json) {
  if (!json.is_object()) throw InvalidField("it is not a JSON object");
  const Fields fields(json);
  train::ReferencePoints r{fields.text("workload"), fields.text("method"), fields.text("precision"),
                           fields.text("machine"), fields.text("libraries"), {}};
  const nlohmann::json& seeds = fields.array("seeds");
  if (seeds.size() < kFewestReferenceSeeds || seeds.size() > kMostReferenceSeeds)
    throw InvalidField(fmt::format("it has {} seeds, not {} to {}", seeds.size(), kFewestReferenceSeeds,
                                   kMostReferenceSeeds));
  std::set<uint64_t> seen;
  for (size_t i = 0; i < seeds.size(); ++i) {
    r.seeds.push_back(point(seeds[i], i));
    if (!seen.insert(r.seeds.back().seed).second)
      throw InvalidField(fmt::format("seed {} stands in it twice", r.seeds.back().seed));
  }
  return r;
}

}  // namespace

train::ReferencePoints parse_reference_points(const std::string& file, std::string_view text) {
  const auto refused = [&](const std::string& what) {
    return UsageError(fmt::format("{}: no reference points: {}; make it anew with scripts/rcp", file, what));
  };
  if (text.size() > kMostReferenceBytes) throw refused("it is larger than 1 MiB");
  try {
    return points(BoundedJson().parse(text));
  } catch (const NotJson& error) {
    throw refused(error.what());
  } catch (const BeyondLimits& error) {
    throw refused(error.what());
  } catch (const InvalidField& error) {
    throw refused(error.what());
  }
}

}  // namespace breakeven
