#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Times PyTorch's training steps on the models of breakeven's quick training workloads: torch_train.py WORKLOAD PRECISION

WORKLOAD: resnet9-w16, resnet9-w64, gpt, mlp, dlrm. PRECISION: fp32, bf16 (autocast); tf32 with --device cuda. A batch that lies on
the device, made up once; a step is forward, backward, clipping where the workload clips, and the optimizer, fused. Data loading does
not count. Threads: one pool, bound to all usable cores; denormals flushed. Every layout and mode that PyTorch offers for the model is timed
(images: contiguous, channels_last; transformers: fused and composite attention; each also by torch.compile), a JSON line each: {peer, version, workload,
precision, variant, threads, batch, samples_per_second, lower_quartile, upper_quartile}, rates of windows of equal length.
Exit code 77: no PyTorch here.
"""
import argparse
import json
import os
import statistics
import sys
import time

CORES = len(os.sched_getaffinity(0))   # asked before OpenMP, loaded below, binds this thread to one of them
os.environ.setdefault('OMP_NUM_THREADS', str(CORES))
os.environ.setdefault('OMP_PROC_BIND', 'true')   # a thread that is moved about makes the others wait
try:
    import torch
    from torch import nn
    import torch.nn.functional as F
except ImportError as missing:
    print(f'PyTorch is not here: {missing}', file=sys.stderr)
    sys.exit(77)

WINDOWS = 9
BATCHES = {'resnet9-w16': 128, 'resnet9-w64': 512, 'gpt': 32, 'mlp': 128, 'dlrm': 2048}
CONTEXT, VOCABULARY = 64, 512
TABLE_ROWS = (4000, 2000, 1000, 500, 200, 100, 50, 20)
DENSE = 8


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


def convolution(inputs, outputs, *then):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True), *then]


class ResNet9(nn.Sequential):
    def __init__(self, w):
        def residual(c):
            return Residual(*convolution(c, c), *convolution(c, c))
        super().__init__(*convolution(3, w), *convolution(w, 2 * w, nn.MaxPool2d(2)), residual(2 * w),
                         *convolution(2 * w, 4 * w, nn.MaxPool2d(2)), *convolution(4 * w, 8 * w, nn.MaxPool2d(2)),
                         residual(8 * w), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(8 * w, 10, bias=False))

    def forward(self, x):
        return super().forward(x) * 0.125


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        return self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, d))


class CompositeAttention(Attention):
    """By its parts: on CPUs PyTorch's fused attention has a slow gradient."""
    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        later = torch.full((t, t), float('-inf'), device=x.device).triu(1)
        scores = q @ k.transpose(-1, -2) * (d // self.heads) ** -0.5 + later
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, d))


class GPT(nn.Module):
    def __init__(self, attention, layers=2, width=128, heads=4):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, width)
        self.positions = nn.Parameter(torch.randn(CONTEXT, width) * 0.02)
        nn.init.normal_(self.tokens.weight, 0, 0.02)
        def layer():
            return [Residual(nn.LayerNorm(width), attention(width, heads)),
                    Residual(nn.LayerNorm(width), nn.Linear(width, 4 * width, bias=False), nn.GELU(approximate='tanh'),
                             nn.Linear(4 * width, width, bias=False))]
        self.layers = nn.Sequential(*(part for _ in range(layers) for part in layer()), nn.LayerNorm(width))

    def forward(self, tokens):
        return F.linear(self.layers(self.tokens(tokens) + self.positions), self.tokens.weight)


class DLRM(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.bottom = nn.Sequential(nn.Linear(DENSE, 64), nn.ReLU(), nn.Linear(64, width), nn.ReLU())
        self.table = nn.Embedding(sum(TABLE_ROWS), width)   # all tables joined
        vectors = len(TABLE_ROWS) + 1
        self.top = nn.Sequential(nn.Linear(width + vectors * (vectors - 1) // 2, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(),
                                 nn.Linear(32, 1))
        self.register_buffer('pairs', torch.triu_indices(vectors, vectors, 1))

    def forward(self, dense, rows):
        x = self.bottom(dense)
        v = torch.cat([x.unsqueeze(1), self.table(rows).to(x.dtype)], 1)
        return self.top(torch.cat([x, torch.bmm(v, v.transpose(1, 2))[:, self.pairs[0], self.pairs[1]]], 1)).squeeze(1)


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


def task(workload, batch, variant):
    """Model, inputs, labels, loss, optimizer as the workload has them, clipping norm or None."""
    def groups(model, decay):   # norms and biases do not decay
        return [{'params': [p for p in model.parameters() if p.dim() > 1], 'weight_decay': decay},
                {'params': [p for p in model.parameters() if p.dim() < 2], 'weight_decay': 0.0}]
    if workload == 'gpt':
        attention = CompositeAttention if variant.startswith('composite') else Attention
        model, text = GPT(attention), torch.randint(VOCABULARY, (batch, CONTEXT + 1))
        return (model, (text[:, :-1].contiguous(),), text[:, 1:].reshape(-1),
                lambda out, y: F.cross_entropy(out.reshape(-1, VOCABULARY), y),
                lambda: torch.optim.AdamW(groups(model, 0.1), lr=3e-4, betas=(0.9, 0.95), fused=True), 1.0)
    if workload == 'dlrm':
        model = DLRM()
        rows = torch.stack([torch.randint(sum(TABLE_ROWS[:i]), sum(TABLE_ROWS[:i + 1]), (batch,)) for i in range(len(TABLE_ROWS))], 1)
        return (model, (torch.randn(batch, DENSE), rows), torch.randint(2, (batch,)).float(), F.binary_cross_entropy_with_logits,
                lambda: torch.optim.Adagrad(model.parameters(), lr=0.02, fused=True), None)
    model = mlp() if workload == 'mlp' else ResNet9(int(workload.split('-w')[1]))
    shape = (1, 28, 28) if workload == 'mlp' else (3, 32, 32)
    return (model, (torch.randn(batch, *shape),), torch.randint(10, (batch,)), F.cross_entropy,
            lambda: torch.optim.SGD(groups(model, 5e-4), lr=0.01, momentum=0.9, nesterov=True, fused=True), None)


def variants(workload, compiled):
    kinds = {'resnet9': ['contiguous', 'channels_last'], 'gpt': ['fused', 'composite']}.get(workload.split('-')[0], ['eager'])
    return [kind + suffix for kind in kinds for suffix in ('', '+compile')[:2 if compiled else 1]]


def stepper(given, variant):
    """A function that does one step."""
    torch.manual_seed(1)
    model, inputs, labels, loss_of, make_optimizer, clip = task(given.workload, given.batch, variant)
    model.to(given.device).train()
    inputs, labels = [x.to(given.device) for x in inputs], labels.to(given.device)
    if variant.startswith('channels_last'):
        model.to(memory_format=torch.channels_last)
        inputs = [x.contiguous(memory_format=torch.channels_last) for x in inputs]
    parameters, optimizer = list(model.parameters()), make_optimizer()
    run = torch.compile(model) if variant.endswith('+compile') else model

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(given.device, dtype=torch.bfloat16, enabled=given.precision == 'bf16'):
            loss = loss_of(run(*inputs).float(), labels)
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(parameters, clip, foreach=True)
        optimizer.step()
    return step


def measure(given, step):
    """Samples per second of each window, after warming up for as long as two."""
    def wait():
        if given.device == 'cuda':
            torch.cuda.synchronize()

    def seconds(steps):
        start = time.perf_counter()
        for _ in range(steps):
            step()
        wait()
        return time.perf_counter() - start
    seconds(3)
    each = seconds(2) / 2
    steps = max(1, round(given.seconds / WINDOWS / each))
    seconds(2 * steps)
    return [given.batch * steps / seconds(steps) for _ in range(WINDOWS)]


def arguments(argv):
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument('workload', choices=BATCHES)
    options.add_argument('precision', choices=['fp32', 'tf32', 'bf16'])
    options.add_argument('--batch', type=int, help='default: the workload\'s own')
    options.add_argument('--threads', type=int, default=CORES)
    options.add_argument('--seconds', type=float, default=5, help='of measuring, a variant')
    options.add_argument('--device', choices=['cpu', 'cuda'], default='cpu')
    options.add_argument('--eager', action='store_true', help='without torch.compile')
    options.add_argument('--variant', help='this one alone')
    given = options.parse_args(argv)
    given.batch = given.batch or BATCHES[given.workload]
    if given.precision == 'tf32' and given.device == 'cpu':
        options.error('a processor has no tf32')
    return given


def main():
    given = arguments(sys.argv[1:])
    torch.set_num_threads(given.threads)
    torch.set_flush_denormal(True)
    if given.device == 'cuda':
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = given.precision == 'tf32'
        torch.backends.cudnn.benchmark = True
    elif not torch.backends.mkldnn.is_available():
        print('this PyTorch is without oneDNN: its times say nothing', file=sys.stderr)
        return 1
    for variant in variants(given.workload, not given.eager):
        if given.variant not in (None, variant):
            continue
        lower, median, upper = statistics.quantiles(measure(given, stepper(given, variant)), n=4)
        print(json.dumps({'peer': 'PyTorch', 'version': torch.__version__, 'workload': given.workload,
                          'precision': given.precision, 'variant': variant, 'threads': torch.get_num_threads(),
                          'batch': given.batch, 'samples_per_second': median, 'lower_quartile': lower,
                          'upper_quartile': upper}), flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
