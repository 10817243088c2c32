#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Does the gate fail when it should? Kernels with one fault each, compiled for sm_90a: gate_test.py NVCC"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import cubin
import expected
import fat_build
import ptxas

HOME = pathlib.Path(__file__).resolve().parents[1]
ROOT = HOME.parents[1]
NVCC = 'nvcc'

PLAIN = '''namespace { __global__ void plain(float* out) { out[threadIdx.x] = out[0] * out[1] + out[2]; } }
void launch(float* out) { plain<<<1, 32>>>(out); }
'''
# 80 sums alive at once in 32 registers.
SPILLS = '''__global__ void __launch_bounds__(1024, 2) spills(float* out) {
  float sum[80];
  for (int i = 0; i < 80; ++i) sum[i] = out[i * 1024 + threadIdx.x];
  __syncthreads();
  for (int i = 0; i < 80; ++i) out[i * 1024 + threadIdx.x] = sum[i] * sum[79 - i];
}
'''
# An array indexed by a value that only the running kernel knows cannot stay in registers.
LOCAL = '''__global__ void local(int* out, int n) {
  int table[64];
  for (int i = 0; i < 64; ++i) table[i] = out[i];
  for (int i = 0; i < n; ++i) table[table[i & 63] & 63] += i;
  out[threadIdx.x] = table[n & 63];
}
'''
# setmaxnreg needs to know the registers at entry, which only __launch_bounds__ fixes.
IGNORED = '''__global__ void ignored(int* out) {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 232;");
  out[threadIdx.x] = 1;
}
'''


class Gate(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def compile(self, name, text, place='.'):
        source = self.folder / place / name
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text)
        return ptxas.compile_file(NVCC, ROOT, source, self.folder / place / 'made', ['90a'])

    def faults(self, name, text):
        return ' / '.join(fat_build.judge(name, self.compile(name, text))[0])

    def test_a_good_kernel_passes(self):
        self.assertEqual(self.faults('plain.cu', PLAIN), '')

    def test_spills(self):
        self.assertRegex(self.faults('spills.cu', SPILLS), r'spills spills \d+ bytes on sm_90a')

    def test_local_memory(self):
        self.assertRegex(self.faults('local.cu', LOCAL), r'local has \d+ LDL on sm_90a.*\d+ STL')

    def test_what_ptxas_calls_information(self):
        self.assertIn('(C7508)', self.faults('ignored.cu', IGNORED))

    def test_what_does_not_compile(self):
        self.assertIn('does not compile', self.faults('broken.cu', '__global__ void broken() { none; }'))

    def test_instructions(self):
        compiled = self.compile('plain.cu', PLAIN)
        with mock.patch.dict(expected.EXPECTED, {'plain.cu': [('90a', ['HGMMA', 'FFMA'], ['UTMALDG'])]}):
            self.assertEqual(fat_build.judge('plain.cu', compiled)[0], ['plain.cu: no HGMMA in the code for sm_90a'])
        with mock.patch.dict(expected.EXPECTED, {'plain.cu': [('90a', [], ['FFMA'])]}):
            self.assertEqual(fat_build.judge('plain.cu', compiled)[0],
                             ['plain.cu: plain has 1 FFMA on sm_90a, and should have none'])
        with mock.patch.dict(expected.EXPECTED, {'plain.cu': [('80', ['HGMMA'], [])]}):
            self.assertEqual(fat_build.judge('plain.cu', compiled)[0], [])

    def test_growth(self):
        now = {'plain': {'registers': 12, 'shared': 64}}
        self.assertEqual(list(fat_build.grown('f.cu', now, {'plain': {'registers': 12, 'shared': 64}})), [])
        for before in ({'registers': 11, 'shared': 64}, {'registers': 13, 'shared': 0}):
            fault, = fat_build.grown('f.cu', now, {'plain': before})
            self.assertIn(f'from {before} to {now["plain"]}', fault)
        self.assertIn('not in golden.json', *fat_build.grown('f.cu', now, {}))
        self.assertIn('is gone', *fat_build.grown('f.cu', {}, now))

    def test_the_program(self):
        root, golden = self.folder / 'root', self.folder / 'golden.json'
        source = root / 'kernels/cuda/plain.cu'
        for path in (source, root / 'harness/precision.h'):
            path.parent.mkdir(parents=True)
        source.write_text(PLAIN)
        shutil.copy(ROOT / 'harness/precision.h', root / 'harness')
        golden.write_text(json.dumps({'gone.cu': {}}))
        command = [sys.executable, HOME / 'gate/fat_build.py', '--nvcc', NVCC, '--root', root, '--golden', golden, '--hopper', source]
        self.assertEqual(subprocess.run([*command, '--update'], stdout=subprocess.DEVNULL).returncode, 0)
        self.assertEqual(subprocess.run(command, stdout=subprocess.DEVNULL).returncode, 0)
        text = json.loads(golden.read_text())
        self.assertEqual(list(text), ['plain.cu'])
        text['plain.cu']['plain']['registers'] -= 1
        golden.write_text(json.dumps(text))
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn('plain has grown', done.stdout)

    def test_hashes_depend_on_code_alone(self):
        def hash_of(text, place):
            return cubin.code_hash(self.compile('plain.cu', text, place).cubins['90a'])
        first = hash_of(PLAIN, 'one')
        self.assertEqual(hash_of(PLAIN, 'one'), first)
        self.assertEqual(hash_of('// a remark\n\n' + PLAIN, 'a/quite/different/place'), first)
        self.assertNotEqual(hash_of(PLAIN.replace('out[2]', 'out[3]'), 'one'), first)
        self.assertNotEqual(hash_of(PLAIN.replace('plain', 'other'), 'one'), first)

    def test_what_is_no_cubin(self):
        with self.assertRaisesRegex(ValueError, 'no cubin'):
            cubin.code_hash(b'no machine code')
        self.assertEqual(cubin.cubins(b'no fatbin'), {})

    def test_shares_hold_the_golden_architecture_and_together_all(self):
        shares = [fat_build.share_of(fat_build.ARCHS, f'{k}/2') for k in (1, 2)]
        self.assertEqual(set(shares[0]) & set(shares[1]), {fat_build.GOLDEN_ARCH})
        self.assertEqual(set(shares[0]) | set(shares[1]), set(fat_build.ARCHS))
        self.assertEqual(fat_build.share_of(fat_build.ARCHS, '1/1'), fat_build.ARCHS)
        for wrong in ('', '0/2', '3/2', '1', 'a/b', '1/2/3'):
            with self.assertRaises(SystemExit):
                fat_build.share_of(fat_build.ARCHS, wrong)

    def test_names(self):
        self.assertEqual(ptxas.precisions(ROOT)[:2], ['fp64', 'fp32'])
        mangled = '_ZN9breakeven4cuda46_GLOBAL__N__2a7a3ff0_13_gemm_tiled_cu_f6f3ca4d5tiledILNS_9PrecisionE3ELi4EEEvPKf'
        self.assertEqual(ptxas.demangled([mangled], ['a', 'b', 'c', 'bf16']), {mangled: 'tiled<bf16, 4>'})

    def test_the_table_of_instructions(self):
        for name, rows in expected.EXPECTED.items():
            self.assertTrue((HOME / name).is_file(), f'expected.py names {name}, which is not there')
            for arch, must, must_not in rows:
                self.assertIn(arch, fat_build.ARCHS)
                self.assertLessEqual({*must, *must_not}, expected.OPCODES.keys())
        rungs = {f'gemm/{path.name}' for path in HOME.glob('gemm/*.cu')} - expected.HELPERS
        self.assertEqual(rungs - expected.EXPECTED.keys(), set(), 'kernel files that expected.py asks nothing of')


if __name__ == '__main__':
    NVCC = sys.argv.pop(1)
    unittest.main()
