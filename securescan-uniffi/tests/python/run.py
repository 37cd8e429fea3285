"""Runs every test of the generated Python binding with nothing but the standard library; says how many at the end."""

import sys
import time
import unittest
from pathlib import Path

started = time.monotonic()
suite = unittest.defaultTestLoader.discover(str(Path(__file__).parent), pattern="test_*.py")
result = unittest.TextTestRunner(verbosity=1).run(suite)
failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
for test, why in result.skipped:
    print(f"skipped: {test.id()}: {why}")
passed = result.testsRun - failed - len(result.skipped)
print(f"uniffi python: {passed} passed, {failed} failed in {time.monotonic() - started:.1f} s")
sys.exit(1 if failed or not passed else 0)
