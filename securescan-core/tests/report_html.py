#!/usr/bin/env python3
"""Reads pages of `report-html` with a parser of the HTML standard: report_html.py FILE...

Needs `html5lib` from PyPI. A file that ends in `.snap` is an insta snapshot: its header is skipped. Exit status 0 when every
page parses without a single parse error, 1 when one does not, 2 for wrong usage.
"""

import pathlib
import sys


def main(args):
    if not args:
        print(__doc__, file=sys.stderr)
        return 2
    import html5lib

    bad = 0
    for name in args:
        text = pathlib.Path(name).read_text("utf-8")
        if name.endswith(".snap"):
            text = text.split("\n---\n", 1)[1]
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(text)
        for place, error, data in parser.errors[:10]:
            print(f"{name}: {place}: {error} {data}")
        print(f"{name}: {'INVALID' if parser.errors else 'valid'}")
        bad += bool(parser.errors)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
