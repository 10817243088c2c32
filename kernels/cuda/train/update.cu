// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

// One step of an optimizer over the whole arena, and what it needs to know of all gradients: their norm and
// whether they are finite, in a fixed order. Parameters, moments and shadow are written by one kernel, 16
// bytes at a time.

#include <cmath>

#include "kernels/cuda/memory/flat.h"
#include "kernels/cuda/train/storage.h"
#include "kernels/cuda/train/update.h"

namespace breakeven::cuda {
namespace {

using train::OptimizerKind;

constexpr int kThreads = 256, kTurns = 8;  // fours of a thread, of one part
constexpr int64_t kPart = int64_t{kThreads} * kTurns * 4;

/// Sum over the block in thread 0, halves onto halves.
__device__ inline GradientPart over_block(GradientPart value) {
  auto& shared = device::static_shared<GradientPart[kThreads]>();
  shared[threadIdx.x] = value;
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) {
      shared[threadIdx.x].squares += shared[threadIdx.x + half].squares;
      shared[threadIdx.x].not_finite += shared[threadIdx.x + half].not_finite;
    }
  }
  return shared[threadIdx.x];
}

__global__ void __launch_bounds__(kThreads)
    gradient_part(float* gradients, int64_t size, const TrainControl* control, GradientPart* parts) {
  const float scale = control->scale, inverse = 1 / scale;  // powers of two
  float squares = 0;
  int not_finite = 0;
  for (int turn = 0; turn < kTurns; ++turn) {
    const int64_t at = int64_t{blockIdx.x} * kPart + (int64_t{turn} * kThreads + threadIdx.x) * 4;
    if (at >= size) break;
    auto part = *reinterpret_cast<const Part<float>*>(gradients + at);
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      part.value[j] *= inverse;
      not_finite += !(fabsf(part.value[j]) <= 3.4028235e38f);
      squares += part.value[j] * part.value[j];
    }
    if (scale != 1) *reinterpret_cast<Part<float>*>(gradients + at) = part;
  }
  const GradientPart all = over_block({static_cast<double>(squares), not_finite});
  if (threadIdx.x == 0) parts[blockIdx.x] = all;
}

__device__ inline void next_scale(TrainControl& control, bool finite) {
  control.skip = finite ? 0 : 1;
  if (!finite) {
    ++control.skipped;
    control.good = 0;
    control.scale = fmaxf(control.scale / 2, 1.0f);
  } else if (++control.good == train::kStepsToDouble) {
    control.good = 0;
    control.scale = fminf(control.scale * 2, train::kMostLossScale);
  }
}

__global__ void __launch_bounds__(kThreads) control_step(const GradientPart* parts, int64_t count, float clip,
                                                         LossScale loss_scale, TrainControl* control) {
  GradientPart sum{0, 0};
  for (int64_t i = threadIdx.x; i < count; i += kThreads) {
    sum.squares += parts[i].squares;
    sum.not_finite += parts[i].not_finite;
  }
  sum = over_block(sum);
  if (threadIdx.x != 0) return;
  const auto norm = static_cast<float>(sqrt(sum.squares));
  control->clip = clip > 0 && norm > clip ? clip / norm : 1.0f;
  if (loss_scale == LossScale::dynamic) next_scale(*control, sum.not_finite == 0);
}

/// One parameter; `decay` is 0 where none applies.
template <OptimizerKind kind>
__device__ inline void update_one(const Update& u, float decay, float g, float& p, float& first,
                                  float& second) {
  const train::Optimizer& o = u.optimizer;
  if constexpr (kind == OptimizerKind::sgd) {
    g += decay * p;
    first = o.momentum * first + g;
    p -= u.rate * (g + o.momentum * first);
  } else if constexpr (kind == OptimizerKind::adamw) {
    p -= u.rate * decay * p;
    first = o.beta1 * first + (1 - o.beta1) * g;
    second = o.beta2 * second + (1 - o.beta2) * g * g;
    p -= u.rate * (first / u.correction1) / (sqrtf(second / u.correction2) + o.epsilon);
  } else {
    second += g * g;
    p -= u.rate * g / (sqrtf(second) + o.epsilon);
  }
}

template <OptimizerKind kind, class T>
__global__ void __launch_bounds__(kThreads) update(Update u, Arenas a, const TrainControl* control) {
  constexpr bool kFirst = kind != OptimizerKind::adagrad, kSecond = kind != OptimizerKind::sgd;
  using Fours = Part<float>;
  const int64_t at = (int64_t{blockIdx.x} * kThreads + threadIdx.x) * 4;
  if (at >= a.size || control->skip) return;
  const float clip = control->clip, decay = a.decays[at / 16] ? u.optimizer.decay : 0;
  auto p = *reinterpret_cast<const Fours*>(a.parameters + at);
  const auto g = *reinterpret_cast<const Fours*>(a.gradients + at);
  Fours first = {}, second = {};
  if (kFirst) first = *reinterpret_cast<const Fours*>(a.first + at);
  if (kSecond) second = *reinterpret_cast<const Fours*>(a.second + at);
#pragma unroll
  for (int j = 0; j < 4; ++j)
    update_one<kind>(u, decay, g.value[j] * clip, p.value[j], first.value[j], second.value[j]);
  *reinterpret_cast<Fours*>(a.parameters + at) = p;
  if (kFirst) *reinterpret_cast<Fours*>(a.first + at) = first;
  if (kSecond) *reinterpret_cast<Fours*>(a.second + at) = second;
  if (a.shadow) store_several(static_cast<T*>(a.shadow) + at, p.value);
}

template <class T>
__global__ void __launch_bounds__(kThreads) shadow(Arenas a) {
  const int64_t at = (int64_t{blockIdx.x} * kThreads + threadIdx.x) * 4;
  if (at >= a.size) return;
  const auto p = *reinterpret_cast<const Part<float>*>(a.parameters + at);
  store_several(static_cast<T*>(a.shadow) + at, p.value);
}

device::Shape shape_of(int64_t size) {
  return {.grid = block_count((size / 4 + kThreads - 1) / kThreads), .block = kThreads};
}

template <class T>
auto update_for(OptimizerKind kind) {
  if (kind == OptimizerKind::adamw) return update<OptimizerKind::adamw, T>;
  if (kind == OptimizerKind::adagrad) return update<OptimizerKind::adagrad, T>;
  return update<OptimizerKind::sgd, T>;
}

}  // namespace

int64_t gradient_parts(int64_t size) { return (size + kPart - 1) / kPart; }

void launch_gradient_parts(float* gradients, int64_t size, const TrainControl* control, GradientPart* parts,
                           cudaStream_t stream) {
  device::launch("train gradient_part", gradient_part,
                 {.grid = block_count(gradient_parts(size)), .block = kThreads}, stream, gradients, size,
                 control, parts);
}

void launch_control(const GradientPart* parts, int64_t count, float clip, LossScale loss_scale,
                    TrainControl* control, cudaStream_t stream) {
  device::launch("train control", control_step, {.grid = 1, .block = kThreads}, stream, parts, count, clip,
                 loss_scale, control);
}

void launch_update(Precision precision, const Update& u, const Arenas& arenas, const TrainControl* control,
                   cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train update", update_for<T>(u.optimizer.kind), shape_of(arenas.size), stream, u, arenas,
                   control);
  });
}

void launch_shadow(Precision precision, const Arenas& arenas, cudaStream_t stream) {
  with_storage(precision, [&]<class T>() {
    device::launch("train shadow", shadow<T>, shape_of(arenas.size), stream, arenas);
  });
}

}  // namespace breakeven::cuda
