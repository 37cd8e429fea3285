"""A gate for CI: exit 1 when the folder has findings of severity high or above, 3 when the scan is incomplete."""

import sys

import securescan

result = securescan.scan(sys.argv[1] if len(sys.argv) > 1 else ".", online=False)
serious = result.findings.filter(min_severity="high", suppressed=False)
print(securescan.render(serious, "text"))
sys.exit(1 if serious else 3 if not result.complete else 0)
