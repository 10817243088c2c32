// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

// The words in which every stand-in for a vendor's library refuses: inside, what a caller may not do is
// thrown with one sentence; at the library's border the sentence is kept and a status goes out.

namespace breakeven::emu {

/// What a caller did that the real library does not allow.
struct Misuse : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A handle that is null, unknown or was destroyed.
struct BadHandle : Misuse {
  using Misuse::Misuse;
};

/// A Misuse with the status that the real library has for it.
template <class Status>
struct Refused : Misuse {
  Refused(Status s, const std::string& why) : Misuse(why), status(s) {}
  Status status;
};

/// The last status other than success that this thread was given by a library, and why.
template <class Status>
struct LastWord {
  Status status{};
  std::string sentence;
};
template <class Status>
LastWord<Status>& last_word() {
  thread_local LastWord<Status> word;
  return word;
}

/// The sentence behind `status` when it is the last one given; valid until the next refusal.
template <class Status>
const char* sentence_behind(Status status) {
  const LastWord<Status>& word = last_word<Status>();
  return word.status == status && !word.sentence.empty() ? word.sentence.c_str() : nullptr;
}

/// The statuses of one library for a Misuse that has none of its own.
template <class Status>
struct Answers {
  Status misuse, bad_handle;
};

/// The border: runs `body` and turns what it throws into a status. (Success is 0 in all of NVIDIA's
/// libraries.)
template <class Status, class Body>
Status answer(std::string_view function, const Answers<Status>& answers, const Body& body) {
  const auto refuse = [&](Status status, const char* why) {
    last_word<Status>() = {status, std::string(function) + ": " + why};
    return status;
  };
  try {
    body();
    return Status{};
  } catch (const Refused<Status>& refused) {
    return refuse(refused.status, refused.what());
  } catch (const BadHandle& bad) {
    return refuse(answers.bad_handle, bad.what());
  } catch (const Misuse& found) {
    return refuse(answers.misuse, found.what());
  }
}

}  // namespace breakeven::emu
