// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "cpu_ref/onednn_compat.h"
#include "cpu_ref/onednn_type.h"
#include "cpu_ref/pages.h"
#include "cpu_ref/train/products.h"
#include "harness/backend.h"

namespace breakeven::cpu {
namespace {

using dnnl::memory;
using train::OpKind;

constexpr auto kFp32 = memory::data_type::f32;
constexpr auto kAnyLayout = memory::format_tag::any;

/// Scratch of one product after the other: oneDNN's own and gradients of weights in its layout.
struct Shared {
  int64_t bytes = 0;
  Pages pages;
  void want(int64_t more) { bytes = std::max(bytes, more); }
};

/// A primitive with its arguments, executed by the C interface: dnnl.hpp's makes a vector each time.
class Call {
 public:
  Call() = default;
  Call(dnnl::primitive primitive, std::vector<std::pair<int, memory>> arguments)
      : primitive_(std::move(primitive)), memories_(std::move(arguments)) {
    for (const auto& [name, array] : memories_) arguments_.push_back({name, array.get()});
  }
  memory& argument(int name) {
    return std::ranges::find(memories_, name, &std::pair<int, memory>::first)->second;
  }
  void operator()(const dnnl::stream& stream) const {
    const auto count = static_cast<int>(arguments_.size());
    dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream.get(), count, arguments_.data()),
                            "a product failed");
  }

 private:
  dnnl::primitive primitive_;
  std::vector<std::pair<int, memory>> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
};

/// What a product is made of. A linear operation reads its weights from the arena as they lie: oneDNN's
/// layout gains less than it costs to bring them there after every update, from 128 rows to 2048. A
/// convolution's are brought there.
struct Plan {
  dnnl::primitive_desc description;
  struct Array {
    int name;
    void* data;
  };
  std::vector<Array> arrays;  // read and written where they lie, in the layout they have
  int weights = 0;            // argument in oneDNN's layout, or 0
  memory::desc given;         // of the weights or their gradient in the arena, fp32
  float* arena = nullptr;
};

class OnednnProduct : public Product {
 public:
  OnednnProduct(const Plan& plan, const dnnl::engine& engine, const dnnl::stream& stream, Shared& shared)
      : stream_(stream), shared_(shared), implementation_(plan.description.impl_info_str()) {
    std::vector<std::pair<int, memory>> arguments;
    for (const Plan::Array& array : plan.arrays)
      arguments.emplace_back(array.name, memory(layout(plan, array.name), engine, array.data));
    scratch_bytes_ = rounded(plan.description.scratchpad_desc().get_size());
    arguments.emplace_back(DNNL_ARG_SCRATCHPAD, memory(plan.description.scratchpad_desc(), engine, nullptr));
    const bool gradient = plan.weights == DNNL_ARG_DIFF_WEIGHTS;
    if (plan.weights != 0) {
      const memory::desc own = layout(plan, plan.weights);
      if (!gradient) own_ = SlottedPages(1, static_cast<int64_t>(own.get_size()));
      const memory master(plan.given, engine, plan.arena),
          packed(own, engine, gradient ? nullptr : own_.at(0));
      own_bytes_ = rounded(own.get_size());
      in_place_ = gradient && own == plan.given;
      arguments.emplace_back(plan.weights, in_place_ ? master : packed);
      const memory& from = gradient ? packed : master;
      const memory& to = gradient ? master : packed;
      change_ = Call(dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
    }
    gradient_ = gradient && !in_place_;
    shared_.want(scratch_bytes_ + (gradient_ ? own_bytes_ : 0));
    call_ = Call(dnnl::primitive(plan.description), std::move(arguments));
  }

  /// Once the shared memory is there.
  void place() {
    std::byte* const scratch = shared_.pages.data();
    call_.argument(DNNL_ARG_SCRATCHPAD).set_data_handle(scratch);
    if (!gradient_) return;
    call_.argument(DNNL_ARG_DIFF_WEIGHTS).set_data_handle(scratch + scratch_bytes_);
  }

  void refresh() override {
    if (own_.slots() > 0) change_(stream_);
  }
  void run() override {
    call_(stream_);
    if (gradient_) change_(stream_);
  }
  std::string implementation() const override { return implementation_; }
  int64_t bytes() const { return own_.slots() > 0 ? own_bytes_ : 0; }

 private:
  static memory::desc layout(const Plan& plan, int argument) {
    return plan.description.query_md(dnnl::query::exec_arg_md, argument);
  }
  static int64_t rounded(size_t bytes) { return static_cast<int64_t>((bytes + 4095) / 4096 * 4096); }

  const dnnl::stream& stream_;
  Shared& shared_;
  const std::string implementation_;
  SlottedPages own_;  // weights in oneDNN's layout and precision
  int64_t scratch_bytes_ = 0, own_bytes_ = 0;
  bool in_place_ = false;  // the gradient is in the arena's layout as it is
  bool gradient_ = false;  // it is brought there
  Call call_, change_;
};

/// Logical [n, c, h, w], in memory n h w c.
memory::desc nhwc(int64_t n, int64_t h, int64_t w, int64_t c, memory::data_type type) {
  return {memory::dims{n, c, h, w}, type, memory::dims{h * w * c, 1, w * c, c}};
}
/// [rows, columns], row-major or, of its transpose, column-major.
memory::desc matrix(int64_t rows, int64_t columns, memory::data_type type) {
  return {memory::dims{rows, columns}, type, memory::dims{columns, 1}};
}
memory::desc transposed(int64_t rows, int64_t columns, memory::data_type type) {
  return {memory::dims{rows, columns}, type, memory::dims{1, rows}};
}

class OnednnProducts : public Products {
 public:
  explicit OnednnProducts(const ProgramMemory& memory)
      : memory_(memory),
        type_(onednn_type(memory.activation)),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_) {}

  std::unique_ptr<Product> make(const train::Op& op) override {
    auto product = std::make_unique<OnednnProduct>(plan(op), engine_, stream_, shared_);
    made_.push_back(product.get());
    own_bytes_ += product->bytes();
    return product;
  }

  void finish() override {
    shared_.pages = Pages(shared_.bytes);
    for (OnednnProduct* product : made_) product->place();
  }

  int64_t bytes() const override { return own_bytes_ + shared_.bytes; }

  std::string name() const override {
    const dnnl_version_t& v = *dnnl::version();
    return fmt::format("oneDNN {}.{}.{}", v.major, v.minor, v.patch);
  }

 private:
  Plan plan(const train::Op& op) const {
    try {
      switch (op.kind) {
        case OpKind::linear:
          return linear(op);
        case OpKind::linear_data:
          return linear_data(op);
        case OpKind::linear_weights:
          return linear_weights(op);
        default:
          return convolution(op);
      }
    } catch (const dnnl::error& e) {
      if (e.status != dnnl_unimplemented) throw;
      throw Unsupported(fmt::format("{} has no {} {} for this shape on this CPU", name(),
                                    breakeven::name(memory_.activation), train::name(op.kind)));
    }
  }

  static dnnl::primitive_attr attributes(const dnnl::post_ops& operations = {}) {
    dnnl::primitive_attr made;
    made.set_fpmath_mode(dnnl::fpmath_mode::strict);  // fp32 stays fp32, whatever the environment says
    made.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    made.set_post_ops(operations);
    return made;
  }

  void* value(train::ValueId id) const { return memory_.value(id); }

  /// y = act(scale x W^T + b). With a scale the bias comes after it, as a post-operation.
  Plan linear(const train::Op& op) const {
    const LinearExtents e(*memory_.program, op);
    const bool biased = op.parameters.size() > 1, scaled = op.scale != 1;
    const bool gelu = op.activation == train::Activation::gelu;
    const memory::desc row = matrix(1, e.out, kFp32);
    dnnl::post_ops operations;
    if (scaled) append_linear(operations, op.scale);
    const int bias =
        scaled ? DNNL_ARG_ATTR_MULTIPLE_POST_OP(operations.len()) | DNNL_ARG_SRC_1 : DNNL_ARG_BIAS;
    if (scaled && biased) operations.append_binary(dnnl::algorithm::binary_add, row);
    if (op.activation == train::Activation::relu) append_relu(operations);
    Plan made{.description =
                  matmul_description(engine_, matrix(e.rows, e.in, type_), transposed(e.in, e.out, type_),
                                     biased && !scaled ? row : memory::desc(), matrix(e.rows, e.out, type_),
                                     attributes(operations)),
              .arrays = {{DNNL_ARG_SRC, value(op.in[0])},
                         {DNNL_ARG_WEIGHTS, memory_.narrow_parameter(op.parameters[0])},
                         {DNNL_ARG_DST, value(op.out[gelu ? 1 : 0])}},
              .given = {}};
    if (biased) made.arrays.push_back({bias, memory_.parameter(op.parameters[1])});
    return made;
  }

  Plan linear_data(const train::Op& op) const {
    const LinearExtents e(*memory_.program, op);
    dnnl::post_ops operations;
    if (op.scale != 1) append_linear(operations, op.scale);
    return {
        .description = matmul_description(engine_, matrix(e.rows, e.out, type_), matrix(e.out, e.in, type_),
                                          {}, matrix(e.rows, e.in, type_), attributes(operations)),
        .arrays = {{DNNL_ARG_SRC, value(op.in[0])},
                   {DNNL_ARG_WEIGHTS, memory_.narrow_parameter(op.parameters[0])},
                   {DNNL_ARG_DST, value(op.out[0])}},
        .given = {}};
  }

  /// dW[out, in] (+)= scale dz^T x, straight into the arena.
  Plan linear_weights(const train::Op& op) const {
    const LinearExtents e(*memory_.program, op);
    dnnl::post_ops operations;
    if (op.scale != 1) append_linear(operations, op.scale);
    if (op.accumulate) operations.append_sum(1);
    return {.description =
                matmul_description(engine_, transposed(e.out, e.rows, type_), matrix(e.rows, e.in, type_), {},
                                   matrix(e.out, e.in, kFp32), attributes(operations)),
            .arrays = {{DNNL_ARG_SRC, value(op.in[1])},
                       {DNNL_ARG_WEIGHTS, value(op.in[0])},
                       {DNNL_ARG_DST, memory_.gradient(op.parameters[0])}},
            .given = {}};
  }

  Plan convolution(const train::Op& op) const {
    const ConvExtents e(*memory_.program, op);
    const memory::dims filter{e.filters, e.channels, e.kernel, e.kernel};
    const ConvolutionDescriptors arrays{.x = nhwc(e.batch, e.height, e.width, e.channels, type_),
                                        .w = {filter, type_, kAnyLayout},
                                        .bias = {},
                                        .y = nhwc(e.batch, e.p, e.q, e.filters, type_),
                                        .strides = {e.stride, e.stride},
                                        .dilation = {0, 0},
                                        .padding = {e.padding, e.padding}};
    const int64_t row = e.kernel * e.channels;
    Plan made;
    made.given = {filter, kFp32, memory::dims{e.kernel * row, 1, row, e.channels}};
    const auto forward =
        forward_description(engine_, dnnl::prop_kind::forward_training, arrays, attributes());
    made.description = forward;
    made.weights = DNNL_ARG_WEIGHTS;
    made.arena = memory_.parameter(op.parameters[0]);
    if (op.kind == OpKind::conv) {
      made.arrays = {{DNNL_ARG_SRC, value(op.in[0])}, {DNNL_ARG_DST, value(op.out[0])}};
    } else if (op.kind == OpKind::conv_data) {
      made.description = backward_data_description(engine_, arrays, forward, attributes());
      made.arrays = {{DNNL_ARG_DIFF_DST, value(op.in[0])}, {DNNL_ARG_DIFF_SRC, value(op.out[0])}};
    } else {
      ConvolutionDescriptors wide = arrays;
      wide.w = {filter, kFp32, kAnyLayout};
      made.description = backward_weights_description(engine_, wide, forward, attributes());
      made.weights = DNNL_ARG_DIFF_WEIGHTS;
      made.arrays = {{DNNL_ARG_SRC, value(op.in[0])}, {DNNL_ARG_DIFF_DST, value(op.in[1])}};
      made.arena = memory_.gradient(op.parameters[0]);
    }
    return made;
  }

  const ProgramMemory& memory_;
  const memory::data_type type_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  Shared shared_;
  int64_t own_bytes_ = 0;
  std::vector<OnednnProduct*> made_;
};

}  // namespace

std::unique_ptr<Products> onednn_products(const ProgramMemory& memory) {
  return std::make_unique<OnednnProducts>(memory);
}

}  // namespace breakeven::cpu
