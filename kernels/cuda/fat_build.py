#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Compiles kernel files for every supported architecture and judges what ptxas says: fat_build.py NVCC ROOT FILE.cu...

ptxas calls it information when it ignores setmaxnreg (C7508), serialises wgmma (C7511) or the like, and no option makes
it an error; here any (C75xx), any spilled register and any failure to compile is one. Prints what every kernel uses.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ARCHS = ['75', '80', '86', '89', '90a', '100', '120']
PTX = ['75', '120']


def compile_file(nvcc, root, source, folder):
    """nvcc's exit status and everything it said."""
    command = [nvcc, '-c', str(source), '-o', str(pathlib.Path(folder) / (source.stem + '.o')), '-std=c++20', '-O3',
               f'-I{root}', '-Xcompiler=-fPIC,-fvisibility=hidden', '-Xptxas=-v,-warn-spills']
    command += [f'-gencode=arch=compute_{a},code=sm_{a}' for a in ARCHS]
    command += [f'-gencode=arch=compute_{p},code=compute_{p}' for p in PTX]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def demangled(names):
    """Kernel name and template arguments of each mangled name: `naive<1>`; as it is where c++filt is missing."""
    try:
        text = subprocess.run(['c++filt'], input='\n'.join(names), capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return names
    short = []
    for line in text.splitlines():
        line = re.sub(r'\(\w+::[\w:]+\)|\(anonymous namespace\)::|\w+::', '', line)
        short.append(re.sub(r'^void |\(.*', '', line))
    return short


def resources(text):
    """(architecture, mangled name, registers, shared bytes, spilled bytes) of every kernel that ptxas reports."""
    rows, entry, spilled = [], None, 0
    for line in text.splitlines():
        if found := re.search(r"Compiling entry function '(\S+)' for '(\S+)'", line):
            entry, spilled = found.groups(), 0
        elif found := re.search(r'(\d+) bytes spill stores, (\d+) bytes spill loads', line):
            spilled = int(found.group(1)) + int(found.group(2))
        elif entry and (found := re.search(r'Used (\d+) registers', line)):
            shared = re.search(r'(\d+) bytes smem', line)
            rows.append((entry[1], entry[0], int(found.group(1)), int(shared.group(1)) if shared else 0, spilled))
            entry = None
    return rows


def print_table(source, rows):
    """A line per kernel: bytes of shared memory, then registers per architecture."""
    names = list(dict.fromkeys(row[1] for row in rows))
    for mangled, name in zip(names, demangled(names)):
        registers = {row[0].removeprefix('sm_'): row[2] for row in rows if row[1] == mangled}
        shared = max(row[3] for row in rows if row[1] == mangled)
        cells = ''.join(f'{registers.get(arch, "-"):>6}' for arch in ARCHS)
        print(f'{source.name:24} {name:36} {shared:7}{cells}', flush=True)


def main():
    nvcc, root, *sources = sys.argv[1:]
    faults, kernels = [], 0
    print(f'{"file":24} {"kernel":36} {"shared":>7}' + ''.join(f'{arch:>6}' for arch in ARCHS) + '  registers')
    with tempfile.TemporaryDirectory() as folder:
        for source in map(pathlib.Path, sources):
            status, text = compile_file(nvcc, root, source, folder)
            if status != 0:
                faults.append(f'{source.name} does not compile:\n{text}')
            faults += [f'{source.name}: {line}' for line in text.splitlines() if re.search(r'\(C75\d\d\)', line)]
            rows = resources(text)
            print_table(source, rows)
            kernels += len(rows)
            faults += [f'{source.name}: {row[1]} spills {row[4]} bytes on {row[0]}' for row in rows if row[4]]
    if kernels < len(sources) * len(ARCHS):
        faults.append(f'ptxas reported only {kernels} kernels: has the form of its report changed?')
    print('\n'.join(['', *faults, f'{kernels} kernels, {len(faults)} faults']))
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
