#!/usr/bin/env python3
"""Validates JSON files against a schema: json_schema.py SCHEMA FILE...

Needs `jsonschema` from PyPI, with its `format` extra for URI checks. A file that ends in `.snap` is an insta snapshot: its
header is skipped. Exit status 0 when all are valid, 1 when one is not, 2 for wrong usage.
"""

import json
import pathlib
import sys


def main(args):
    if len(args) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    from jsonschema import validators

    schema = json.loads(pathlib.Path(args[0]).read_text("utf-8"))
    cls = validators.validator_for(schema)
    cls.check_schema(schema)
    validator = cls(schema, format_checker=cls.FORMAT_CHECKER)
    bad = 0
    for name in args[1:]:
        text = pathlib.Path(name).read_text("utf-8")
        if name.endswith(".snap"):
            text = text.split("\n---\n", 1)[1]
        document = json.loads(text)
        errors = sorted(validator.iter_errors(document), key=lambda e: [str(p) for p in e.absolute_path])
        for error in errors[:10]:
            print(f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
        print(f"{name}: {'INVALID' if errors else 'valid'} ({len(text)} characters)")
        bad += bool(errors)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
