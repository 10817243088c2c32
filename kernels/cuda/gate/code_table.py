#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the hashes of all machine code of a build as a C++ file:

  code_table.py OUTPUT NVCC_VERSION ARCHS ROOT SOURCE... -- OBJECT...

ARCHS is what the build was asked for, as in 90a,ptx75. SOURCE is a path below kernels/cuda. Objects must have been made with
--compress-mode=none. A kernel file that includes the header of another (fp32_tensor.cu and fp32_planes.h) starts that one's kernels
too, so its hash is made of both.
"""
import hashlib
import pathlib
import re
import sys

import cubin

FOLDER = 'kernels/cuda'
HEAD = '''#include "kernels/cuda/code.h"

namespace breakeven::cuda {
namespace {

constexpr CodeRow kTable[] = {
'''
TAIL = '''};

}  // namespace

std::span<const CodeRow> code_table() { return kTable; }
std::string_view code_compiler() { return "NVCC"; }

}  // namespace breakeven::cuda
'''


def source_of(path, sources):
    """Meson calls the object of gemm/naive.cu gemm_naive.cu.o, with or without more in front of it."""
    fitting = [s for s in sources if path.name.endswith(s.replace('/', '_') + '.o')]
    if not fitting:
        sys.exit(f'code_table: {path} is the object of none of {", ".join(sources)}')
    return max(fitting, key=len)


def helpers(root, source, sources):
    """Other kernel files whose headers `source` includes, directly or not."""
    seen, todo = set(), [f'{FOLDER}/{source}']
    while todo:
        path = todo.pop()
        for header in re.findall(r'#include "(kernels/[^"]+)"', (root / path).read_text()):
            if header not in seen and (root / header).is_file():
                seen.add(header)
                todo.append(header)
    beside = {header.removeprefix(f'{FOLDER}/').removesuffix('.h') + '.cu' for header in seen}
    return sorted(beside.intersection(sources) - {source})


def hashes(sources, objects):
    """{source: {capability: hash of its own code}}."""
    return {source_of(path, sources): {number: cubin.code_hash(code)
                                       for number, code in cubin.cubins(path.read_bytes()).items()} for path in objects}


def rows(root, sources, own, archs):
    """(source, capability, architecture, hash) of every cubin; one row without code for a file that has none."""
    suffixes = {int(arch.rstrip('af')): arch for arch in archs if not arch.startswith('ptx')}
    for source, codes in sorted(own.items()):
        if not codes:
            yield source, 0, '', ''
        others = helpers(root, source, sources)
        for number, code in sorted(codes.items()):
            parts = [code, *(own[other].get(number, '') for other in others)]
            joined = code if len(parts) == 1 else hashlib.sha256('\n'.join(parts).encode()).hexdigest()
            yield source, number, f'sm_{suffixes[number]}', joined


def main():
    output, nvcc, archs, root, *rest = sys.argv[1:]
    cut = rest.index('--')
    sources = rest[:cut]
    own = hashes(sources, map(pathlib.Path, rest[cut + 1:]))
    lines = [f'    {{"{FOLDER}/{source}", {number}, "{arch}",\n     "{code}"}},\n'
             for source, number, arch, code in rows(pathlib.Path(root), sources, own, archs.split(','))]
    pathlib.Path(output).write_text(HEAD + ''.join(lines) + TAIL.replace('NVCC', nvcc))


if __name__ == '__main__':
    main()
