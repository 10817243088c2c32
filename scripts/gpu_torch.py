#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Times PyTorch's matrix product the way breakeven times its contenders: gpu_torch.py PRECISION REGIME SECONDS SHAPE...

SHAPE is a problem's name, m4096n4096k4096. Operands are random in [-1, 1) (int8: over its range). sustained: operand sets rotate
through more than three times the L2 cache, back to back. isolated: the cache is overwritten and read before each execution. Times
are the GPU's own (events). Prints a JSON line a shape: {shape, seconds: [...]} or {shape, reason}. Exit code 77: no PyTorch here.
"""
import json
import math
import re
import sys

try:
    import torch
except ImportError as missing:
    print(f'PyTorch is not here: {missing}', file=sys.stderr)
    sys.exit(77)

TYPES = {'fp32': 'float32', 'tf32': 'float32', 'bf16': 'bfloat16', 'fp16': 'float16', 'fp8e4m3': 'float8_e4m3fn', 'int8': 'int8'}
SAMPLES = 21
MOST_LAUNCHES = 1000       # that a stream takes without making the host wait
GATE_CYCLES = 20_000_000   # 10 ms, in which the host puts that many into the stream


def operands(precision, b, m, n, k):
    """A and B of one set. fp8 wants B column by column, as the vendor's library does."""
    kind = getattr(torch, TYPES[precision])
    if precision == 'int8':
        return (torch.randint(-128, 128, shape, dtype=kind, device='cuda') for shape in ((m, k), (k, n)))
    lead = (b,) if b > 1 else ()
    x, y = (torch.rand((*lead, *shape), device='cuda') * 2 - 1 for shape in ((m, k), (k, n)))
    if precision == 'fp8e4m3':
        return x.to(kind), y.to(kind).t().contiguous().t()
    return x.to(kind), y.to(kind)


def product(precision, x, y):
    """A function that starts one execution. fp8: with full accumulation, scales of one."""
    if precision == 'int8':
        return lambda: torch._int_mm(x, y)
    if precision == 'fp8e4m3':
        one = torch.ones((), device='cuda')
        return lambda: torch._scaled_mm(x, y, scale_a=one, scale_b=one, out_dtype=torch.bfloat16, use_fast_accum=False)
    out = torch.matmul(x, y)
    return lambda: torch.matmul(x, y, out=out)


def timed(work, gate_cycles=GATE_CYCLES):
    """Seconds on the GPU from the start of what `work` starts to its end. The GPU is kept busy until all of it is in the
    stream, so that the host's time for starting it does not count."""
    torch.cuda._sleep(gate_cycles)
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    work()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) * 1e-3


def sustained(sets, seconds):
    """Samples of many executions each, after a tenth of the time spent warming up."""
    def executions(count):
        for i in range(count):
            sets[i % len(sets)]()
    each = min(timed(lambda: executions(len(sets))) for _ in range(3)) / len(sets)
    batch = min(MOST_LAUNCHES, max(len(sets), math.ceil(seconds / SAMPLES / each)))
    for _ in range(max(1, math.ceil(seconds / 10 / each / batch))):
        timed(lambda: executions(batch))
    return [timed(lambda: executions(batch)) / batch for _ in range(SAMPLES)]


def isolated(sets, seconds, cache_bytes):
    """Samples of one execution each, nothing of its operands in the cache."""
    evictor = torch.empty(2 * cache_bytes // 4, dtype=torch.int32, device='cuda')
    samples, spent = [], 0.0
    while len(samples) < SAMPLES or (spent < seconds / 4 and len(samples) < 1000):
        evictor.zero_()
        evictor.sum()
        torch.cuda.synchronize()
        samples.append(timed(sets[0], GATE_CYCLES // 100))
        spent += samples[-1]
    return samples


def measure(precision, regime, seconds, shape):
    found = re.fullmatch(r'(?:b(\d+))?m(\d+)n(\d+)k(\d+)', shape)
    if not found:
        return {'shape': shape, 'reason': 'not of the form m4096n4096k4096'}
    b, m, n, k = (int(size or 1) for size in found.groups())
    cache_bytes = torch.cuda.get_device_properties(0).L2_cache_size
    bytes_each = b * (m * k + k * n + m * n) * getattr(torch, TYPES[precision]).itemsize
    slots = 1 if regime == 'isolated' else math.ceil(3 * cache_bytes / bytes_each) + 1
    try:
        sets = [product(precision, *operands(precision, b, m, n, k)) for _ in range(min(slots, MOST_LAUNCHES))]
        sets[0]()
        samples = isolated(sets, seconds, cache_bytes) if regime == 'isolated' else sustained(sets, seconds)
    except (RuntimeError, AttributeError, TypeError) as error:   # a shape or a type that it does not take
        return {'shape': shape, 'reason': str(error).splitlines()[0][:200]}
    return {'shape': shape, 'seconds': samples}


def main():
    precision, regime, seconds, *shapes = sys.argv[1:]
    if not torch.cuda.is_available():
        print('PyTorch sees no GPU', file=sys.stderr)
        return 77
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = precision == 'tf32'
    print(json.dumps({'torch': torch.__version__, 'cuda': torch.version.cuda}), flush=True)
    for shape in shapes:
        print(json.dumps(measure(precision, regime, float(seconds), shape)), flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
