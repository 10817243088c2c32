// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace breakeven {

/// `sustained`: operands rotate through more memory than the caches hold, no gaps. `isolated`: caches evicted
/// before every execution, one execution a sample.
enum class Regime : uint8_t { sustained, isolated };
std::string_view name(Regime);
std::optional<Regime> parse_regime(std::string_view);

/// How long and how closely to look; a preset chooses one.
struct Budget {
  double interval = 0.01;  // stop when the 95 % interval of the median is +- this, relative
  int min_samples = 11;
  double min_seconds = 0.1;          // sampling goes on at least this long
  double max_seconds = 2;            // and at most this long, once the contract's 5 samples are in,
  double tolerable_interval = 0.03;  // unless the interval is wider than this:
  double max_seconds_when_wide = 8;  // then at most this long
  double min_sample_seconds = 5e-5;  // shorter executions are batched until one sample takes this long
  double max_warmup_seconds = 1;
  double patience_seconds = 60;  // a contender known to be slower than this for one case is not started
};

/// What a worker needs to know to measure a case.
struct Plan {
  Regime regime = Regime::sustained;
  Budget budget;
  uint64_t seed = 1;
  int threads = 0;             // CPU worker threads; already resolved
  int launch = 0;              // which repetition of the run; of trainings the seed is seed + launch
  std::optional<std::filesystem::path> data = {};  // folder of a user's files to train on
  std::optional<int> samples;  // exactly so many instead of adapting (at least 5)
};

/// Method of measuring: rises whenever what a second means changes. Recorded in every file; files of
/// different methods are not compared.
inline constexpr int kMethod = 1;

}  // namespace breakeven
