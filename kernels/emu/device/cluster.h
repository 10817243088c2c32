// SPDX-FileCopyrightText: 2026 The breakeven authors
// SPDX-License-Identifier: Apache-2.0

#pragma once

// Twin of kernels/device/cluster.h.

namespace breakeven::device {

int cluster_rank();
int cluster_size();
void cluster_arrive();
void cluster_wait();
inline void cluster_sync() {
  cluster_arrive();
  cluster_wait();
}

}  // namespace breakeven::device
