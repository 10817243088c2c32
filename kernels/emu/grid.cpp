// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0
#include "kernels/emu/grid.h"

#include <driver_types.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "kernels/emu/bind.h"
#include "kernels/emu/here.h"
#include "kernels/emu/scheduler.h"
#include "kernels/emu/window.h"

namespace breakeven::emu {
namespace {

int64_t volume(const dim3& size) { return int64_t{size.x} * size.y * size.z; }

uint3 unravel(int64_t number, const dim3& size) {
  return {static_cast<unsigned>(number % size.x), static_cast<unsigned>(number / size.x % size.y),
          static_cast<unsigned>(number / size.x / size.y)};
}

std::atomic<int64_t>& most_clusters() {
  static std::atomic<int64_t> most = kAllClusters;
  return most;
}

/// A grid that runs: what the operating system threads share.
struct Grid {
  const char* name;
  const GridShape& shape;
  const std::function<void()>& body;
  uint64_t seed;
  int64_t clusters;
  int64_t asked_for;  // of the clusters, the first and last ones
  std::atomic<int64_t> next = 0;
  std::atomic<bool> stop = false;
  std::mutex mutex;
  std::exception_ptr failure;  // the first
};

void set_up_block(Block& block, Cluster& cluster, int rank) {
  const GridShape& shape = cluster.shape;
  const auto count = static_cast<size_t>(volume(shape.block));
  block.cluster = &cluster;
  block.rank = rank;
  const uint3 in_cluster = unravel(rank, shape.cluster);
  block.index = {cluster.index.x + in_cluster.x, cluster.index.y + in_cluster.y,
                 cluster.index.z + in_cluster.z};
  block.threads = std::vector<Thread>(count);
  block.warps.resize((count + 31) / 32);
  block.warpgroups.resize((count + 127) / 128);
  block.running = static_cast<int>(count);
  for (size_t i = 0; i < count; ++i) {
    Thread& thread = block.threads[i];
    thread.block = &block;
    thread.linear = static_cast<int>(i);
    thread.index = unravel(static_cast<int64_t>(i), shape.block);
    thread.clock.actor = static_cast<uint32_t>(static_cast<size_t>(rank) * count + i);
    block.warps[i / 32].alive |= 1u << (i % 32);
  }
}

/// Ends a cluster however it ends.
class Stay {
 public:
  explicit Stay(Cluster& cluster) : cluster_(cluster) {
    here = {&cluster, nullptr, nullptr};
    open_shared(cluster, static_cast<uint32_t>(cluster.shape.shared_bytes));
  }
  ~Stay() {
    close_shared(cluster_);
    here = {};
  }
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;

 private:
  Cluster& cluster_;
};

/// A GPU starts blocks when it likes: some clusters of a grid begin only when others are well on their way.
void start_late(Random random, int64_t clusters) {
  constexpr int64_t kLatecomers = 4;  // of a grid, about
  if (random.one_in(static_cast<size_t>(std::max<int64_t>(2, clusters / kLatecomers))))
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(12000)));
}

void run_cluster(const Grid& grid, int64_t number) {
  const dim3& size = grid.shape.cluster;
  const dim3 clusters(grid.shape.grid.x / size.x, grid.shape.grid.y / size.y, grid.shape.grid.z / size.z);
  const uint3 index = unravel(number, clusters);
  const auto blocks = static_cast<size_t>(volume(size));
  const Windows windows(blocks);
  Cluster cluster;
  cluster.kernel = grid.name;
  cluster.shape = grid.shape;
  cluster.index = {index.x * size.x, index.y * size.y, index.z * size.z};
  cluster.thread_actors = static_cast<uint32_t>(static_cast<int64_t>(blocks) * volume(grid.shape.block));
  cluster.actors = cluster.thread_actors + static_cast<uint32_t>(blocks) * kAsyncActors;
  cluster.window = windows.window(0);
  cluster.window_bytes = blocks * kWindowBytes;
  cluster.blocks = std::vector<Block>(blocks);
  for (size_t rank = 0; rank < blocks; ++rank) {
    cluster.blocks[rank].window = windows.window(rank);
    cluster.blocks[rank].shadow = &windows.shadow(rank);
    set_up_block(cluster.blocks[rank], cluster, static_cast<int>(rank));
  }
  const uint64_t seed =
      grid.seed == 0 ? 0 : Random(grid.seed ^ static_cast<uint64_t>(number) << 32).next() | 1;
  if (seed != 0) start_late(Random(seed), grid.clusters);
  Scheduler scheduler(cluster, seed, grid.stop);
  const Stay stay(cluster);
  scheduler.run(grid.body);
}

/// One operating system thread's share.
void run_clusters(Grid& grid) {
  try {
    for (int64_t turn = grid.next++; turn < grid.asked_for && !grid.stop; turn = grid.next++)
      run_cluster(grid, turn < grid.asked_for / 2 ? turn : grid.clusters - grid.asked_for + turn);
  } catch (...) {
    grid.stop = true;
    const std::lock_guard lock(grid.mutex);
    if (!grid.failure) grid.failure = std::current_exception();
  }
}

/// Blocks may wait for others of the same grid as long as all fit onto the GPU at once: at least as many as
/// it has multiprocessors must then run side by side, however few cores there are.
int64_t side_by_side(int64_t clusters) {
  const auto cores = static_cast<int64_t>(std::thread::hardware_concurrency());
  return std::min(clusters, std::max<int64_t>(cores, kMultiprocessors));
}

bool within(const dim3& size, int64_t x, int64_t y, int64_t z) {
  return size.x > 0 && size.y > 0 && size.z > 0 && size.x <= x && size.y <= y && size.z <= z;
}

}  // namespace

int can_launch(const GridShape& shape) {
  const dim3 &grid = shape.grid, &cluster = shape.cluster;
  if (!within(grid, 0x7FFFFFFF, 65535, 65535) || !within(shape.block, 1024, 1024, 64) ||
      volume(shape.block) > kMaxThreads)
    return cudaErrorInvalidConfiguration;
  if (!within(cluster, kMaxCluster, kMaxCluster, kMaxCluster) || volume(cluster) > kMaxCluster ||
      grid.x % cluster.x != 0 || grid.y % cluster.y != 0 || grid.z % cluster.z != 0)
    return cudaErrorInvalidConfiguration;
  return shape.shared_bytes >= 0 && shape.shared_bytes <= kMaxShared ? cudaSuccess : cudaErrorInvalidValue;
}

std::function<void()> body_of(std::shared_ptr<const void> state, void (*call)(const void*)) {
  return [state = std::move(state), call] { call(state.get()); };
}

void run_at_most(int64_t clusters) { most_clusters() = clusters; }

void run_grid(const char* name, const GridShape& shape, const std::function<void()>& body, uint64_t seed) {
  if (can_launch(shape) != cudaSuccess)
    throw std::invalid_argument("a grid of this shape cannot be launched");
  if (here.cluster != nullptr) throw std::logic_error("a kernel cannot launch another");
  const int64_t clusters = volume(shape.grid) / volume(shape.cluster);
  Grid grid{.name = name,
            .shape = shape,
            .body = body,
            .seed = seed,
            .clusters = clusters,
            .asked_for = std::min<int64_t>(clusters, most_clusters()),
            .next = 0,
            .stop = false,
            .mutex = {},
            .failure = {}};
  {
    std::vector<std::thread> others;
    for (int64_t i = 1; i < side_by_side(grid.asked_for); ++i)
      others.emplace_back([&] { run_clusters(grid); });
    run_clusters(grid);
    for (std::thread& other : others) other.join();
  }
  if (grid.failure) std::rethrow_exception(grid.failure);
}

}  // namespace breakeven::emu
