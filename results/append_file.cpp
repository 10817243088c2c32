// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "results/append_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "harness/usage_error.h"

namespace breakeven {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view why) {
  throw UsageError(fmt::format("cannot write {:?}: {}", path.string(), why));
}

/// 0, or errno. What was written of `bytes` before an error stays behind.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno != EINTR) return errno;
    if (wrote > 0) bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  int done;
  do done = fdatasync(fd);
  while (done != 0 && errno == EINTR);
  return done == 0 ? 0 : errno;
}

/// The name of a new file is on disk only when its folder is. Some file systems cannot; nothing is lost by
/// that now.
void sync_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

}  // namespace

AppendFile::AppendFile(const std::filesystem::path& path, int open_flags) : path_(path) {
  // A limit on file sizes (ulimit -f) is to be an error that can be told, not a signal that kills.
  std::signal(SIGXFSZ, SIG_IGN);
  std::error_code unknown;
  created_ = !std::filesystem::exists(path, unknown);
  fd_ = open(path.c_str(), open_flags | O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
  if (fd_ < 0) fail(path, std::strerror(errno));
  struct stat status;
  if (fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(fd_);
    fail(path, "it is not a regular file; name a file that can be kept");
  }
  // File systems without locks answer otherwise, and are used without.
  if (flock(fd_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    close(fd_);
    fail(path, "another run is writing it; wait for that or name another file");
  }
  size_ = status.st_size;
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(other.path_), fd_(std::exchange(other.fd_, -1)), size_(other.size_), created_(other.created_) {}

AppendFile::~AppendFile() {
  if (fd_ >= 0) close(fd_);
}

AppendFile AppendFile::create(const std::filesystem::path& path) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) fail(path, fmt::format("its folder cannot be made: {}", error.message()));
  AppendFile file(path, O_CREAT);
  if (file.size_ > 0)
    fail(path, "something stands in it and is never overwritten; name another file, or --resume it");
  sync_folder(path);
  return file;
}

AppendFile AppendFile::reopen(const std::filesystem::path& path) { return AppendFile(path, 0); }

void AppendFile::append(std::string_view bytes) {
  if (const int error = write_all(fd_, bytes)) {
    const bool taken_back = ftruncate(fd_, size_) == 0;
    fail(path_, fmt::format("{}; {}; make room and go on with --resume", std::strerror(error),
                            taken_back ? "what stood in it is whole" : "its last line may be torn"));
  }
  size_ += static_cast<int64_t>(bytes.size());
}

void AppendFile::truncate(int64_t size) {
  if (size != size_ && (ftruncate(fd_, size) != 0 || fsync(fd_) != 0)) fail(path_, std::strerror(errno));
  size_ = size;
}

void AppendFile::discard() {
  if (ftruncate(fd_, 0) != 0 || !created_) return;
  std::error_code already_gone;
  std::filesystem::remove(path_, already_gone);
}

}  // namespace breakeven
