"""The calls of `python_calls.py` as the published Python package offers them: `NAME SECONDS` a line, then `memory MIB`.

    python python_peer.py BASE HEAD

Processor time of one run, in that package's own environment, over snapshots in its own form (`bench-compare --only diff` writes them).
"""

import json
import pathlib
import resource
import sys
import time

import securescan
from securescan.compliance import ComplianceMapper
from securescan.config_file import SecureScanConfig
from securescan.dedup import deduplicate_findings
from securescan.diff import classify, load_findings_json
from securescan.exporters import findings_to_sarif
from securescan.fingerprint import populate_fingerprints
from securescan.models import Scan, ScanType
from securescan.ordering import sort_findings_canonical
from securescan.severity import apply_severity_overrides
from securescan.suppression import SuppressionContext


def timed(name, call):
    start = time.process_time()
    out = call()
    print(f"{name} {time.process_time() - start:.6f}", flush=True)
    return out


def process(findings):
    """The steps of that package's own scan, in its order."""
    config = SecureScanConfig()
    populate_fingerprints(findings)
    findings = deduplicate_findings(findings)
    apply_severity_overrides(findings, config)
    SuppressionContext.from_paths(config=config).apply(findings)
    ComplianceMapper(pathlib.Path(securescan.__file__).parent / "data" / "compliance").tag_findings(findings)
    return sort_findings_canonical(findings)


base = timed("parse", lambda: load_findings_json(pathlib.Path(sys.argv[1])))
head = load_findings_json(pathlib.Path(sys.argv[2]))
done = timed("process", lambda: process(head))
timed("diff", lambda: classify(base, head))
timed("render", lambda: json.dumps(findings_to_sarif(done, Scan(target_path=".", scan_types=[ScanType.CODE]))))
print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
