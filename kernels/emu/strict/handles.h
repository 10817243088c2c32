// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "kernels/emu/strict/answer.h"

namespace breakeven::emu {

/// The objects of one kind that a library has handed out. A handle is a number in a pointer's clothes: never
/// given out twice, so that one that was destroyed is known for what it is, and never the address of
/// anything.
template <class Handle, class Object>
class Handles {
 public:
  /// `first`: the first handle; kinds of objects start far apart, so that no handle passes for another
  /// kind's.
  Handles(std::string_view kind, uintptr_t first) : kind_(kind), first_(first), next_(first) {}

  Handle add(std::unique_ptr<Object> object) {
    live_.emplace(next_, std::move(object));
    return to_handle(std::exchange(next_, next_ + kStep));
  }
  Object& get(Handle handle) { return *find(handle)->second; }
  void remove(Handle handle) { live_.erase(find(handle)); }
  std::string_view kind() const { return kind_; }
  size_t size() const { return live_.size(); }
  void clear() { live_.clear(); }
  /// `f(handle, object)` for each that is alive, the oldest first.
  template <class F>
  void each(const F& f) {
    for (auto& [number, object] : live_) f(to_handle(number), *object);
  }

 private:
  static constexpr uintptr_t kStep = 64;
  using Live = std::map<uintptr_t, std::unique_ptr<Object>>;

  static Handle to_handle(uintptr_t number) { return reinterpret_cast<Handle>(number); }
  typename Live::iterator find(Handle handle) {
    const auto number = reinterpret_cast<uintptr_t>(handle);
    const auto found = live_.find(number);
    if (found != live_.end()) return found;
    if (number == 0) throw BadHandle(fmt::format("the {} is null", kind_));
    const bool once = number >= first_ && number < next_ && (number - first_) % kStep == 0;
    throw BadHandle(
        fmt::format("the {} {}", kind_, once ? "was destroyed before" : "is none that was ever created"));
  }

  std::string_view kind_;
  uintptr_t first_, next_;
  Live live_;
};

}  // namespace breakeven::emu
