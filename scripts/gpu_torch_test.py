#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Runs scripts/gpu_torch.py against a made-up PyTorch: does it start what it should, as often, and print what is read?"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parent / 'gpu_torch.py'

# As much of PyTorch as the script uses. An execution takes 10 us of a clock that only executions move.
TORCH = '''
import types
__version__, version, CLOCK, LOG = '9.9', types.SimpleNamespace(cuda='13.0'), [0.0], []
class Kind:
    def __init__(self, itemsize): self.itemsize = itemsize
float32, bfloat16, float16, float8_e4m3fn, int8, int32 = Kind(4), Kind(2), Kind(2), Kind(1), Kind(1), Kind(4)
class Tensor:
    def __init__(self, shape): self.shape = tuple(shape)
    def __mul__(self, _): return self
    __sub__ = __mul__
    def to(self, kind): return self
    def t(self): return Tensor(self.shape[::-1])
    def contiguous(self): return self
    def zero_(self): return self
    def sum(self): return self
def rand(*shape, device): return Tensor(shape[0] if isinstance(shape[0], tuple) else shape)
def randint(low, high, shape, dtype, device): return Tensor(shape)
def ones(shape, device): return Tensor(shape)
def empty(size, dtype, device): return Tensor((size,))
def manual_seed(seed): pass
def product(x, y):
    if x.shape[-1] != y.shape[-2]: raise RuntimeError(f'{x.shape} and {y.shape} do not fit')
    CLOCK[0] += 1e-2
    return Tensor((*x.shape[:-1], y.shape[-1]))
def matmul(x, y, out=None): return product(x, y)
def _int_mm(x, y):
    if x.shape[0] <= 16: raise RuntimeError('self.size(0) needs to be greater than 16')
    return product(x, y)
def _scaled_mm(x, y, scale_a, scale_b, out_dtype, use_fast_accum): return product(x, y)
class Event:
    def __init__(self, enable_timing): pass
    def record(self): self.at = CLOCK[0]
    def synchronize(self): pass
    def elapsed_time(self, end): return end.at - self.at
cuda = types.SimpleNamespace(is_available=lambda: True, Event=Event, _sleep=lambda cycles: None, synchronize=lambda: None,
                             get_device_properties=lambda i: types.SimpleNamespace(L2_cache_size=60 << 20))
backends = types.SimpleNamespace(cuda=types.SimpleNamespace(matmul=types.SimpleNamespace(allow_tf32=None)))
'''


class GpuTorch(unittest.TestCase):
    def lines(self, *arguments, torch=TORCH):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, 'torch.py').write_text(torch)
            done = subprocess.run([sys.executable, SCRIPT, *arguments], env={**os.environ, 'PYTHONPATH': folder}, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.status = done.returncode
        return [json.loads(line) for line in done.stdout.splitlines()] or done.stderr

    def test_every_precision_and_regime(self):
        for precision in ('fp32', 'tf32', 'bf16', 'fp16', 'fp8e4m3', 'int8'):
            for regime in ('sustained', 'isolated'):
                head, row = self.lines(precision, regime, '0.01', 'm128n256k64')
                self.assertEqual(self.status, 0)
                self.assertEqual(head['torch'], '9.9')
                self.assertEqual(row['shape'], 'm128n256k64')
                self.assertGreaterEqual(len(row['seconds']), 21)
                for seconds in row['seconds']:   # of one execution, however many there were
                    self.assertAlmostEqual(seconds, 1e-5, 9)

    def test_a_batch(self):
        self.assertEqual(len(self.lines('bf16', 'sustained', '0.01', 'b4m32n32k32')[1]['seconds']), 21)

    def test_what_it_does_not_take_is_said(self):
        self.assertEqual(self.lines('int8', 'sustained', '0.01', 'm1n64k64')[1],
                         {'shape': 'm1n64k64', 'reason': 'self.size(0) needs to be greater than 16'})
        self.assertIn('not of the form', self.lines('bf16', 'sustained', '0.01', 'big')[1]['reason'])

    def test_no_gpu_and_no_pytorch(self):
        self.assertIn('no GPU', self.lines('bf16', 'sustained', '1', torch=TORCH.replace('lambda: True', 'lambda: False')))
        self.assertEqual(self.status, 77)
        self.assertIn('not here', self.lines('bf16', 'sustained', '1', torch="raise ImportError('none')"))
        self.assertEqual(self.status, 77)


if __name__ == '__main__':
    unittest.main()
