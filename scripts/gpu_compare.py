#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Own kernels beside cuBLASLt and PyTorch: gpu_compare.py --breakeven PROGRAM --out FOLDER PRECISION

Each contender measures all shapes in a process of its own, the processes in the order A B C ... C B A, so that a GPU that drifts
(warmer, slower) favours nobody; first sustained, then isolated. Ratios are of medians, each the mean of both passes. Where the
passes of one contender lie further apart than two contenders do, that is no difference. Leaves compare-PRECISION.md and .json, and
the result files in FOLDER/compare/. --seconds ends it early, with what there is.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

SQUARES = ['m1024n1024k1024', 'm2048n2048k2048', 'm4096n4096k4096', 'm8192n8192k8192']
THIN = ['m1n8192k8192', 'm16n8192k8192', 'm64n8192k8192']
SMALL = ['m33n17k65', 'm64n128k64']   # what an emulated GPU can do while somebody waits
HOPPER = ['tma_store', 'cluster', 'pingpong', 'stream_k']
OWN = {   # the rungs that may be best somewhere
    'fp32': ['warp_tiled', 'fp32_tensor', 'gemv', 'skinny'],
    'tf32': HOPPER, 'fp8e4m3': HOPPER, 'int8': HOPPER,
    'bf16': [*HOPPER, 'gemv', 'skinny'], 'fp16': [*HOPPER, 'gemv', 'skinny'],
}
VENDOR = ['cublaslt_best', 'cublaslt']
REGIMES = ['sustained', 'isolated']
HEAD = ['shape', 'own', 'own TF/s', 'Lt best', 'Lt first', 'PyTorch', 'own/best', 'own/first', 'own/PyTorch', 'MHz', 'W']


class Measurements:
    """Medians of every pass: {(regime, shape, contender): [(seconds, clock, power), ...]}."""

    def __init__(self):
        self.passes, self.why, self.flops = {}, {}, {}

    def add(self, regime, shape, contender, seconds, clock=None, power=None):
        self.passes.setdefault((regime, shape, contender), []).append((statistics.median(seconds), clock, power))

    def seconds(self, *key):
        found = self.passes.get(key)
        return statistics.mean(s for s, _, _ in found) if found else None

    def spread(self, *key):
        """How far the passes of one contender lie apart, relative."""
        found = [s for s, _, _ in self.passes.get(key, [])]
        return (max(found) - min(found)) / statistics.mean(found) if found else 0.0


def read_run(path, regime, into):
    """What a result file says, into Measurements."""
    for line in path.read_text().splitlines():
        row = json.loads(line)
        if row['kind'] != 'result':
            continue
        shape, contender = row['case'].split('/')[1], row['kernel']
        into.flops[shape] = row['flops']
        if row['seconds']:
            sensors = row['telemetry']
            into.add(regime, shape, contender, row['seconds'], sensors['clock_hz'], sensors['power_watts'])
        else:
            into.why[contender, shape] = f'{row["status"]}: {row["reason"]}' if row['reason'] else row['status']


def run_own(given, contender, regime, pass_name, into):
    """One process of breakeven: all shapes, one contender. True when no answer was wrong."""
    path = given.out / 'compare' / f'{given.precision}-{regime}-{contender}-{pass_name}.jsonl'
    path.unlink(missing_ok=True)
    command = [given.breakeven, 'run', 'gemm', '--device', given.device, '--precision', given.precision, '--shape',
               ','.join(given.shapes), '--kernel', contender, '--regime', regime, '--timeout', '60', '--out', str(path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if path.exists():
        read_run(path, regime, into)
    print(f'{regime} {pass_name} {contender}: exit {done.returncode}', flush=True)
    if done.returncode not in (0, 4):   # 4: a contender that has none of these shapes
        print(done.stdout, flush=True)
    return done.returncode in (0, 4)


def run_torch(given, regime, into):
    """One process of PyTorch, all shapes. Its absence is no fault."""
    script = pathlib.Path(__file__).with_name('gpu_torch.py')
    done = subprocess.run([given.python, script, given.precision, regime, '0.5', *given.shapes], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for line in done.stdout.splitlines():
        row = json.loads(line)
        if 'seconds' in row:
            into.add(regime, row['shape'], 'torch', row['seconds'])
        elif 'reason' in row:
            into.why['torch', row['shape']] = row['reason']
        else:
            into.why['torch', 'version'] = row['torch']
    if done.returncode != 0:
        into.why['torch', 'absent'] = (done.stderr.strip().splitlines() or ['it failed'])[-1]
        print(f'PyTorch: {into.why["torch", "absent"]}', flush=True)
    return done.returncode in (0, 77)


def rate(into, shape, seconds):
    return f'{into.flops[shape] / seconds / 1e12:.1f}' if seconds else '-'


def ratio(into, regime, shape, own, other):
    """own's speed over the other's; in brackets where the passes differ by more than the two do."""
    mine, theirs = into.seconds(regime, shape, own), into.seconds(regime, shape, other)
    if not mine or not theirs:
        return '-'
    noise = max(into.spread(regime, shape, own), into.spread(regime, shape, other))
    words = f'{theirs / mine:.3f}'
    return f'({words})' if abs(theirs / mine - 1) < noise else words


def row(given, into, regime, shape):
    """The cells of one line of the table: the fastest own kernel against each other contender."""
    timed = [c for c in given.own if into.seconds(regime, shape, c)]
    if not timed:
        why = {into.why.get((c, shape), 'not run') for c in given.own}
        words = 'checked, not timed' if why == {'ok'} else 'none: ' + '; '.join(sorted(why))
        return [shape, words, *['-'] * (len(HEAD) - 2)]
    own = min(timed, key=lambda c: into.seconds(regime, shape, c))
    sensors = into.passes[regime, shape, own]
    clock, power = ([v for v in values if v] for values in ([s[1] for s in sensors], [s[2] for s in sensors]))
    return [shape, own, *(rate(into, shape, into.seconds(regime, shape, c)) for c in (own, *VENDOR, 'torch')),
            *(ratio(into, regime, shape, own, c) for c in (*VENDOR, 'torch')),
            f'{statistics.mean(clock) / 1e6:.0f}' if clock else '-', f'{statistics.mean(power):.0f}' if power else '-']


def tables(given, into):
    """Markdown, a table a regime."""
    lines = [f'# {given.precision}: own kernels beside cuBLASLt and PyTorch', '']
    for regime in given.regimes:
        lines += [f'{regime}, 10^12 operations a second; ratios above 1: own is faster; in brackets: a tie within the '
                  'spread of the passes', '', '| ' + ' | '.join(HEAD) + ' |', '| :-- | :-- |' + ' --: |' * (len(HEAD) - 2)]
        lines += ['| ' + ' | '.join(row(given, into, regime, shape)) + ' |' for shape in given.shapes] + ['']
    absent = into.why.get(('torch', 'absent'))
    lines.append(f'PyTorch did not run: {absent}' if absent else f'PyTorch {into.why.get(("torch", "version"), "")}')
    return '\n'.join(lines) + '\n'


def measure_all(given, into):
    """Every contender there and back in each regime. True when no answer was wrong."""
    good, until = True, time.monotonic() + given.seconds
    contenders = [*given.own, *VENDOR, 'torch']
    for regime in given.regimes:
        for pass_name, order in (('there', contenders), ('back', contenders[::-1])):
            for contender in order:
                if time.monotonic() > until:
                    print(f'{regime} {pass_name} {contender}: left out, {given.seconds:.0f} s are over')
                elif contender == 'torch':
                    good = run_torch(given, regime, into) and good
                else:
                    good = run_own(given, contender, regime, pass_name, into) and good
    return good


def parsed():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('--breakeven', required=True)
    options.add_argument('--out', type=pathlib.Path, required=True)
    options.add_argument('--device', default='cuda:0')
    options.add_argument('--python', default='python3', help='the interpreter that has PyTorch')
    options.add_argument('--seconds', type=float, default=500)
    options.add_argument('precision', choices=OWN)
    given = options.parse_args()
    emulated = given.device == 'emu'
    given.shapes = SMALL if emulated else [*SQUARES, *(THIN if given.precision in ('fp32', 'bf16', 'fp16') else [])]
    given.regimes = REGIMES[:1] if emulated else REGIMES
    given.own = OWN[given.precision][:1] if emulated else OWN[given.precision]
    return given


def main():
    given = parsed()
    (given.out / 'compare').mkdir(parents=True, exist_ok=True)
    into = Measurements()
    try:
        good = measure_all(given, into)
    except KeyboardInterrupt:   # its time is over: what there is counts
        good = True
        print('stopped')
    page = tables(given, into)
    (given.out / f'compare-{given.precision}.md').write_text(page)
    (given.out / f'compare-{given.precision}.json').write_text(json.dumps(
        [{'regime': r, 'shape': s, 'contender': c, 'passes': [{'seconds': t, 'clock_hz': f, 'power_watts': w}
                                                             for t, f, w in passes]}
         for (r, s, c), passes in into.passes.items()], indent=1) + '\n')
    print(page)
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
