#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""What scripts/gpu does, step by step: the commands on a GPU, and those of a rehearsal on the emulated one."""
import json
import pathlib
import shutil
import subprocess
import sys
import typing

SCRIPTS = pathlib.Path(__file__).resolve().parent
PRECISIONS = ['fp64', 'fp32', 'tf32', 'bf16', 'fp16', 'fp8e4m3', 'int8']
COMPARED = ['bf16', 'fp32', 'tf32', 'fp8e4m3', 'int8', 'fp16']   # the most wanted first
SQUARES = 'm4096n4096k4096,m8192n8192k8192'
THIN = 'm1n8192k8192,m16n8192k8192,m64n8192k8192,b512m64n64k64'
OTHERS = ['conv', 'mixed', 'memory', 'transfer']
TINY = 'm33n17k65,b3m65n40k48'   # of the rehearsal: what an emulated GPU does in seconds


class Place(typing.NamedTuple):
    """Where the programs are and where files go."""
    root: pathlib.Path     # of the checkout or of the unpacked bundle
    build: pathlib.Path    # of the checkout
    out: pathlib.Path
    bundle: pathlib.Path | None

    def homes(self):
        """Unpacked bundles and builds that may hold the programs, best first."""
        if (self.root / 'bin/breakeven').exists():
            return [self.root]
        return [self.build, *sorted(self.out.glob('breakeven-*/'))]

    def breakeven(self):
        found = [path for home in self.homes() for path in (home / 'breakeven', home / 'harness/cli/breakeven') if path.is_file()]
        return found[0] if found else self.build / 'harness/cli/breakeven'

    def program(self, name):
        """A test program by name."""
        found = [path for home in self.homes() for where in ('tests', 'kernels') for path in home.glob(f'{where}/**/{name}')
                 if path.is_file()]
        return found[0] if found else self.build / 'kernels' / name

    def kernels(self):
        """What `list kernels --json` says of the contenders that run on a GPU; nothing when the program is not there yet."""
        if not self.breakeven().is_file():
            return []
        listed = json.loads(subprocess.check_output([self.breakeven(), 'list', 'kernels', '--json']))
        return [row for row in listed if row['kernel'].startswith('cuda.')]

    def names(self, own_only=False):
        return [row['kernel'].removeprefix('cuda.') for row in self.kernels()
                if not own_only or 'source' in row and '+' not in row['kernel']]


class Step(typing.NamedTuple):
    name: str
    seconds: int             # no step runs longer
    what: str
    commands: typing.Callable[[Place], list]                   # on a GPU
    rehearsal: typing.Callable[[Place], list] | None = None    # on the emulated one; None: it takes a real one
    telling: str = r'^\d+ passed, '    # lines of the log that the summary repeats
    stops: bool = False      # its time over, what it has finished counts
    at_once: int = 1         # commands side by side: only where nothing is timed


def build(place):
    """A build made here; where that fails (no compiler, no network) the bundle that was brought."""
    if (place.root / 'bin/breakeven').exists():
        return [['echo', 'the binaries of this bundle']]
    script = '"$0" "$1" && exit; [ -n "$2" ] && { tar -xJf "$2" -C "$3" || python3 -m tarfile -e "$2" "$3"; }'
    return [['bash', '-c', script, SCRIPTS / 'build', place.build, place.bundle or '', place.out]]


def describe(place):
    return [['nvidia-smi'], ['bash', '-c', 'nvcc --version || echo "no nvcc: kernels run as the binaries carry them"'],
            [place.breakeven(), 'doctor']]


def check(place, kernel, test, folder, prefix=()):
    """gpu_check's `test` for one kernel in a process of its own: a fault ends a process, not the step."""
    cases = ':'.join(f'*.{test}/{kernel.replace("+", "_")}_{precision}' for precision in PRECISIONS)
    return [*prefix, place.program('gpu_check'), f'--gtest_filter={cases}', f'--gtest_output=json:{place.out}/{folder}/{kernel}.json']


def judge(place):
    rest = [place.program('gpu_check'), '--gtest_filter=-*GpuGemm*']   # clock, copies, random numbers
    tests = ['AgreesWithPlainLoops', 'IsExactOnIntegers']
    return [rest] + [check(place, kernel, test, f'judge/{test}') for kernel in place.names() for test in tests]


def repeats(place):
    return [check(place, kernel, 'RepeatsBitForBit', 'repeats') for kernel in place.names(own_only=True)]


def sanitize(tool):
    """One of compute-sanitizer's tools over own kernels on small shapes. It is not for finding fault with NVIDIA's."""
    prefix = ['env', 'BREAKEVEN_GPU_SHAPES=small', 'compute-sanitizer', '--tool', tool, '--error-exitcode', '9']
    return lambda place: [check(place, kernel, 'AgreesWithPlainLoops', tool, prefix) for kernel in place.names(own_only=True)]


def run(place, name, *arguments, suites=('gemm',)):
    """A run into a file of this name, and its page."""
    file = place.out / f'{name}.jsonl'
    file.unlink(missing_ok=True)
    page = 'test -s "$1" && "$0" show --markdown "$1" >"${1%.jsonl}.md" && "$0" verify "$1"'
    return [[place.breakeven(), 'run', *suites, '--timeout', '60', '--out', file, *arguments],
            ['bash', '-c', page, place.breakeven(), file]]


def ladder(place):
    return (run(place, 'ladder', '--device', 'cuda', '--shape', f'{SQUARES},{THIN}', '--precision', 'fp32,bf16') +
            run(place, 'ladder-top', '--device', 'cuda', '--shape', SQUARES, '--precision', 'tf32,fp16,fp8e4m3,int8'))


def others(place):
    """The suites beside gemm, then what flattering data would flatter, under load and one cold execution at a time."""
    fills = [command for regime in ('sustained', 'isolated')
             for command in run(place, f'fills-{regime}', '--preset', 'fills', '--device', 'cuda', '--regime', regime, suites=['mixed'])]
    return run(place, 'others', '--preset', 'quick', suites=OTHERS) + fills


def others_rehearsed(place):
    return run(place, 'others', '--device', 'emu', '--precision', 'fp32,u8', '--kernel', '*naive*,*direct*,*stream*', suites=OTHERS)


def train(place):
    """Do all contenders train alike, then every quick workload in every precision to its target."""
    return ([[place.breakeven(), 'parity', '--device', 'cuda']] +
            run(place, 'train', '--preset', 'quick', '--precision', 'fp32,tf32,bf16,fp16', '--kernel', 'own,vendor,onednn,amx', suites=['train']))


def train_standard(place):
    return run(place, 'train-standard', '--preset', 'standard', '--device', 'cuda', '--precision', 'bf16', '--launches', '1', suites=['train'])


def train_rehearsed(place):
    return [[place.breakeven(), 'parity', 'train/mlp*', '--preset', 'emulated', '--device', 'emu', '--precision', 'fp32', '--steps', '2']]


def compare(precision, device='cuda:0'):
    return lambda place: [[sys.executable, SCRIPTS / 'gpu_compare.py', '--breakeven', place.breakeven(), '--out', place.out,
                           '--device', device, '--seconds', '480', '--python', shutil.which('python3') or sys.executable,
                           precision]]


def attest(place):
    """From the reports of `judge` and `repeats`, into what results/reference/ takes over."""
    kernels = place.out / 'kernels.json'
    kernels.write_text(json.dumps(place.kernels()))
    asked = subprocess.run(['nvidia-smi', '--query-gpu=name,driver_version', '--format=csv,noheader', '-i', '0'],
                           stdout=subprocess.PIPE, text=True).stdout if shutil.which('nvidia-smi') else ''
    gpu, _, driver = (asked.splitlines() or ['unknown GPU, unknown'])[0].partition(', ')
    nvcc = next((row['nvcc'] for row in place.kernels() if row.get('nvcc')), 'unknown')
    reports = sorted([*place.out.glob('judge/*/*.json'), *place.out.glob('repeats/*.json')])
    return [[sys.executable, SCRIPTS / 'gpu_attest.py', '--gpu', gpu, '--driver', driver, '--nvcc', nvcc, '--kernels', kernels,
             '--out', place.out / 'reference/attest' / f'{slug(gpu)}.json', *reports]]


def slug(words):
    """nvidia-h200 of NVIDIA H200."""
    return '-'.join(''.join(c if c.isalnum() else ' ' for c in words.lower()).split())


def emulated_ladder(place):
    return [[place.program('ladder_test'), '--gtest_filter=*/naive_fp32:*/tma_store_bf16']]


STEPS = [
    Step('build', 540, 'a build made here, or the bundle that was brought', build,
         lambda p: [['test', '-x', p.breakeven()]], r'$^'),
    Step('describe', 60, 'GPU, driver, compiler; breakeven doctor', describe, lambda p: [[p.breakeven(), 'doctor']],
         r'^(missing|DISTORTS) .*GPU|^\| +0 +NVIDIA|Driver Version'),
    Step('conformance', 300, 'every device primitive beside its emulated twin on random inputs',
         lambda p: [[p.program('conformance'), '--require-gpu']], lambda p: [[p.program('conformance')]]),
    Step('judge', 540, 'every kernel against plain loops, ragged shapes, all precisions', judge, emulated_ladder,
         r'^\d+ passed, .*[1-9]\d* failed|^no GPU|went unchecked', at_once=6),
    Step('repeats', 540, '300 repeats of each own kernel, bit for bit', repeats, None, r'[1-9]\d* failed', at_once=6),
    *(Step(tool, 400, f'compute-sanitizer {tool}, own kernels, small shapes', sanitize(tool), None,
           r'ERROR SUMMARY: [1-9]|hazards? [1-9]|not supported', at_once=4) for tool in ('memcheck', 'racecheck', 'synccheck')),
    Step('ladder', 540, 'every rung and cuBLASLt at 4096 and 8192, for the ladder page', ladder,
         lambda p: run(p, 'ladder', '--device', 'emu', '--shape', TINY, '--kernel', 'naive,tma_store,cublaslt'),
         r'^\S+ ok|not right|^wrong', stops=True),
    *(Step(f'compare-{precision}', 540, f'{precision}: own, cuBLASLt best and first, PyTorch, in turns', compare(precision),
           compare(precision, 'emu') if precision == 'bf16' else None, r'^\| (shape|m(4096|8192|1n|16n))|^(sustained|isolated),|^PyTorch')
      for precision in COMPARED),
    Step('attest', 60, 'what passed, kept by the hash of its machine code', attest, None, r'attested'),
    Step('quick', 300, 'suite gemm, preset quick', lambda p: run(p, 'quick', '--preset', 'quick'),
         lambda p: run(p, 'quick', '--device', 'emu', '--kernel', 'tiled', '--precision', 'fp32'), r'^\d+ ok', stops=True),
    Step('others', 540, 'suites conv, mixed, memory and transfer, preset quick; the preset fills in both regimes', others,
         others_rehearsed, r'^\d+ ok|of the copy rate|^cuda:\d+: ', stops=True),
    Step('train', 540, 'parity of all trainings; suite train, preset quick, every precision', train, train_rehearsed,
         r'^\d+ ok|sooner than|wrong', stops=True),
    Step('train-standard', 540, 'suite train, preset standard, bf16, one seed', train_standard, None, r'^\d+ ok|sooner than|wrong',
         stops=True),
    Step('standard', 540, 'suite gemm, preset standard', lambda p: run(p, 'standard', '--preset', 'standard', '--device', 'cuda'),
         None, r'^\d+ ok', stops=True),
]
