#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Compiles kernel files to cubins and reads what ptxas says of them."""
import pathlib
import re
import subprocess
import typing

import cubin


class Use(typing.NamedTuple):
    """What one kernel takes on one architecture."""
    arch: str        # "90a"
    mangled: str
    registers: int   # per thread
    shared: int      # bytes, those known when compiling
    spilled: int     # bytes stored and loaded


class Compiled(typing.NamedTuple):
    status: int      # nvcc's
    said: str        # everything nvcc and its tools printed
    cubins: dict     # architecture -> its cubin


def compile_file(nvcc, root, source, folder, archs, ptx=()):
    """Machine code of `source` for every architecture, and PTX for those in `ptx`, by way of `folder`; no host code."""
    fatbin = pathlib.Path(folder) / (pathlib.Path(source).stem + '.fatbin')
    fatbin.parent.mkdir(parents=True, exist_ok=True)
    command = [nvcc, '-fatbin', str(source), '-o', str(fatbin), '-std=c++20', '-O3', '-DNDEBUG', f'-I{root}',
               '-Xptxas=-v,-warn-spills', '--compress-mode=none']
    command += [f'-gencode=arch=compute_{arch},code=sm_{arch}' for arch in archs]
    command += [f'-gencode=arch=compute_{arch},code=compute_{arch}' for arch in ptx]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = cubin.cubins(fatbin.read_bytes()) if done.returncode == 0 else {}
    return Compiled(done.returncode, done.stdout, {arch: found[number(arch)] for arch in archs if number(arch) in found})


def number(arch):
    """90 of "90a"."""
    return int(arch.rstrip('af'))


def uses(said):
    """A `Use` for every kernel that ptxas reports."""
    entry, spilled = None, 0
    for line in said.splitlines():
        if found := re.search(r"Compiling entry function '(\S+)' for 'sm_(\w+)'", line):
            entry, spilled = found.groups(), 0
        elif found := re.search(r'(\d+) bytes spill stores, (\d+) bytes spill loads', line):
            spilled += int(found.group(1)) + int(found.group(2))
        elif entry and (found := re.search(r'Used (\d+) registers', line)):
            shared = re.search(r'(\d+) bytes smem', line)
            yield Use(entry[1], entry[0], int(found.group(1)), int(shared.group(1)) if shared else 0, spilled)
            entry = None


def complaints(said):
    """Lines by which ptxas tells that it ignored setmaxnreg (C7508), serialised wgmma (C7511) or the like. It calls
    them information, and no option makes them errors."""
    return [line for line in said.splitlines() if re.search(r'\(C75\d\d\)', line)]


def precisions(root):
    """Names of the enumerators of Precision, in their order."""
    body = re.search(r'enum class Precision[^{]*\{([^}]*)\}', (pathlib.Path(root) / 'harness/precision.h').read_text())
    return re.findall(r'\w+', re.sub(r'//.*', '', body.group(1)))


def demangled(names, precisions=()):
    """{mangled: kernel name and template arguments}, such as `naive<bf16>`; as it is where c++filt is missing."""
    names = list(names)
    try:
        text = subprocess.run(['c++filt'], input='\n'.join(names), capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return dict(zip(names, names))
    return {name: shortened(line, precisions) for name, line in zip(names, text.splitlines())}


def shortened(line, precisions):
    """`void breakeven::cuda::(anonymous namespace)::naive<(breakeven::Precision)3>(...)` -> `naive<bf16>`."""
    line = re.sub(r'\((?:\w+::)*Precision\)(\d+)',
                  lambda found: precisions[int(found.group(1))] if precisions else found.group(1), line)
    line = re.sub(r'\((?:\w|\(anonymous namespace\)|::)+\)(?=-?\d)|\(anonymous namespace\)::', '', line)
    return re.sub(r'^void |\w+::', '', line).split('(')[0]
