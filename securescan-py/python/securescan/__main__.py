"""The command line, in this process: `python -m securescan`, and the script `securescan`."""

from __future__ import annotations

import os
import signal
import sys

from . import _native


def main() -> None:
    """Run the command line and exit with its code."""
    # The command line has manners of its own for Ctrl-C; Python's would end in a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    name = os.path.basename(sys.argv[0])
    program = name if name.startswith("pre-commit-securescan") else "securescan"
    sys.exit(_native.run_cli([program, *sys.argv[1:]]))


if __name__ == "__main__":
    main()
