// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/journal.h"

#include <fmt/format.h>

#include <stdexcept>

#include "harness/usage_error.h"
#include "results/append_file.h"
#include "results/bounds.h"
#include "results/digest.h"
#include "results/result_file.h"
#include "results/result_lines.h"

namespace breakeven {
namespace {

constexpr int64_t kRoomForEnd = 256;  // bytes that the end line never exceeds

/// ASCII alone, so that a file can be printed without a control character reaching a terminal; text that is
/// not UTF-8 (an argument, a message of a library) is written with U+FFFD.
std::string to_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

struct Journal::State {
  AppendFile file;
  Sha256 hash;
  int64_t results = 0;
  bool finished = false;

  void write(const std::string& line) {
    if (finished) throw std::logic_error("a result line after the end line");
    if (line.size() > kMaxLineBytes) {
      throw UsageError(
          fmt::format("a result of {} bytes is longer than the {} a line may have; ask for fewer samples",
                      line.size(), kMaxLineBytes));
    }
    if (file.size() + static_cast<int64_t>(line.size()) > kMaxFileBytes - kRoomForEnd) {
      throw UsageError(fmt::format("{:?} would exceed {} bytes; run the other cases into another file",
                                   file.path().string(), kMaxFileBytes));
    }
    file.append(line);
    hash.update(line);
  }
};

Journal::Journal() = default;
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;
Journal::~Journal() = default;

Journal Journal::create(const std::filesystem::path& path, const nlohmann::ordered_json& run) {
  Journal journal;
  journal.state_.reset(new State{AppendFile::create(path), {}});
  try {
    journal.state_->write(to_line(run));
  } catch (...) {
    journal.state_->file.discard();  // nothing half-written stays
    throw;
  }
  return journal;
}

Journal Journal::reopen(const std::filesystem::path& path) {
  Journal journal;
  journal.state_.reset(new State{AppendFile::reopen(path), {}});  // locked before it is judged
  State& state = *journal.state_;
  std::string why;
  // Going on would sign the alteration with a new end line.
  if (verify(path, &why) == Integrity::altered)
    throw UsageError(fmt::format("cannot resume {:?}, it was altered: {}", path.string(), why));
  read_result_file(path);  // throws when a line is not valid
  int64_t kept = 0;
  ResultLines lines(path);
  while (const std::optional<ResultLine> line = lines.next()) {
    if (line->kind == "end") break;
    if (line->kind == "result") ++state.results;
    state.hash.update(line->text);
    state.hash.update("\n");
    kept += static_cast<int64_t>(line->text.size()) + 1;
  }
  state.file.truncate(kept);
  return journal;
}

void Journal::append(const nlohmann::ordered_json& record) {
  state_->write(to_line(record));
  ++state_->results;
}

void Journal::finish() {
  if (state_->finished) throw std::logic_error("a second end line");
  const nlohmann::ordered_json end{
      {"kind", "end"}, {"results", state_->results}, {"sha256", state_->hash.hex()}};
  state_->file.append(to_line(end));
  state_->finished = true;
}

}  // namespace breakeven
