#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Prints the test programs of a build folder that want a GPU (Meson's suite `gpu`), one path a line."""
import json
import subprocess
import sys

tests = json.loads(subprocess.check_output(['meson', 'introspect', '--tests', sys.argv[1]]))
programs = {test['cmd'][0] for test in tests if any(suite.split(':')[-1] == 'gpu' for suite in test['suite'])}
print(*sorted(programs), sep='\n')
