#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Writes a header with the id that program and plugin must share: a hash over the compiler and the headers both see."""
import hashlib
import pathlib
import sys

output, compiler, *headers = sys.argv[1:]
digest = hashlib.sha256(compiler.encode())
for header in sorted(headers, key=lambda path: pathlib.Path(path).name):
    digest.update(pathlib.Path(header).read_bytes())
text = f'#pragma once\n#define BREAKEVEN_BUILD_ID "{digest.hexdigest()[:32]}"\n'
target = pathlib.Path(output)
if not target.exists() or target.read_text() != text:
    target.write_text(text)
