"""Many threads at once, and memory that stays flat."""

from __future__ import annotations

import gc
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import securescan


def test_threads_agree() -> None:
    def one(i: int) -> str:
        return securescan.fingerprint({"scanner": f"s{i % 10}"})

    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(one, range(2000)))
    assert parallel == [one(i) for i in range(2000)]
    assert len(set(parallel)) == 10


def test_errors_do_not_leak() -> None:
    def errors(n: int) -> None:
        for _ in range(n):
            with pytest.raises(securescan.InvalidArgument):
                securescan._call("version", "{")

    errors(50)
    gc.collect()
    before = sys.getallocatedblocks()
    errors(1000)
    gc.collect()
    assert sys.getallocatedblocks() - before < 500


def findings(count: int) -> securescan.Findings:
    words = ["critical", "high", "medium", "low", "info"]
    return securescan.Findings.from_dicts(
        {"scanner": f"s{n % 5}", "scan_type": "code", "severity": words[n % 5], "title": f"t{n}", "rule_id": f"r{n % 50}", "file_path": f"src/f{n % 99}.py", "line": n + 1}
        for n in range(count)
    )


def test_threads_share_findings() -> None:
    """8 threads for 3 s; SECURESCAN_SOAK_SECONDS=60 for the long run."""
    shared = securescan.process(findings(2_000))
    expected = securescan.render(shared, "sarif")
    until = time.monotonic() + float(os.environ.get("SECURESCAN_SOAK_SECONDS", "3"))

    def work(seed: int) -> int:
        rounds = 0
        while time.monotonic() < until:
            part = shared.filter(severity="high")[seed :: 3]
            assert len(securescan.diff(part, shared).new) == len(shared) - len(part)
            assert securescan.render(shared, "sarif") == expected
            assert sum(len(group) for group in shared.group_by("scanner").values()) == len(shared)
            assert [f.title for f in shared[:5]] == [f["title"] for f in shared[:5].to_dicts()]
            rounds += 1
        return rounds

    with ThreadPoolExecutor(8) as pool:
        assert min(pool.map(work, range(8))) > 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_calls_do_not_leak() -> None:
    """2,000 calls; SECURESCAN_LEAK_CALLS=100000 for the long run. Memory is flat after the first tenth."""
    calls = int(os.environ.get("SECURESCAN_LEAK_CALLS", "2000"))
    some = findings(20)
    text = some.to_snapshot()

    def one() -> None:
        done = securescan.process(securescan.Findings.from_json(text))
        for finding in done[::7]:
            finding.to_dict()
        securescan.render(securescan.diff(some, done), "text")
        done.__arrow_c_stream__()

    for _ in range(calls // 10):
        one()
    gc.collect()
    before = resident()
    for _ in range(calls):
        one()
    gc.collect()
    assert resident() - before < 8 << 20, f"{before} to {resident()} bytes"


def resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096
