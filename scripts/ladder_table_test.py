#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Does the ladder page say what the result files say? On made-up files."""
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent / 'ladder-table'
LOADER = importlib.machinery.SourceFileLoader('ladder_table', str(SCRIPT))
ladder_table = importlib.util.module_from_spec(importlib.util.spec_from_loader('ladder_table', LOADER))
LOADER.exec_module(ladder_table)

SQUARE = 'm4096n4096k4096'
NOW, BEFORE = 'a' * 64, 'b' * 64


def result(kernel, seconds, code=None, regime='sustained'):
    line = {'kind': 'result', 'case': f'gemm/{SQUARE}/bf16/cuda.{kernel}', 'kernel': kernel, 'regime': regime, 'seconds': seconds}
    return {**line, 'code': code} if code else line


class LadderTable(unittest.TestCase):
    def share(self, *runs):
        return ladder_table.share(runs, 'tiled', 'bf16', SQUARE, [NOW])

    def test_a_share_is_the_vendors_time_over_ours_in_the_same_run(self):
        self.assertEqual(self.share([result('tiled', [2.0] * 5, NOW), result('cublaslt_best', [1.5] * 5)]), '0.75')
        self.assertEqual(self.share([result('tiled', [2.0, 9.0, 2.0], NOW), result('tiled', [4.0] * 3, NOW),
                                     result('cublaslt_best', [3.0] * 3)]), '1.00')

    def test_what_was_not_measured_is_said_to_be_so(self):
        self.assertEqual(self.share(), 'unmeasured')
        self.assertEqual(self.share([result('tiled', [2.0], NOW)], [result('cublaslt_best', [1.0])]), 'unmeasured')
        self.assertEqual(self.share([result('tiled', [2.0], NOW, 'isolated'), result('cublaslt_best', [1.0])]), 'unmeasured')

    def test_a_share_of_older_code_is_marked(self):
        self.assertEqual(self.share([result('tiled', [2.0], BEFORE), result('cublaslt_best', [1.0])]), '0.50 (older code)')

    def test_the_latest_run_counts(self):
        with tempfile.TemporaryDirectory() as folder:
            for gpu, started, seconds in (('z', '2026-01-01', 1.0), ('a', '2026-02-01', 4.0)):
                path = pathlib.Path(folder, gpu, 'ladder-1.jsonl')
                path.parent.mkdir()
                lines = [{'kind': 'run', 'started': started}, result('tiled', [seconds], NOW), result('cublaslt_best', [1.0])]
                path.write_text('\n'.join(map(json.dumps, lines)))
            self.assertEqual(self.share(*ladder_table.results(pathlib.Path(folder))), '0.25')

    def test_a_paragraph_is_idea_bound_and_trap(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, 'gemm', 'tiled.cu')
            path.parent.mkdir()
            path.write_text('// SPDX-License-Identifier: x\n\n// tiled: read once,\n// used often.\n//\n// Bounded before (naive): loads: '
                            'two.\n// Tile: 32. Traps: both\n// barriers.\n\n#include "x.h"\n// Trap: not this.\n')
            self.assertEqual(ladder_table.paragraph(path, 'tiled'),
                             '**[tiled](gemm/tiled.cu)**: read once, used often. *Before:* loads: two. *Look at:* both barriers.')

    def test_the_program_writes_and_checks(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            page = root / 'kernels/cuda/README.md'
            (page.parent / 'gemm').mkdir(parents=True)
            page.write_text('head\n<!-- ladder:begin -->\n<!-- ladder:end -->\ntail\n')
            for _, rungs, _ in ladder_table.LADDERS:
                for rung in rungs:
                    (page.parent / f'gemm/{rung}.cu').write_text(f'// {rung}: an idea.\n//\n// Trap: one.\n')
            program = root / 'breakeven'
            row = {'kernel': 'cuda.tiled', 'source': 'kernels/cuda/gemm/tiled.cu', 'standing': 'unverified', 'code': {'sm_90a': NOW}}
            program.write_text(f"#!/bin/sh\necho '{json.dumps([row])}'\n")
            program.chmod(0o755)
            command = [sys.executable, SCRIPT, '--breakeven', program, '--root', root]
            quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}
            self.assertEqual(subprocess.run([*command, '--check'], **quiet).returncode, 1)
            self.assertEqual(subprocess.run(command, **quiet).returncode, 0)
            self.assertEqual(subprocess.run([*command, '--check'], **quiet).returncode, 0)
            self.assertIn('| [tiled](gemm/tiled.cu) | unmeasured | unmeasured | unverified |', page.read_text())
            program.write_text("#!/bin/sh\necho '[]'\n")
            self.assertEqual(subprocess.run([*command, '--check'], **quiet).returncode, 77)


if __name__ == '__main__':
    unittest.main()
