#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Measures the speed that breakeven promises of itself, and fails where a promise is broken.

    meson test -C build --benchmark --verbose
    scripts/speed.py startup build/harness/cli/breakeven

startup   `--help`, `list`, and refusals of bad input: median wall time of whole processes
quick     `run gemm --preset quick`: whole time, widest interval of a median, share of time spent checking
suites    `run conv mixed memory transfer --preset quick`: whole time
ladder    simd_threads against OpenBLAS at 2048, fp32: ratio of medians over launches in turn
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

FAILED = []


def promise(what, value, limit, unit, at_least=False):
    kept = value >= limit if at_least else value <= limit
    print(f"{'kept  ' if kept else 'BROKEN'}  {what}: {value:.3g} {unit} (promised: {'at least' if at_least else 'at most'} {limit:g} {unit})")
    if not kept:
        FAILED.append(what)


def wall_ms(command, runs, folder):
    times = []
    for _ in range(runs + 2):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=folder, check=False)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[2:])


def startup(program):
    with tempfile.TemporaryDirectory() as folder:
        deep = os.path.join(folder, 'deep.jsonl')
        with open(deep, 'w') as out:
            out.write('[' * 100000)
        huge = os.path.join(folder, 'huge.jsonl')
        with open(huge, 'wb') as out:
            out.truncate(300 << 20)
        promise('--help', wall_ms([program, '--help'], 41, folder), 10, 'ms')
        promise('list cases', wall_ms([program, 'list', 'cases'], 21, folder), 50, 'ms')
        promise('list cases --preset full', wall_ms([program, 'list', 'cases', '--preset', 'full'], 21, folder), 50, 'ms')
        promise('doctor', wall_ms([program, 'doctor'], 11, folder), 200, 'ms')
        for words in (['run', 'gemm', '--kernel', 'openbls'], ['run', 'gemm', '--shape', 'm0n1k1'], ['run', 'gemm', '--device', 'cuda'],
                      ['run', 'gemm', '--out', '/proc/x/y.jsonl'], ['show', deep], ['show', huge], ['verify', deep]):
            promise('refusing ' + ' '.join(os.path.basename(w) for w in words), wall_ms([program, *words], 11, folder), 100, 'ms')


def run(program, *words):
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        done = subprocess.run([program, 'run', *words, '--json', '--out', os.path.join(folder, 'x.jsonl')], stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout), time.perf_counter() - start


def quick(program):
    document, seconds = run(program, 'gemm', '--preset', 'quick')
    measured = [r for r in document['results'] if r['status'] == 'ok']
    promise('quick run, whole', seconds, 60, 's')
    widest = max(measured, key=lambda r: r['interval'])
    promise(f"widest interval of a median ({widest['case']})", widest['interval'] * 100, 3, '%')
    promise('share of time spent checking', 100 * sum(r['check_seconds'] for r in measured) / seconds, 25, '%')
    print(f"        {len(measured)} cases measured, {len(document['results']) - len(measured)} skipped")


def suites(program):
    document, seconds = run(program, 'conv', 'mixed', 'memory', 'transfer', '--preset', 'quick')
    promise('quick run of the other suites, whole', seconds, 120, 's')
    print(f"        {sum(r['status'] == 'ok' for r in document['results'])} cases measured of {len(document['results'])}")


def ladder(program):
    document, _ = run(program, 'gemm', '--shape', 'm2048n2048k2048', '--precision', 'fp32', '--device', 'cpu',
                      '--kernel', 'simd_threads,openblas', '--launches', '5')
    medians = {'simd_threads': [], 'openblas': []}
    for record in document['results']:
        if record['status'] == 'ok':
            medians[record['kernel']].append(statistics.median(record['seconds']))
    if not all(medians.values()):
        print('skipped: no OpenBLAS in this build')
        sys.exit(77)
    ratios = [b / s for s, b in zip(medians['simd_threads'], medians['openblas'])]
    promise('simd_threads against openblas at 2048, fp32', 100 * statistics.median(ratios), 60, '%', at_least=True)


if __name__ == '__main__':
    benchmarks = {'startup': startup, 'quick': quick, 'suites': suites, 'ladder': ladder}
    if len(sys.argv) != 3 or sys.argv[1] not in benchmarks:
        sys.exit(__doc__)
    benchmarks[sys.argv[1]](os.path.abspath(sys.argv[2]))
    sys.exit(1 if FAILED else 0)
