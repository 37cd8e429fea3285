"""Times the steps of the published Python package over the findings that `securescan-bench-steps COUNT DUMP` wrote: `NAME SECONDS` a line.

    python python_steps.py DUMP

CPU time of this process. Each step is called as that package's own scan calls it; `number` has no counterpart there.
"""

import json
import pathlib
import sys
import time

import securescan
from securescan.compliance import ComplianceMapper
from securescan.config_file import SecureScanConfig
from securescan.dedup import deduplicate_findings
from securescan.fingerprint import populate_fingerprints
from securescan.models import Finding
from securescan.ordering import sort_findings_canonical
from securescan.severity import apply_severity_overrides
from securescan.suppression import SuppressionContext


def main():
    findings = []
    for item in json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")):
        item["line_start"], item["line_end"] = item.pop("line"), item.pop("end_line")
        item["scan_id"] = "bench"
        for ours in ("id", "fingerprint"):
            item.pop(ours)
        kept = {key: value for key, value in item.items() if value is not None and key in Finding.model_fields}
        findings.append(Finding.model_validate(kept))
    mapper = ComplianceMapper(pathlib.Path(securescan.__file__).parent / "data" / "compliance")
    config = SecureScanConfig()
    context = SuppressionContext.from_paths(config=config)
    total = 0.0

    def step(name, work):
        nonlocal total
        start = time.process_time()
        out = work()
        spent = time.process_time() - start
        total += spent
        print(f"{name} {spent:.6f}", flush=True)
        return out

    step("identify", lambda: populate_fingerprints(findings))
    findings = step("dedup", lambda: deduplicate_findings(findings))
    step("override", lambda: apply_severity_overrides(findings, config))
    step("suppress", lambda: context.apply(findings))
    step("tag", lambda: mapper.tag_findings(findings))
    step("sort", lambda: sort_findings_canonical(findings))
    print(f"all {total:.6f}")


main()
