#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Writes what a GPU proved: gpu_attest.py --gpu NAME --driver VERSION --nvcc VERSION --kernels FILE --out FILE REPORT...

REPORT are GoogleTest's JSON reports of gpu_check; FILE of --kernels is what `breakeven list kernels --json` printed. A kernel is
attested when it was right in every precision it has, repeated bit for bit, and every report is of one machine code.
"""
import argparse
import datetime
import json
import pathlib
import sys

AGREES, REPEATS = 'AgreesWithPlainLoops', 'RepeatsBitForBit'


def tests(reports):
    """Every test of every report that tells which kernel it is about."""
    for report in reports:
        for suite in json.loads(report.read_text())['testsuites']:
            yield from (test for test in suite['testsuite'] if test.get('kernel'))


def ran(found):
    return [test for test in found if test['result'] == 'COMPLETED']


def verdict(kernel, found):
    """(the entry of this kernel, None), or (None, why it is not attested)."""
    failed = [test for test in found if test.get('failures')]
    if failed:
        return None, f'{len(failed)} tests failed, the first {failed[0]["name"]}'
    right = [test for test in ran(found) if test['name'].startswith(AGREES)]
    same = [test for test in ran(found) if test['name'].startswith(REPEATS)]
    codes = {test['code'] for test in right + same}
    if not right or not same:
        return None, f'{len(right)} checks against the judge and {len(same)} repetitions were completed'
    if len(codes) != 1 or '' in codes:
        return None, 'the driver compiled it from PTX' if '' in codes else 'the reports are of different builds'
    code, = codes
    archs = [arch for arch, of_arch in kernel['code'].items() if of_arch == code]
    if not archs:
        return None, 'the reports are of another build than this'
    return {'kernel': kernel['kernel'].removeprefix('cuda.'), 'source': kernel['source'], 'arch': archs[0], 'code': code,
            'problems': sum(int(test['problems']) for test in right), 'worst': max(float(test['worst']) for test in right),
            'repeats': min(int(test['repeats']) for test in same),
            'seconds': round(sum(float(test['time'].rstrip('s')) for test in right + same), 3)}, None


def parsed():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('--gpu', '--driver', '--nvcc'):
        options.add_argument(name, required=True)
    options.add_argument('--kernels', type=pathlib.Path, required=True)
    options.add_argument('--out', type=pathlib.Path, required=True)
    options.add_argument('--date', default=datetime.datetime.now(datetime.timezone.utc).date().isoformat())
    options.add_argument('reports', type=pathlib.Path, nargs='*')
    return options.parse_args()


def main():
    given = parsed()
    listed = [kernel for kernel in json.loads(given.kernels.read_text())
              if 'source' in kernel and '+' not in kernel['kernel']]
    by_kernel = {}
    for test in tests(given.reports):
        by_kernel.setdefault(test['kernel'], []).append(test)
    entries = []
    for kernel in listed:
        entry, why = verdict(kernel, by_kernel.get(kernel['kernel'].removeprefix('cuda.'), []))
        print(f'{kernel["kernel"]}: ' + (f'attested, {entry["problems"]} problems, worst error {entry["worst"]:.2f} of its '
                                         f'bound, {entry["repeats"]} repeats' if entry else f'NOT attested: {why}'))
        entries += [entry] if entry else []
    if entries:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps({'schema': 1, 'gpu': given.gpu, 'driver': given.driver, 'nvcc': given.nvcc,
                                         'date': given.date, 'kernels': entries}, indent=1) + '\n')
    print(f'{len(entries)} of {len(listed)} own kernels attested')
    return 0 if entries and len(entries) == len(listed) else 1


if __name__ == '__main__':
    sys.exit(main())
