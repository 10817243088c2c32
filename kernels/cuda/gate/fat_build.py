#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Compiles kernel files for every supported architecture and judges the machine code, without a GPU.

A fault is: a failure to compile; a spilled register or any other use of local memory; a remark of ptxas that it could
not do as told (C75xx); an instruction that expected.py wants and is not there, or the other way round; more registers or
shared memory than golden.json has for sm_90a (--update writes the present numbers there). Prints what every kernel uses.
$FAT_SHARE, K/N: sm_90a, and of the others every N-th from the K-th.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import sys
import tempfile

import cubin
import expected
import ptxas

ARCHS = ['75', '80', '86', '89', '90a', '100', '120']
PTX = ['75', '120']
GOLDEN_ARCH = '90a'


def share_of(archs, share):
    """The golden architecture, and of the others every N-th from the K-th for a share 'K/N'."""
    if not (parts := re.fullmatch(r'([1-9]\d?)/([1-9]\d?)', share)) or int(parts[1]) > int(parts[2]):
        sys.exit(f"fat_build: a share is K/N with K from 1 to N, and not '{share}'")
    others = [arch for arch in archs if arch != GOLDEN_ARCH][int(parts[1]) - 1::int(parts[2])]
    return [arch for arch in archs if arch == GOLDEN_ARCH or arch in others]


def allowed_spill(name, arch):
    """Bytes that a kernel of the file may spill."""
    return 0 if arch == GOLDEN_ARCH else expected.MAY_SPILL.get(name, 0)


def judge_code(name, arch, code, short):
    """Faults that show in the instructions of one cubin."""
    kernels = cubin.opcodes(code)
    for mangled, histogram in kernels.items():
        for opcode in () if allowed_spill(name, arch) else expected.LOCAL_MEMORY:
            if found := expected.count(histogram, opcode):
                yield f'{name}: {short.get(mangled, mangled)} has {found} {opcode} on sm_{arch}: it uses local memory'
    for wanted_arch, must, must_not in expected.EXPECTED.get(name, []):
        if wanted_arch != arch:
            continue
        for opcode in must:
            if not any(expected.count(histogram, opcode) for histogram in kernels.values()):
                yield f'{name}: no {opcode} in the code for sm_{arch}'
        for opcode in must_not:
            for mangled, histogram in kernels.items():
                if found := expected.count(histogram, opcode):
                    yield f'{name}: {short.get(mangled, mangled)} has {found} {opcode} on sm_{arch}, and should have none'


def judge(name, compiled, precisions=()):
    """(faults, uses, {mangled: short name}) of one compiled file."""
    uses = list(ptxas.uses(compiled.said))
    short = ptxas.demangled(dict.fromkeys(use.mangled for use in uses), precisions)
    if compiled.status != 0:
        return [f'{name} does not compile:\n{compiled.said}'], uses, short
    faults = [f'{name}: {line}' for line in ptxas.complaints(compiled.said)]
    faults += [f'{name}: {short[use.mangled]} spills {use.spilled} bytes on sm_{use.arch}'
               for use in uses if use.spilled > allowed_spill(name, use.arch)]
    if not uses or {use.arch for use in uses} != compiled.cubins.keys():
        faults.append(f'{name}: ptxas reports {len(uses)} kernels, and there is code for {", ".join(compiled.cubins)}: '
                      'has the form of its report changed?')
    for arch, code in compiled.cubins.items():
        faults += judge_code(name, arch, code, short)
    return faults, uses, short


def measured(uses, short):
    """{kernel: {registers, shared}} on the architecture that golden.json is about."""
    return {short[use.mangled]: {'registers': use.registers, 'shared': use.shared}
            for use in uses if use.arch == GOLDEN_ARCH}


def grown(name, now, golden):
    """Faults of kernels that take more than golden.json has for them."""
    for kernel, use in now.items():
        before = golden.get(kernel)
        if before is None:
            yield f'{name}: {kernel} is not in golden.json: {use}; --update adds it'
        elif any(use[what] > before[what] for what in use):
            yield f'{name}: {kernel} has grown from {before} to {use}; where that is worth it, --update notes it'
    for kernel in golden.keys() - now.keys():
        yield f'{name}: {kernel} stands in golden.json and is gone; --update removes it'


def print_table(name, uses, short):
    """A line per kernel: bytes of shared memory, then registers per architecture."""
    for mangled, kernel in short.items():
        mine = [use for use in uses if use.mangled == mangled]
        registers = {use.arch: use.registers for use in mine}
        cells = ''.join(f'{registers.get(arch, "-"):>6}' for arch in ARCHS)
        print(f'{name:26} {kernel:42} {max(use.shared for use in mine):7}{cells}', flush=True)


def write_golden(path, golden, root):
    """What kernels take now, without files that are gone."""
    kept = {name: kernels for name, kernels in golden.items() if (root / 'kernels/cuda' / name).exists()}
    files = [f'{json.dumps(name)}: {{\n' + ',\n'.join(f' {json.dumps(kernel)}: {json.dumps(use)}' for kernel, use in
                                                      sorted(kernels.items())) + '\n}' for name, kernels in sorted(kept.items())]
    path.write_text('{\n' + ',\n'.join(files) + '\n}\n')   # a line a kernel


def parsed():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('--nvcc', default='nvcc')
    options.add_argument('--root', type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[3])
    options.add_argument('--golden', type=pathlib.Path, default=pathlib.Path(__file__).with_name('golden.json'))
    options.add_argument('--update', action='store_true', help='write golden.json instead of judging by it')
    options.add_argument('--jobs', type=int, default=len(os.sched_getaffinity(0)))
    options.add_argument('--portable', nargs='*', default=[], help='files that are built for every architecture')
    options.add_argument('--hopper', nargs='*', default=[], help='files that are built for sm_90a alone')
    return options.parse_args()


def compile_all(given, folder):
    """(name below kernels/cuda/, Compiled) of every file, in order, several at a time."""
    home = given.root / 'kernels/cuda'
    archs = share_of(ARCHS, os.environ.get('FAT_SHARE') or '1/1')
    work = [(pathlib.Path(f).resolve(), archs, [arch for arch in PTX if arch in archs]) for f in given.portable]
    work += [(pathlib.Path(f).resolve(), [GOLDEN_ARCH], []) for f in given.hopper]
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        done = pool.map(lambda item: ptxas.compile_file(given.nvcc, given.root, item[0],
                                                        pathlib.Path(folder) / item[0].stem, *item[1:]), work)
        for (source, _, _), compiled in zip(work, done):
            yield (str(source.relative_to(home)) if source.is_relative_to(home) else source.name), compiled


def main():
    given = parsed()
    golden = json.loads(given.golden.read_text()) if given.golden.exists() else {}
    precisions = ptxas.precisions(given.root)
    faults, kernels, now = [], 0, {}
    print(f'{"file":26} {"kernel":42} {"shared":>7}' + ''.join(f'{arch:>6}' for arch in ARCHS) + '  registers')
    with tempfile.TemporaryDirectory() as folder:
        for name, compiled in compile_all(given, folder):
            found, uses, short = judge(name, compiled, precisions)
            print_table(name, uses, short)
            now[name] = measured(uses, short)
            if not given.update:
                found += grown(name, now[name], golden.get(name, {}))
            print(''.join(f'FAULT {fault}\n' for fault in found), end='', flush=True)
            faults += found
            kernels += len(uses)
            if given.update:   # file by file, so that a run that was stopped is not lost
                write_golden(given.golden, {**golden, **now}, given.root)
    print('\n'.join(['', *faults, f'{kernels} kernels, {len(faults)} faults']))
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
