#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The breakeven authors
# SPDX-License-Identifier: Apache-2.0
"""Hold every line of result files against schema.json: validate.py FILE...

Prints "FILE:LINE: what" for each line that is not valid. Exit 0: all valid, 1: some not, 77: jsonschema missing."""
import json
import pathlib
import sys

try:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
except ImportError:
    print("the Python package jsonschema is missing: apt-get install python3-jsonschema", file=sys.stderr)
    sys.exit(77)


def not_json(name):
    raise ValueError(f"{name} is not JSON")


def complaint(validators, line):
    """What is wrong with one line, or None."""
    try:
        document = json.loads(line, parse_constant=not_json)
    except ValueError as error:
        return str(error)
    kind = document.get("kind") if isinstance(document, dict) else None
    # Against the one branch of its kind first: that says what, where `oneOf` can only say that nothing fits.
    error = best_match(validators.get(kind, validators[None]).iter_errors(document))
    error = error or best_match(validators[None].iter_errors(document))
    return error and f"{error.json_path}: {error.message[:200]}"


def main(files):
    schema = json.loads(pathlib.Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validators = {None: Draft202012Validator(schema)}
    for kind in ("run", "result", "end"):
        validators[kind] = Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
    failed = False
    for file in files:
        with open(file, encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                what = complaint(validators, line)
                if what:
                    failed = True
                    print(f"{file}:{number}: {what}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
