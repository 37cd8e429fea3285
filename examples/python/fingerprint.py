"""Prints the fingerprint of a finding."""

import sys

import securescan

try:
    print(securescan.fingerprint({"scanner": "bandit", "rule_id": "B307", "file_path": "app.py"}))
except securescan.SecureScanError as error:
    sys.exit(f"{error.code}: {error}")
