#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of scripts/peers/compare_train with made-up programs, and what scripts/rcp takes out of result files."""
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent


def load(path, name):
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


compare_train = load(SCRIPTS / 'peers/compare_train', 'compare_train')
rcp = load(SCRIPTS / 'rcp', 'rcp')

OURS = '''resnet9-w16  fp32 openblas       800 samples/s  160.00 ms    100 GFLOP/s (20 % of 427)    60 MB
   90.0 % conv forward
resnet9-w16  fp32 onednn        1600 samples/s   80.00 ms    200 GFLOP/s (50 % of 427)    60 MB
resnet9-w64  fp32 onednn         130 samples/s 3942.31 ms    200 GFLOP/s (50 % of 427)    60 MB
'''


class CompareTrain(unittest.TestCase):
    def test_our_line_is_found_and_its_batch(self):
        self.assertEqual(compare_train.read_ours(OURS, 'resnet9-w16', 'fp32', 'onednn'), (1600.0, 128))
        rate, batch = compare_train.read_ours(OURS, 'resnet9-w64', 'fp32', 'onednn')
        self.assertEqual(batch, 512)
        self.assertAlmostEqual(rate, 512e3 / 3942.31)
        with self.assertRaisesRegex(ValueError, 'no line of resnet9-w16 in bf16'):
            compare_train.read_ours(OURS, 'resnet9-w16', 'bf16', 'onednn')

    def test_a_batch_is_a_power_of_two(self):
        for batch in (1, 2, 32, 128, 512, 2048):
            for error in (0.97, 1.0, 1.03):
                self.assertEqual(compare_train.batch_of(batch * error * 10, 100), batch)
        with self.assertRaises(ValueError):
            compare_train.batch_of(960, 100)

    def test_the_fastest_variant_of_theirs_counts(self):
        lines = '\n'.join(['a warning', '{"variant": "a", "samples_per_second": 3}', '{"variant": "b", "samples_per_second": 4}'])
        self.assertEqual(compare_train.read_theirs(lines)['variant'], 'b')
        with self.assertRaises(ValueError):
            compare_train.read_theirs('a warning\n')

    def test_ratios_are_of_pairs(self):
        # The machine slows down to a half: the ratio of medians over all launches would be another.
        self.assertEqual(compare_train.summary([(200, 100), (100, 50), (130, 50), (100, 40), (90, 100)]),
                         {'ours': 100, 'theirs': 50, 'ratio': 2.0, 'least': 0.9, 'most': 2.6})

    def test_the_program_interleaves_and_prints_a_table(self):
        with tempfile.TemporaryDirectory() as folder:
            calls, ours, theirs = (pathlib.Path(folder, name) for name in ('calls', 'ours', 'theirs'))
            ours.write_text(f'#!/bin/sh\necho "A $*" >>{calls}\necho "gpt  bf16 onednn  1280 samples/s  25.00 ms"\n')
            theirs.write_text(f'#!/bin/sh\nshift\necho "B $*" >>{calls}\nfor v in slow fast; do echo "{{\\"variant\\": \\"$v\\", '
                              '\\"samples_per_second\\": ${#v}00, \\"threads\\": 2, \\"version\\": \\"9.9\\"}"; done\n')
            for program in (ours, theirs):
                program.chmod(0o755)
            done = subprocess.run([sys.executable, SCRIPTS / 'peers/compare_train', 'gpt', '--precision', 'bf16', '--launches', '2',
                                   '--benchmark', ours, '--python', theirs], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, check=True)
            self.assertEqual([line[0] for line in calls.read_text().splitlines()], list('ABABAB'))
            self.assertIn('--batch 32', calls.read_text())
        self.assertIn('| gpt | bf16 | 32 | 1,280 | 400 | slow | 3.20 | 3.20 to 3.20 |', done.stdout)


def result(seed, quality=0.97, case='train/w/fp32/cpu.onednn', last=10, crossing=5):
    return {'kind': 'result', 'case': case,
            'train': {'workload': 'w', 'seed': seed, 'steps': 10, 'quality': quality, 'evaluations': [{'step': last}],
                      'first_crossing': {'step': crossing, 'seconds': 1.0} if crossing else None}}


RUN = {'kind': 'run', 'libraries': {'oneDNN': '3.1', 'OpenBLAS': '0.3'}, 'machine': {'cpu': {'model': 'a processor'}}}


class Rcp(unittest.TestCase):
    def run_on(self, *results):
        with tempfile.TemporaryDirectory() as folder:
            path, out = pathlib.Path(folder, 'r.jsonl'), pathlib.Path(folder, 'rcp')
            path.write_text('\n'.join(map(json.dumps, [RUN, *results, {'kind': 'end'}])) + '\n')
            done = subprocess.run([SCRIPTS / 'rcp', '--out', out, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  check=False)
            made = out / 'w.json'
            return done, json.loads(made.read_text()) if made.exists() else None

    def test_points_by_seed(self):
        done, made = self.run_on(result(3), result(1, 0.96, crossing=None), result(2, last=5), result(4), result(4))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(made['seeds'], [{'seed': 1, 'quality': 0.96, 'crossing_step': None},
                                         {'seed': 3, 'quality': 0.97, 'crossing_step': 5},
                                         {'seed': 4, 'quality': 0.97, 'crossing_step': 5}])
        self.assertEqual([made[key] for key in ('workload', 'method', 'precision', 'machine', 'libraries')],
                         ['w', 'cpu.onednn', 'fp32', 'a processor', 'OpenBLAS 0.3, oneDNN 3.1'])

    def test_mixed_or_few_runs_are_refused(self):
        done, made = self.run_on(result(1), result(2), result(3), result(4, case='train/w/bf16/cpu.onednn'))
        self.assertIn('of one alone', done.stderr)
        self.assertTrue(done.returncode and made is None)
        done, made = self.run_on(result(1), result(2), result(5, case='train/w+batch64/fp32/cpu.onednn'))
        self.assertIn('2 seeds', done.stderr)
        self.assertTrue(done.returncode and made is None)


if __name__ == '__main__':
    unittest.main()
