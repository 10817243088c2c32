#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Prints the folder of the CUDA toolkit whose headers are to be used, or nothing: find_toolkit.py [NVCC]

The compiler's own first, then $CUDA_HOME, then /usr/local/cuda. The headers are enough: the emulator needs no nvcc.
"""
import os
import pathlib
import shutil
import sys


def candidates(compiler):
    """Where a toolkit may stand, best first."""
    for nvcc in (compiler, 'nvcc'):
        if nvcc and (path := shutil.which(nvcc)):
            yield pathlib.Path(os.path.realpath(path)).parent.parent
    if home := os.environ.get('CUDA_HOME'):
        yield pathlib.Path(home)
    yield pathlib.Path('/usr/local/cuda')


print(next((str(folder) for folder in candidates(sys.argv[1] if len(sys.argv) > 1 else '')
            if (folder / 'include' / 'cuda_runtime_api.h').is_file()), ''))
