#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Counts what the last `meson test` in a build folder ran, case by case.

Every GoogleTest case counts; a test that is a script counts as one. A test program that died counts as a failure even
when each case it reported had passed. Lines in which a test names its score ("mutation score: ...") are repeated. The
last line printed is `N passed, N failed, N skipped`; the exit code is 0 when something passed and nothing failed.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

BAD = {'FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS'}


def outcome(case):
    """passed, failed or skipped, and why, of one JUnit case."""
    for child in case:
        if child.tag in ('failure', 'error'):
            return 'failed', ''
        if child.tag == 'skipped':
            reason = (child.get('message') or child.text or '').strip().splitlines()
            return 'skipped', reason[-1] if reason else ''
    if case.get('status') == 'notrun':
        return 'skipped', 'disabled'
    return 'passed', ''


def cases_of(test, suites):
    """(name, outcome, reason) of every case that a test program reported one by one."""
    prefix = f'breakeven.{test}'
    for suite in suites:
        name = suite.get('name')
        if name == prefix or name.startswith(prefix + '.'):
            for case in suite.iter('testcase'):
                yield f"{test}: {case.get('classname')}.{case.get('name')}", *outcome(case)


def tally(runs, suites, listing):
    """Every case of every test; `runs` are Meson's own results, `listing` the names of tests made of cases."""
    for run in runs:
        test, bad = run['name'], run['result'] in BAD
        cases = list(cases_of(test, suites))
        yield from cases
        if bad and not any(state == 'failed' for _, state, _ in cases):
            yield test, 'failed', run['result'].lower()
        elif not cases and not bad and test.split(' / ')[-1] not in listing:
            yield test, 'skipped' if run['result'] == 'SKIP' else 'passed', ''


def scores(runs):
    return [line for run in runs for line in re.findall(r'^\w+ score: .*$', run.get('stdout') or '', re.MULTILINE)]


def main(build):
    log, junit = (build / 'meson-logs' / name for name in ('testlog.json', 'testlog.junit.xml'))
    runs = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    suites = list(xml.parse(junit).getroot().iter('testsuite')) if junit.exists() else []
    tests = json.loads(subprocess.check_output(['meson', 'introspect', '--tests', str(build)]))
    listing = {test['name'] for test in tests if test['protocol'] in ('gtest', 'tap')}
    results = list(tally(runs, suites, listing))
    for score in scores(runs):
        print(score)
    for name, state, reason in results:
        if state == 'failed':
            print(f'failed: {name}' + (f' ({reason})' if reason else ''))
    reasons = collections.Counter(reason or name for name, state, reason in results if state == 'skipped')
    for reason, count in reasons.most_common():
        print(f'skipped {count}: {reason}')
    count = collections.Counter(state for _, state, _ in results)
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 0 if count['passed'] and not count['failed'] else 1


if __name__ == '__main__':
    sys.exit(main(pathlib.Path(sys.argv[1])))
