#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""What scripts/test's closing count makes of passes, failures, skips, crashes and tests without cases."""
import collections
import unittest
import xml.etree.ElementTree as xml

import count_tests

JUNIT = '''<testsuites>
  <testsuite name="breakeven.breakeven:unit / harness.Gemm">
    <testcase name="names" classname="Gemm" status="run"/>
    <testcase name="overflow" classname="Gemm" status="run"><failure message="no"/></testcase>
    <testcase name="device" classname="Gemm" status="run"><skipped message="gemm_test.cpp:9&#10;no NVIDIA driver"/></testcase>
    <testcase name="DISABLED_later" classname="Gemm" status="notrun"/>
  </testsuite>
  <testsuite name="breakeven.breakeven:unit / dies.Gemm">
    <testcase name="names" classname="Gemm" status="run"/>
  </testsuite>
</testsuites>'''


class Count(unittest.TestCase):
    def count(self, *runs):
        suites = list(xml.fromstring(JUNIT).iter('testsuite'))
        runs = [{'name': name, 'result': result} for name, result in runs]
        results = list(count_tests.tally(runs, suites, {'harness', 'dies', 'filtered'}))
        states = collections.Counter(state for _, state, _ in results)
        return (states['passed'], states['failed'], states['skipped']), results

    def test_cases_count_one_by_one(self):
        counted, results = self.count(('breakeven:unit / harness', 'FAIL'))
        self.assertEqual(counted, (1, 1, 2))
        self.assertIn(('breakeven:unit / harness: Gemm.device', 'skipped', 'no NVIDIA driver'), results)

    def test_a_program_that_died_after_passing_cases_failed(self):
        self.assertEqual(self.count(('breakeven:unit / dies', 'FAIL'))[0], (1, 1, 0))

    def test_a_program_that_died_before_any_case_failed(self):
        self.assertEqual(self.count(('breakeven:unit / filtered', 'TIMEOUT'))[0], (0, 1, 0))

    def test_a_program_whose_cases_were_all_filtered_out_counts_nothing(self):
        self.assertEqual(self.count(('breakeven:unit / filtered', 'OK'))[0], (0, 0, 0))

    def test_scripts_count_one_each(self):
        runs = (('breakeven:scripts / layers', 'OK'), ('breakeven:scripts / readme', 'SKIP'), ('breakeven / x', 'ERROR'))
        self.assertEqual(self.count(*runs)[0], (1, 1, 1))

    def test_scores_are_found_among_what_tests_print(self):
        runs = [{'stdout': 'caught  x\nmutation score: 4 of 5 seeded bugs caught (80.0%)\n'},
                {'stdout': 'a line that says score: nothing\n'}, {}]
        self.assertEqual(count_tests.scores(runs), ['mutation score: 4 of 5 seeded bugs caught (80.0%)'])


if __name__ == '__main__':
    unittest.main()
