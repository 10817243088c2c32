#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Does the net hold? Plants the bugs of mutations.toml, one at a time, and asks that the emulator's tests catch each.

  mutation_test.py --source ROOT --build ROOT --program FILE [--only PATTERN] [--jobs N]
--program  the test program as built, whose link command is repeated with the changed object in front
--only     those whose name holds PATTERN
$MUTATION_SHARE, K/N: every N-th of them from the K-th

A mutation changes one place of one file: the file is copied into an overlay folder that is searched before the
source tree, the units it names are compiled again with the commands of the build, and the program, seed_sweep, is run
over the contenders it names. Unchanged, they must pass under the same seeds.
Prints a line a mutation and the score; exit code 0 when at least 95 % were caught.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib

SEEDS = 4   # of the emulator, for each problem
SECONDS = 240   # for one run: a mutant that neither ends nor deadlocks was not caught by the emulator
WANTED = 0.95
FEWEST = 30


def fail(message):
    sys.exit(f'mutation_test: {message}')


class Build:
    """The commands that made the program."""

    def __init__(self, source, build, program):
        self.source, self.build, self.program = source, build, program
        self.compiles = {}   # 'kernels/cuda/gemm/tiled.cu' -> its command for the emulator
        for entry in json.loads((build / 'compile_commands.json').read_text()):
            if not entry.get('output', '').startswith('kernels/emu/'):
                continue
            self.compiles[self.unit(entry)] = entry
        target = os.path.relpath(program, build)
        lines = subprocess.run(['ninja', '-C', build, '-t', 'commands', '-s', target], capture_output=True, text=True,
                               check=True).stdout.splitlines()
        self.link = [line for line in lines if not line.startswith('ninja: ')][-1]

    def unit(self, entry):
        """A wrapper is known by the kernel file that it includes, any other file by itself."""
        file = (self.build / entry['file']).resolve()
        if file.is_relative_to(self.build):
            return re.search(r'#include "([^"]+)"', file.read_text()).group(1)
        return os.path.relpath(file, self.source)

    def compile(self, unit, overlay, number):
        entry = self.compiles.get(unit) or fail(f'{unit} is not compiled for the emulator')
        words = shlex.split(entry['command'])
        out = overlay / f'{number}.o'
        words[words.index('-o') + 1] = str(out)
        for flag in ('-MF', '-MQ'):
            if flag in words:
                words[words.index(flag) + 1] = str(out) + '.d'
        if (overlay / unit).exists() and unit.endswith('.cpp'):
            words = [str(overlay / unit) if word == entry['file'] else word for word in words]
        compiler = 2 if 'ccache' in words[0] else 1
        words[compiler:compiler] = [f'-I{overlay}']
        made = subprocess.run(words, cwd=self.build, capture_output=True, text=True)
        return (out, None) if made.returncode == 0 else (None, made.stderr)

    def relink(self, objects, overlay):
        words = shlex.split(self.link)
        out = overlay / self.program.name
        at = words.index('-o')
        words[at + 1] = str(out)
        words[at + 2:at + 2] = ['-Wl,-z,muldefs', *map(str, objects)]   # the first definition counts
        made = subprocess.run(words, cwd=self.build, capture_output=True, text=True)
        return (out, None) if made.returncode == 0 else (None, made.stderr)


def run(program, tests, shapes):
    """None when all is well, else what was found."""
    try:
        done = subprocess.run([program, f'--{shapes}', '--seeds', str(SEEDS), *tests], text=True, capture_output=True, errors='replace',
                              timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return 'ran on without end'
    text = (done.stdout + done.stderr).strip()
    if done.returncode == 2:
        fail(text)
    if done.returncode == 0:
        return None if re.search(r'^[1-9]\d* passed, 0 failed, 0 skipped$', text, re.MULTILINE) else fail(
            f'{tests} tests nothing: {text}')
    return ' '.join(text.split('\n')[0].split()) or f'exit {done.returncode}'


def shapes_of(mutation):
    """The option of seed_sweep that says which."""
    return mutation.get('shapes', 'all-shapes')


def check_text(source, mutation):
    if (places := (source / mutation['file']).read_text().count(mutation['find'])) != 1:
        fail(f"'{mutation['name']}': its text stands {places} times in {mutation['file']}, and should once")


def share_of(listed, share):
    """Every N-th of the list, from the K-th, for a share 'K/N'."""
    if not (parts := re.fullmatch(r'([1-9]\d{0,3})/([1-9]\d{0,3})', share)) or int(parts[1]) > int(parts[2]):
        fail(f"a share is K/N with K from 1 to N, and not '{share}'")
    return listed[int(parts[1]) - 1::int(parts[2])]


def overlay_of(source, mutation, folder):
    """The changed file where the compiler finds it first."""
    path = pathlib.Path(folder) / mutation['file']
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (source / mutation['file']).read_text()
    path.write_text(text.replace(mutation['find'], mutation['replace']))


def plant(build, mutation):
    """How the mutant was caught, None when it was not."""
    with tempfile.TemporaryDirectory() as folder:
        overlay = pathlib.Path(folder)
        overlay_of(build.source, mutation, overlay)
        objects = []
        for number, unit in enumerate(mutation.get('units', [mutation['file']])):
            made, why = build.compile(unit, overlay, number)
            if made is None:
                fail(f"'{mutation['name']}' does not compile:\n{why}")
            objects.append(made)
        program, why = build.relink(objects, overlay)
        if program is None:
            fail(f"'{mutation['name']}' does not link:\n{why}")
        return run(program, mutation['tests'], shapes_of(mutation))


def main():
    parser = argparse.ArgumentParser()
    for name in ('--source', '--build', '--program'):
        parser.add_argument(name, type=lambda text: pathlib.Path(text).resolve(), required=True)
    parser.add_argument('--only', default='')
    parser.add_argument('--jobs', type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    build = Build(asked.source, asked.build, asked.program)
    listed = tomllib.loads((pathlib.Path(__file__).parent / 'mutations.toml').read_text())['mutation']
    for mutation in listed:
        check_text(build.source, mutation)
    mutations = share_of([m for m in listed if asked.only in m['name']], os.environ.get('MUTATION_SHARE') or '1/1')
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        unchanged = [pool.submit(run, asked.program, [test], shapes)
                     for test, shapes in sorted({(t, shapes_of(m)) for m in mutations for t in m['tests']})]
        alarms = [why.result() for why in unchanged if why.result()]
        outcomes = [pool.submit(plant, build, mutation) for mutation in mutations]
        caught = 0
        for mutation, outcome in zip(mutations, outcomes):
            how = outcome.result()
            caught += how is not None
            print(f"{'caught' if how else 'MISSED':7} {mutation['kind']:14} {mutation['name']}\n        {how or ''}"[:230].rstrip(),
                  flush=True)
    for alarm in alarms:
        print(f'FALSE ALARM without a mutation: {alarm}')
    score = caught / max(len(mutations), 1)
    print(f'mutation score: {caught} of {len(mutations)} seeded bugs caught ({score:.1%}; {len(listed)} are listed), {len(alarms)} false alarms '
          f'in {len(unchanged)} contenders left as they are')
    enough = len(listed) >= FEWEST
    return 0 if score >= WANTED and enough and not alarms else 1


if __name__ == '__main__':
    sys.exit(main())
