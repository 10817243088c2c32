#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Runs scripts/gpu inside a made-up bundle on a made-up GPU machine: what it records, and when it fails."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent

BREAKEVEN = '''#!/bin/sh
verb=$1
while [ $# -gt 1 ]; do [ "$1" = --out ] && printf '{"kind":"run"}\\n{"kind":"result"}\\n' >"$2"; shift; done
echo "fake $verb"
[ "$verb" != run ] || exit ${RUN_STATUS:-0}
'''
NVIDIA_SMI = '#!/bin/sh\necho "Fake GPU 1000"\n'
SANITIZER = '#!/bin/sh\necho "$SANITIZER_SAYS"\nexit ${SANITIZER_STATUS:-0}\n'


class GpuScript(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.write('bundle/breakeven', BREAKEVEN)
        self.write('bundle/bin/breakeven', BREAKEVEN)
        self.write('bundle/tests/kernels_test', '#!/bin/sh\necho "[  PASSED  ] 3 tests."\n')
        self.write('bin/nvidia-smi', NVIDIA_SMI)
        self.write('bin/compute-sanitizer', SANITIZER)
        (self.folder / 'bundle/scripts').mkdir()
        shutil.copy(SCRIPTS / 'gpu', self.folder / 'bundle/scripts/gpu')

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run_script(self, *arguments, **environment):
        path = f'{self.folder}/bin:{os.environ["PATH"]}'
        done = subprocess.run([self.folder / 'bundle/scripts/gpu', *arguments], cwd=self.folder, text=True, timeout=60,
                              env={**os.environ, 'PATH': path, **environment}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        folders = [f for f in self.folder.glob('gpu-out/*') if f.is_dir()]
        self.out = folders[0] if folders else None
        self.summary = (self.out / 'summary.txt').read_text() if folders else ''
        return done

    def test_all_well(self):
        done = self.run_script()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn('FAILED', self.summary)
        for step in ('describe', 'doctor', 'check-kernels_test', 'memcheck-kernels_test', 'quick', 'standard', 'verify'):
            self.assertRegex(self.summary, rf'(?m)^{step} .* ok$')
        self.assertTrue(self.out.name.startswith('fake-gpu-1000-'))
        for name in ('quick.jsonl', 'quick.md', 'standard.jsonl', 'standard.md', 'doctor-json.log'):
            self.assertTrue((self.out / name).stat().st_size, name)
        self.assertTrue(self.out.with_name(self.out.name + '.tar.gz').exists())

    def check_fails(self, program, word):
        self.write('bundle/tests/kernels_test', program)
        done = self.run_script()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(self.summary, rf'(?m)^check-kernels_test .*FAILED: {word}$')
        self.assertRegex(self.summary, r'(?m)^standard .* ok$')   # the rest went on

    def test_a_check_without_a_gpu_is_a_failure(self):
        self.check_fails('#!/bin/sh\necho "no GPU: no driver"; exit 77\n', 'exit 77')

    def test_a_check_without_cublaslt_is_a_failure(self):
        self.check_fails('#!/bin/sh\necho "libcublasLt.so.13 not found: install it"\n', 'exit 1')

    def test_a_failing_check_is_a_failure(self):
        self.check_fails('#!/bin/sh\nexit 1\n', 'exit 1')

    def test_the_sanitizer_may_find_or_be_refused(self):
        done = self.run_script(SANITIZER_SAYS='ERROR SUMMARY: 2 errors', SANITIZER_STATUS='9')
        self.assertEqual(done.returncode, 1)
        self.assertRegex(self.summary, r'(?m)^racecheck-kernels_test .*FAILED: exit 9$')

    def test_a_sanitizer_that_refuses_the_device_is_noted(self):
        done = self.run_script(SANITIZER_SAYS='Device not supported', SANITIZER_STATUS='1')
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(self.summary, r'(?m)^racecheck-kernels_test .*not here$')

    def test_a_wrong_result_is_a_failure_and_a_stopped_run_is_not(self):
        self.assertEqual(self.run_script(RUN_STATUS='1').returncode, 1)
        shutil.rmtree(self.folder / 'gpu-out')
        self.assertEqual(self.run_script(RUN_STATUS='4').returncode, 0)

    def test_no_driver(self):
        self.write('bin/nvidia-smi', '#!/bin/sh\nexit 9\n')
        done = self.run_script('--machine', 'named')
        self.assertEqual(done.returncode, 1)
        self.assertRegex(self.summary, r'(?m)^describe .*FAILED')
        self.assertTrue(self.out.name.startswith('named-'))

    def test_dry_run_leaves_nothing(self):
        done = self.run_script('--dry-run')
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r'(?m)^quick \(up to .*--preset quick$')
        self.assertIsNone(self.out)


if __name__ == '__main__':
    unittest.main()
