#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Runs scripts/bench with a made-up build and program: what it passes on, what it leaves, and how Ctrl-C ends it."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent

# Notes its arguments; as `run` it writes a file, and waits for Ctrl-C when SLOW is set; as `show` it prints.
BREAKEVEN = '''#!/bin/bash
here=$(dirname "$0")
echo "$*" >>"$here/calls"
[ "$1" = run ] || { echo "# report"; exit 0; }
while [ $# -gt 1 ]; do case $1 in --out | --resume) file=$2 ;; esac; shift; done
echo '{"kind":"run"}' >"$file"
trap 'echo interrupted >>"$here/calls"; exit 4' INT
if [ -n "${SLOW:-}" ]; then touch "$here/started"; for i in $(seq 100); do sleep 0.1; done; fi
exit "${RUN_STATUS:-0}"
'''


class BenchScript(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp()).resolve()
        self.addCleanup(shutil.rmtree, self.root)
        self.program = self.root / 'build/harness/cli/breakeven'
        self.write(self.program, BREAKEVEN)
        for name in ('build', 'install-dependencies'):
            self.write(self.root / 'scripts' / name, '#!/bin/bash\n')
        (self.root / 'results').mkdir()
        shutil.copy(SCRIPTS / 'bench', self.root / 'scripts/bench')

    @staticmethod
    def write(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def bench(self, *arguments, **environment):
        return subprocess.run([self.root / 'scripts/bench', *arguments], cwd='/', text=True, timeout=60, check=False,
                              env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def calls(self):
        return (self.program.parent / 'calls').read_text().splitlines()

    def test_without_arguments(self):
        done = self.bench()
        self.assertEqual(done.returncode, 0, done.stdout)
        result, = (self.root / 'results').glob('*.jsonl')
        report = result.with_suffix('.md')
        self.assertEqual(report.read_text(), '# report\n')
        self.assertEqual(self.calls(), [f'run --out {result} --preset quick', f'show --markdown {result}'])
        self.assertIn(f'report   {report}', done.stdout)

    def test_what_the_user_says_holds(self):
        file = self.root / 'mine.jsonl'
        self.bench('gemm', f'--out={file}', '--preset', 'full')
        self.assertEqual(self.calls()[0], f'run gemm --out={file} --preset full')

    def test_resume_brings_its_own_plan(self):
        file = self.root / 'mine.jsonl'
        self.bench('--resume', str(file))
        self.assertEqual(self.calls(), [f'run --resume {file}', f'show --markdown {file}'])

    def test_the_runs_exit_code_is_passed_on_after_the_report(self):
        self.assertEqual(self.bench(RUN_STATUS='1').returncode, 1)
        self.assertEqual(len(list((self.root / 'results').glob('*.md'))), 1)

    def test_ctrl_c_still_reports(self):
        bench = subprocess.Popen([self.root / 'scripts/bench'], env={**os.environ, 'SLOW': '1'}, start_new_session=True,
                                 stdout=subprocess.DEVNULL)
        started = self.program.parent / 'started'
        for _ in range(200):
            if started.exists():
                break
            time.sleep(0.05)
        os.killpg(bench.pid, signal.SIGINT)
        self.assertEqual(bench.wait(timeout=30), 4)
        self.assertIn('interrupted', self.calls())
        self.assertEqual(len(list((self.root / 'results').glob('*.md'))), 1)


if __name__ == '__main__':
    unittest.main()
