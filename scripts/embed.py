#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Writes a C++ file that holds data files as text: embed.py OUTPUT SOURCE_ROOT HEADER FUNCTION FILE...

FUNCTION is what HEADER declares: std::span<const BuiltinFile> FUNCTION(), the files in the order given.
"""
import os
import pathlib
import sys


def literal(line: str) -> str:
    escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("?", "\\?")
    return "".join(c if c.isascii() else "".join(f"\\{byte:03o}" for byte in c.encode()) for c in escaped)


def main(output: str, root: str, header: str, function: str, *files: str) -> None:
    rows = []
    for file in files:
        lines = pathlib.Path(file).read_text(encoding="utf-8").splitlines(keepends=True)
        text = "\n".join(f'     "{literal(line)}"' for line in lines)
        rows.append(f'    BuiltinFile{{"{os.path.relpath(file, root)}",\n{text}}},\n')
    pathlib.Path(output).write_text(
        f'#include "{header}"\n\n#include <array>\n\nnamespace breakeven {{\nnamespace {{\n\n'
        f"constexpr std::array<BuiltinFile, {len(rows)}> kFiles = {{\n{''.join(rows)}}};\n\n}}  // namespace\n\n"
        f"std::span<const BuiltinFile> {function}() {{ return kFiles; }}\n\n}}  // namespace breakeven\n",
        encoding="utf-8",
    )


main(*sys.argv[1:])
