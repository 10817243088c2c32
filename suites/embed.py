#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Writes a C++ file that holds the given data files as text: embed.py OUTPUT SOURCE_ROOT FILE..."""
import os
import pathlib
import sys


def literal(line: str) -> str:
    escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("?", "\\?")
    return "".join(c if c.isascii() else "".join(f"\\{byte:03o}" for byte in c.encode()) for c in escaped)


def main(output: str, root: str, *files: str) -> None:
    rows = []
    for file in files:
        lines = pathlib.Path(file).read_text(encoding="utf-8").splitlines(keepends=True)
        text = "\n".join(f'     "{literal(line)}"' for line in lines)
        rows.append(f'    {{"{os.path.relpath(file, root)}",\n{text}}},\n')
    pathlib.Path(output).write_text(
        '#include "suites/builtin.h"\n\nnamespace breakeven {\nnamespace {\n\n'
        f"constexpr BuiltinFile kFiles[] = {{\n{''.join(rows)}}};\n\n}}  // namespace\n\n"
        "std::span<const BuiltinFile> builtin_files() { return kFiles; }\n\n}  // namespace breakeven\n",
        encoding="utf-8",
    )


main(*sys.argv[1:])
