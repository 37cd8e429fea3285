"""The guide's Python, as it is printed."""

from __future__ import annotations

import re
import subprocess
import sys
import unittest

from support import ROOT


class Guide(unittest.TestCase):
    def test_the_snippets_run(self) -> None:
        snippets = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "uniffi.md").read_text("utf-8"), re.S)
        self.assertTrue(snippets, "the guide has no Python")
        for snippet in snippets:
            done = subprocess.run([sys.executable, "-c", snippet], cwd=ROOT, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(done.stdout, "it says nothing")
