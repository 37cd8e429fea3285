"""An importer like that of a vulnerability manager: any tool's report in, records for a database out, each known by its fingerprint.

    python importer.py REPORT...
"""

import sys
from pathlib import Path

import securescan

known: dict[str, dict[str, object]] = {}
for name in sys.argv[1:]:
    try:
        findings = securescan.process(securescan.parse(Path(name).read_bytes()))
    except securescan.SecureScanError as error:
        print(f"{name}: skipped: {error.code}: {error.message}", file=sys.stderr)
        continue
    fresh = 0
    for finding in findings.filter(suppressed=False):
        record = known.setdefault(finding.fingerprint, {"title": finding.title, "severity": finding.severity, "seen_in": []})
        fresh += not record["seen_in"]
        seen = record["seen_in"]
        assert isinstance(seen, list)
        seen.append(name)
    tools = ", ".join(run["name"] for run in findings.scanners)
    print(f"{name}: {len(findings)} findings of {tools}, {fresh} of them new")
print(f"{len(known)} findings in all")
