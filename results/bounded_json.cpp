// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/bounded_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "results/bounds.h"

namespace breakeven {
namespace {

/// Builds a document from the parser's events, within limits. The library's own callback could stop it as
/// well, but looks through the whole parent at the end of every object: quadratic in the length of an array
/// of objects.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string_view line, size_t& file_values) : line_(line), file_values_(file_values) {}
  nlohmann::json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // never in text
  bool start_object(size_t) override { return open(nlohmann::json::object()); }
  bool start_array(size_t) override { return open(nlohmann::json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    count();
    key_ = std::move(name);
    return true;
  }

  // The library's own message repeats the whole token, which may be megabytes of anything.
  bool parse_error(size_t byte, const std::string&, const nlohmann::json::exception& error) override {
    if (dynamic_cast<const nlohmann::json::out_of_range*>(&error)) {
      throw BeyondLimits("a number too large to be finite");
    }
    const size_t at = std::min(byte > 0 ? byte - 1 : 0, line_.size());
    if (at == line_.size()) throw NotJson("it ends in the middle");
    const size_t from = at - std::min<size_t>(at, 15);
    throw NotJson(fmt::format("it is not JSON at byte {}, {}", at + 1, excerpt(line_.substr(from, 30))));
  }

 private:
  void count() {
    if (++line_values_ > kMaxLineValues || ++file_values_ > kMaxFileValues) {
      throw BeyondLimits("more values than any result holds");
    }
  }
  nlohmann::json& place(nlohmann::json value) {
    count();
    if (open_.empty()) return root_ = std::move(value);
    if (open_.back()->is_object())
      return (*open_.back())[key_] = std::move(value);  // the last of duplicates stays
    return open_.back()->emplace_back(std::move(value));
  }
  bool add(nlohmann::json value) {
    place(std::move(value));
    return true;
  }
  bool open(nlohmann::json container) {
    if (open_.size() == kMaxDepth) throw BeyondLimits(fmt::format("nested deeper than {} levels", kMaxDepth));
    open_.push_back(&place(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view line_;
  size_t& file_values_;
  size_t line_values_ = 0;
  nlohmann::json root_;
  std::vector<nlohmann::json*> open_;  // only the innermost grows, so none of these moves
  std::string key_;
};

}  // namespace

std::string excerpt(std::string_view text, size_t most) {
  return fmt::format("{:?}{}", text.substr(0, most), text.size() > most ? "..." : "");
}

nlohmann::json BoundedJson::parse(std::string_view line) {
  Builder builder(line, file_values_);
  // The parser takes a NUL for the end and would not see what follows.
  if (line.find('\0') != std::string_view::npos) throw NotJson("it is not JSON: it holds a NUL byte");
  if (!nlohmann::json::sax_parse(line.begin(), line.end(), &builder)) throw NotJson("it is not JSON");
  return builder.take();
}

}  // namespace breakeven
