// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/line_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "harness/usage_error.h"
#include "results/bounds.h"

namespace breakeven {
namespace {

void require_readable(const std::string& name, int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0)
    throw UsageError(fmt::format("cannot read {:?}: {}", name, std::strerror(errno)));
  if (S_ISDIR(status.st_mode))
    throw UsageError(fmt::format("{:?} is a directory; name a result file in it", name));
  if (!S_ISREG(status.st_mode))
    throw UsageError(fmt::format("{:?} is not a regular file; name a result file", name));
  if (status.st_size > kMaxFileBytes) {
    throw UsageError(fmt::format("{:?} is {} bytes; a result file has at most {}, so it is something else",
                                 name, status.st_size, kMaxFileBytes));
  }
}

}  // namespace

LineReader::LineReader(const std::filesystem::path& path) : path_(path) {
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd_ < 0) throw UsageError(fmt::format("cannot read {:?}: {}", path.string(), std::strerror(errno)));
  try {
    require_readable(path.string(), fd_);
  } catch (...) {
    close(fd_);
    throw;
  }
}

LineReader::~LineReader() { close(fd_); }

bool LineReader::refill() {
  ssize_t got;
  do got = read(fd_, buffer_.data(), buffer_.size());
  while (got < 0 && errno == EINTR);
  if (got < 0) throw UsageError(fmt::format("cannot read {:?}: {}", path_.string(), std::strerror(errno)));
  at_ = 0;
  filled_ = static_cast<size_t>(got);
  total_ += got;
  if (total_ > kMaxFileBytes)
    throw UsageError(fmt::format("{:?} grew beyond {} bytes", path_.string(), kMaxFileBytes));
  return got > 0;
}

std::string_view LineReader::peek() {
  if (at_ == filled_) refill();
  return {buffer_.data() + at_, filled_ - at_};
}

std::optional<TextLine> LineReader::next() {
  line_.clear();
  ++number_;
  for (std::string_view rest; !(rest = peek()).empty();) {
    const size_t newline = rest.find('\n');
    const bool whole = newline != std::string_view::npos;
    line_.append(rest.substr(0, newline));
    at_ += whole ? newline + 1 : rest.size();
    if (line_.size() > kMaxLineBytes) {
      throw UsageError(fmt::format("{:?}, line {}: longer than {} bytes, so this is no result file",
                                   path_.string(), number_, kMaxLineBytes));
    }
    if (whole) return TextLine{line_, true};
  }
  return line_.empty() ? std::nullopt : std::optional(TextLine{line_, false});
}

}  // namespace breakeven
