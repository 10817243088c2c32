// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <cblas.h>
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>

#include "cpu_ref/conv_job.h"
#include "cpu_ref/cpu.h"
#include "cpu_ref/im2col.h"
#include "cpu_ref/openblas_library.h"

namespace breakeven::cpu {
namespace {

// Patches made at a time: enough rows for a product, few enough that they are still in the caches when it
// reads them.
constexpr int64_t kPatchBytes = int64_t{4} << 20, kPatchBytesAlone = int64_t{1} << 19;

/// Matrices of T, row-major, with the distance between their rows.
template <class T>
struct Rows {
  T* data;
  int64_t stride;
};
blasint narrow(int64_t extent) { return static_cast<blasint>(extent); }

/// c[m, n] = a b (+ c, with `beta` 1), a and b as they lie or transposed.
void multiply(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int64_t m, int64_t n, int64_t k, Rows<const float> a,
              Rows<const float> b, float beta, Rows<float> c) {
  cblas_sgemm(CblasRowMajor, ta, tb, narrow(m), narrow(n), narrow(k), 1, a.data, narrow(a.stride), b.data,
              narrow(b.stride), beta, c.data, narrow(c.stride));
}
void multiply(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int64_t m, int64_t n, int64_t k, Rows<const double> a,
              Rows<const double> b, double beta, Rows<double> c) {
  cblas_dgemm(CblasRowMajor, ta, tb, narrow(m), narrow(n), narrow(k), 1, a.data, narrow(a.stride), b.data,
              narrow(b.stride), beta, c.data, narrow(c.stride));
}

/// Dense: all threads make patches, then all multiply, chunk by chunk. With groups the products are small:
/// each group (of an image, where that is possible) is one thread's, and OpenBLAS has one thread.
enum class Sharing : uint8_t { chunk, groups };
Sharing sharing_of(const Conv2d& conv) { return conv.groups > 1 ? Sharing::groups : Sharing::chunk; }

struct Layout {
  Layout(const Conv2d& v, int thread_count)
      : sharing(sharing_of(v)),
        threads(sharing == Sharing::groups ? thread_count : 1),
        lines(lines_in(v, sharing == Sharing::groups ? kPatchBytesAlone : kPatchBytes,
                       bytes(facts(v.precision).input))),
        bytes_each(is_product(v) ? 0 : lines * v.q() * patch_size(v) * bytes(facts(v.precision).input)) {
    if (is_product(v)) lines = v.n * v.p();
  }
  Sharing sharing;
  int threads;         // that make patches on their own
  int64_t lines;       // of y in one chunk, at most
  int64_t bytes_each;  // of patches
};

template <class T>
class Im2colJob : public ConvJob {
 public:
  Im2colJob(const Conv2d& conv, const Inputs& inputs, const Placement& placement)
      : ConvJob(conv, inputs, placement),
        threads_(omp_get_max_threads()),
        layout_(conv, threads_),
        patches_(layout_.threads, layout_.bytes_each) {
    patches_.fill(0);
  }

  void run(int64_t slot) override {
    if (conv_.direction == Direction::backward_data && !is_product(conv_)) clear(slot);
    if (layout_.sharing == Sharing::chunk) return lines(slot, 0, 0, conv_.n * conv_.p());
    openblas_set_num_threads(1);
    // Images share dw, so there one thread has a group of all of them.
    const int64_t parts = conv_.direction == Direction::backward_weights ? 1 : conv_.n;
    const int64_t each = conv_.n / parts * conv_.p();
#pragma omp parallel for schedule(static)
    for (int64_t task = 0; task < parts * conv_.groups; ++task) {
      const int64_t part = task / conv_.groups;
      lines(slot, task % conv_.groups, part * each, (part + 1) * each);
    }
    openblas_set_num_threads(threads_);
  }

  std::string implementation() const override {
    return fmt::format("OpenBLAS {}, {}", openblas_version(),
                       layout_.sharing == Sharing::groups ? "one thread a group"
                       : is_product(conv_)                ? "one product"
                                                          : "patches by all threads");
  }

 private:
  void clear(int64_t slot) {
    T* dx = result<T>(slot);
    const int64_t line = conv_.w * conv_.c;
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < conv_.n * conv_.h; ++row) std::fill_n(dx + row * line, line, T(0));
  }

  void lines(int64_t slot, int64_t group, int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; line += layout_.lines) {
      const PatchRange range{line, std::min(end, line + layout_.lines), group};
      switch (conv_.direction) {
        case Direction::forward:
          forward(slot, range);
          break;
        case Direction::backward_data:
          backward_data(slot, range);
          break;
        case Direction::backward_weights:
          backward_weights(slot, range, line == begin ? T(0) : T(1));
          break;
      }
    }
  }

  T* patches() const {
    return reinterpret_cast<T*>(patches_.at(omp_in_parallel() ? omp_get_thread_num() : 0));
  }
  int64_t rows(const PatchRange& range) const { return (range.end - range.begin) * conv_.q(); }
  /// Where the range's elements of an activation with `channels` stand, of which a group has `each`.
  static int64_t at(const PatchRange& range, int64_t columns, int64_t channels, int64_t each) {
    return range.begin * columns * channels + range.group * each;
  }
  int64_t y_at(const PatchRange& range) const { return at(range, conv_.q(), conv_.k, conv_.group_filters()); }
  int64_t x_at(const PatchRange& range) const { return at(range, conv_.w, conv_.c, conv_.group_channels()); }
  int64_t w_at(const PatchRange& range) const {
    return range.group * conv_.group_filters() * patch_size(conv_);
  }

  /// The patches that x has for the range, made unless they lie there.
  Rows<const T> patches_of(const T* x, const PatchRange& range) const {
    if (is_product(conv_)) return {x + x_at(range), conv_.c};
    gather_patches(conv_, range, x, patches());
    return {patches(), patch_size(conv_)};
  }

  void forward(int64_t slot, const PatchRange& range) {
    const Rows<const T> a = patches_of(first<T>(slot), range);
    const Rows<const T> w{second<T>(slot) + w_at(range), patch_size(conv_)};
    const Rows<T> y{result<T>(slot) + y_at(range), conv_.k};
    multiply(CblasNoTrans, CblasTrans, rows(range), conv_.group_filters(), patch_size(conv_), a, w, T(0), y);
    if (const T* bias = this->template bias<T>(slot)) add_bias_relu(range, bias, y);
  }

  void backward_data(int64_t slot, const PatchRange& range) {
    const Rows<const T> dy{first<T>(slot) + y_at(range), conv_.k};
    const Rows<const T> w{second<T>(slot) + w_at(range), patch_size(conv_)};
    const bool in_place = is_product(conv_);
    const Rows<T> a =
        in_place ? Rows<T>{result<T>(slot) + x_at(range), conv_.c} : Rows<T>{patches(), patch_size(conv_)};
    multiply(CblasNoTrans, CblasNoTrans, rows(range), patch_size(conv_), conv_.group_filters(), dy, w, T(0),
             a);
    if (!in_place) scatter_patches(conv_, range, a.data, result<T>(slot));
  }

  void backward_weights(int64_t slot, const PatchRange& range, T beta) {
    const Rows<const T> a = patches_of(first<T>(slot), range);
    const Rows<const T> dy{second<T>(slot) + y_at(range), conv_.k};
    const Rows<T> dw{result<T>(slot) + w_at(range), patch_size(conv_)};
    multiply(CblasTrans, CblasNoTrans, conv_.group_filters(), patch_size(conv_), rows(range), dy, a, beta,
             dw);
  }

  void add_bias_relu(const PatchRange& range, const T* bias, Rows<T> y) const {
    const int64_t filters = conv_.group_filters();
    bias += range.group * filters;
#pragma omp parallel for schedule(static) if (!omp_in_parallel())
    for (int64_t row = 0; row < rows(range); ++row) {
      T* line = y.data + row * y.stride;
      for (int64_t k = 0; k < filters; ++k) line[k] = std::max(T(0), line[k] + bias[k]);
    }
  }

  const int threads_;
  const Layout layout_;
  SlottedPages patches_;
};

Reason why_not(const Conv2d& conv) {
  constexpr int64_t kLargest = int64_t{1} << 31;  // what OpenBLAS can count to
  if (conv.n * conv.p() * conv.q() >= kLargest || patch_size(conv) >= kLargest)
    return "a matrix of more than 2^31 rows or columns";
  return unless_one_of(conv, {Precision::fp64, Precision::fp32});
}

std::unique_ptr<Job> prepare(const Conv2d& conv, const Inputs& inputs, const Placement& placement) {
  if (conv.precision == Precision::fp64) return std::make_unique<Im2colJob<double>>(conv, inputs, placement);
  return std::make_unique<Im2colJob<float>>(conv, inputs, placement);
}

int64_t scratch(const Conv2d& conv) {
  const Layout layout(conv, omp_get_max_threads());
  return layout.threads * layout.bytes_each;
}

}  // namespace

Kernel conv_im2col_openblas() {
  return {.name = "im2col_openblas",
          .summary =
              "patches copied out a cacheful at a time and multiplied by OpenBLAS, all threads; 1 x 1 "
              "filters without copying",
          .why_not = for_problem<Conv2d>(why_not),
          .prepare = for_problem<Conv2d>(prepare),
          .scratch_bytes = [](const Problem& p) { return scratch(std::get<Conv2d>(p)); }};
}

}  // namespace breakeven::cpu
