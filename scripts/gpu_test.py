#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Runs scripts/gpu inside a made-up bundle on a made-up GPU machine: what it records, attests and compares, and when it fails."""
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(SCRIPTS))
CODE = {'tiled': 'a' * 64, 'tma_store': 'b' * 64}

# Answers as breakeven does, in a thousandth of the time: the vendor takes 2 ms, own kernels take 1 ms.
BREAKEVEN = '''#!/usr/bin/env python3
import json, os, sys
words = sys.argv[1:]
value = lambda name: words[words.index(name) + 1] if name in words else ''
code = %r
if words[:2] == ['list', 'kernels']:
    own = [{'kernel': 'cuda.' + name, 'source': f'kernels/cuda/gemm/{name}.cu', 'nvcc': '13.0', 'code': {'sm_90a': code[name]}}
           for name in code]
    print(json.dumps(own + [{'kernel': 'cuda.cublaslt', 'summary': 'NVIDIA'}]))
elif words[0] == 'run':
    rows = [{'kind': 'run'}]
    for shape in (value('--shape') or 'm64n64k64').split(','):
        for kernel in (value('--kernel') or 'tiled').split(','):
            rows.append({'kind': 'result', 'case': f'gemm/{shape}/bf16/cuda.{kernel}', 'kernel': kernel, 'status': 'ok', 'reason': '',
                         'flops': 2e12, 'seconds': [2e-3 if kernel.startswith('cublas') else 1e-3] * 5,
                         'telemetry': {'clock_hz': 1.98e9, 'power_watts': 700.0}})
    with open(value('--out'), 'w') as file:
        file.writelines(json.dumps(row) + chr(10) for row in rows)
    sys.exit(int(os.environ.get('RUN_STATUS', 0)))
else:
    print('fake', words[0])
''' % CODE
# Passes every test it is asked for, and reports as GoogleTest does.
GPU_CHECK = '''#!/usr/bin/env python3
import json, os, re, sys
options = dict(word.split('=', 1) for word in sys.argv[1:])
code = %r
named = re.match(r'[*][.](\\w+)/(\\w+)_fp64', options['--gtest_filter'])
if named and named.group(2) == os.environ.get('BROKEN'):
    print('0 passed, 1 failed, 0 skipped')
    sys.exit(1)
if named and '--gtest_output' in options:
    path = options['--gtest_output'].removeprefix('json:')
    os.makedirs(os.path.dirname(path), exist_ok=True)
    test = {'name': named.group(1) + '/0', 'result': 'COMPLETED', 'time': '0.5s', 'kernel': named.group(2),
            'code': code.get(named.group(2), ''), 'problems': '11', 'worst': '0.25', 'repeats': '300'}
    json.dump({'testsuites': [{'testsuite': [test]}]}, open(path, 'w'))
print(os.environ.get('CHECK_SAYS', '9 passed, 0 failed, 0 skipped'))
sys.exit(int(os.environ.get('CHECK_STATUS', 0)))
''' % CODE
NVIDIA_SMI = '#!/bin/sh\ncase $1 in --query-gpu=name) echo "Fake GPU 1000";; --query*) echo "Fake GPU 1000, 580.1";; *) echo table;; esac\n'
SANITIZER = '#!/bin/sh\necho "$SANITIZER_SAYS"\nexit ${SANITIZER_STATUS:-0}\n'


def module(name):
    loader = importlib.machinery.SourceFileLoader(name, str(SCRIPTS / name))
    spec = importlib.util.spec_from_loader(name, loader)
    loaded = importlib.util.module_from_spec(spec)
    loader.exec_module(loaded)
    return loaded


class GpuScript(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        for name, text in {'bundle/breakeven': BREAKEVEN, 'bundle/bin/breakeven': BREAKEVEN, 'bundle/tests/gpu_check': GPU_CHECK,
                           'bundle/tests/conformance': '#!/bin/sh\necho "7 passed, 0 failed"\n', 'bin/nvidia-smi': NVIDIA_SMI,
                           'bin/compute-sanitizer': SANITIZER}.items():
            self.write(name, text)
        (self.folder / 'bundle/scripts').mkdir()
        for name in ('gpu', 'gpu_steps.py', 'gpu_attest.py', 'gpu_compare.py', 'gpu_torch.py'):
            shutil.copy(SCRIPTS / name, self.folder / 'bundle/scripts' / name)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run_script(self, *only, **environment):
        self.out = self.folder / 'out'
        steps = [word for step in only for word in ('--only', step)]
        done = subprocess.run([self.folder / 'bundle/scripts/gpu', '--out', self.out, *steps], cwd=self.folder, text=True, timeout=100,
                              env={**os.environ, 'PATH': f'{self.folder}/bin:{os.environ["PATH"]}', **environment},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.summary = (self.out / 'summary.md').read_text() if (self.out / 'summary.md').exists() else ''
        return done

    def assert_ended(self, step, word):
        self.assertRegex(self.summary, rf'(?m)^\| {step} \| \d+ \| {word}', self.summary)

    def test_all_well(self):
        done = self.run_script()
        self.assertEqual(done.returncode, 0, done.stdout + self.summary)
        for step in ('build', 'describe', 'conformance', 'judge', 'repeats', 'memcheck', 'racecheck', 'synccheck', 'ladder',
                     'compare-bf16', 'compare-int8', 'attest', 'quick', 'standard'):
            self.assert_ended(step, 'ok')
        attested = json.loads((self.out / 'reference/attest/fake-gpu-1000.json').read_text())
        self.assertEqual((attested['gpu'], attested['driver'], attested['nvcc']), ('Fake GPU 1000', '580.1', '13.0'))
        self.assertEqual([(k['kernel'], k['arch'], k['code']) for k in attested['kernels']],
                         [(name, 'sm_90a', code) for name, code in CODE.items()])
        self.assertEqual(attested['kernels'][0]['repeats'], 300)
        self.assertEqual(len(list((self.out / 'reference/fake-gpu-1000').glob('*.jsonl'))), 4)
        self.assertTrue(self.out.with_name('out.tar.gz').exists())

    def test_a_kernel_that_fails_is_not_attested_and_the_others_are(self):
        self.assertEqual(self.run_script('judge', 'repeats', 'attest', BROKEN='tiled').returncode, 1)
        self.assert_ended('judge', 'FAILED: 2 of 7 commands, the first with exit 1')
        self.assert_ended('attest', 'FAILED')
        self.assertIn('cuda.tiled: NOT attested', self.summary)
        attested = json.loads((self.out / 'reference/attest/fake-gpu-1000.json').read_text())
        self.assertEqual([kernel['kernel'] for kernel in attested['kernels']], ['tma_store'])

    def test_a_check_without_a_gpu_is_a_failure(self):
        self.assertEqual(self.run_script('judge', CHECK_STATUS='77').returncode, 1)
        self.assert_ended('judge', 'FAILED: no GPU')

    def test_a_check_without_cublaslt_is_a_failure(self):
        self.assertEqual(self.run_script('judge', CHECK_SAYS='libcublasLt.so.13 not found: install it').returncode, 1)
        self.assert_ended('judge', 'FAILED: cuBLASLt went unchecked')

    def test_the_sanitizer_may_find_or_be_refused_or_be_absent(self):
        self.assertEqual(self.run_script('racecheck', SANITIZER_SAYS='ERROR SUMMARY: 2 errors', SANITIZER_STATUS='9').returncode, 1)
        self.assert_ended('racecheck', 'FAILED: 2 of 2 commands, the first with exit 9')
        self.assertIn('ERROR SUMMARY: 2 errors', self.summary)
        self.assertEqual(self.run_script('racecheck', SANITIZER_SAYS='Device not supported', SANITIZER_STATUS='1').returncode, 0)
        self.assert_ended('racecheck', 'not here')
        (self.folder / 'bin/compute-sanitizer').unlink()
        self.assertEqual(self.run_script('memcheck').returncode, 0)
        self.assert_ended('memcheck', 'not here')

    def test_a_wrong_result_is_a_failure(self):
        self.assertEqual(self.run_script('quick', RUN_STATUS='1').returncode, 1)
        self.assert_ended('quick', 'FAILED')

    def test_steps_of_several_calls_share_a_summary(self):
        self.run_script('judge')
        self.run_script('describe', 'conformance')
        self.assertEqual([line.split()[1] for line in self.summary.splitlines() if line.startswith('| ') and '|' in line[2:]][1:],
                         [':--', 'describe', 'conformance', 'judge'])

    def test_ratios(self):
        self.run_script('compare-bf16')
        table = (self.out / 'compare-bf16.md').read_text()
        line = next(line for line in table.splitlines() if line.startswith('| m4096n4096k4096'))
        self.assertEqual([cell.strip() for cell in line.split('|')[2:7]], ['tma_store', '2000.0', '1000.0', '1000.0', '-'])
        self.assertEqual([cell.strip() for cell in line.split('|')[7:12]], ['2.000', '2.000', '-', '1980', '700'])

    def test_a_ratio_within_the_spread_is_a_tie(self):
        compare = module('gpu_compare.py')
        into = compare.Measurements()
        for own, other in ((1.0, 1.05), (1.2, 1.05)):
            into.add('sustained', 's', 'own', [own] * 5)
            into.add('sustained', 's', 'best', [other] * 5)
        self.assertEqual(compare.ratio(into, 'sustained', 's', 'own', 'best'), '(0.955)')
        into.add('sustained', 's', 'slow', [3.0] * 5)
        self.assertEqual(compare.ratio(into, 'sustained', 's', 'own', 'slow'), '2.727')

    def test_a_step_ends_in_time(self):
        script, start = module('gpu'), time.monotonic()
        with open(self.folder / 'log', 'w') as log:
            self.assertIsNone(script.execute(['sleep', '60'], log, 0.3, dict(os.environ)))
            self.assertEqual(script.execute(['no such program'], log, 9, dict(os.environ)), 127)
        self.assertLess(time.monotonic() - start, 20)
        for step in script.gpu_steps.STEPS:
            self.assertLessEqual(step.seconds, 540, step.name)


if __name__ == '__main__':
    unittest.main()
