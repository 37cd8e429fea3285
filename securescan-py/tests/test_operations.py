"""The functions of the package: each equals the facade's operation, and refuses what is none of its business."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import securescan
from securescan import Baseline, Config, Findings

EVAL = {"scanner": "bandit", "scan_type": "code", "severity": "high", "title": "eval", "rule_id": "B307", "file_path": "a.py", "line": 2, "cwe": "CWE-95"}
OTHER = {**EVAL, "rule_id": "B101", "severity": "low", "title": "assert", "line": 5}
SOURCE = "import os\neval(x)\n\n\nassert x  # securescan: ignore B101\n"


def facade(op: str, **request: Any) -> Any:
    return json.loads(securescan._call(op, json.dumps(request)))


def both() -> Findings:
    return Findings.from_dicts([EVAL, OTHER])


def test_process_is_the_pipeline(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    expected = facade("process", findings=[EVAL, OTHER], files={"a.py": SOURCE})["findings"]
    assert securescan.process(both(), files={"a.py": SOURCE}).to_dicts() == expected
    assert securescan.process(both(), root=tmp_path).to_dicts() == expected
    done = securescan.process(both(), root=tmp_path)
    assert [f.metadata["suppressed_by"] for f in done] == [None, "inline"] and securescan.process(done, root=tmp_path).to_dicts() == expected
    assert len(securescan.process(both(), root=tmp_path, suppress=False).filter(suppressed=True)) == 0
    config = Config.parse("ignored_rules: [B307]\nseverity_overrides: {B101: critical}\n")
    assert [(f.rule_id, f.severity) for f in securescan.process(both(), config=config)] == [("B101", "critical"), ("B307", "high")]
    known = Baseline.from_findings(done)
    assert len(securescan.process(both(), root=tmp_path, baseline=known).filter(suppressed=True)) == 2


def test_parse_reads_any_report() -> None:
    report = json.dumps({"results": [], "errors": [], "generated_at": "2026-01-01T00:00:00Z", "metrics": {}})
    for data in (report, report.encode(), bytearray(report.encode()), memoryview(report.encode())):
        assert [run["name"] for run in securescan.parse(data).scanners] == ["bandit"]
    with pytest.raises(securescan.LimitExceeded):
        securescan.parse(report, max_bytes=10)
    with pytest.raises(securescan.ParseError) as caught:
        securescan.parse(report[:-1], tool="bandit")
    assert caught.value.byte is not None or caught.value.line is not None
    for bad in (5, None, ["x"], "\ud800"):
        with pytest.raises(securescan.InvalidArgument):
            securescan.parse(bad)  # type: ignore[arg-type]
    with pytest.raises(securescan.InvalidArgument):
        securescan.parse(report, tool="no-such-tool")


def test_differences() -> None:
    base, head = Findings.from_dicts([EVAL]), Findings.from_dicts([EVAL, EVAL, OTHER])
    diff = securescan.diff(base, head)
    assert (len(diff.new), len(diff.fixed), len(diff.unchanged), len(diff.not_scanned)) == (2, 0, 1, 0)
    assert repr(diff) == "<Diff 2 new, 0 fixed, 1 unchanged, 0 not scanned>"
    expected = facade("diff", base=[EVAL], head=[EVAL, EVAL, OTHER])
    assert diff.new.to_dicts() == expected["new"] and diff == securescan.diff(base, head)
    known = Baseline.from_findings(base)
    comparison = securescan.compare(known, Findings.from_dicts([OTHER]))
    assert (len(comparison.new), len(comparison.disappeared), len(comparison.still_present)) == (1, 1, 0)
    with pytest.raises(securescan.InvalidArgument):
        securescan.diff([EVAL], head)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        securescan.compare(base, head)  # type: ignore[arg-type]


def test_render_equals_the_facade() -> None:
    done = securescan.process(both())
    for format in ("csv", "json", "markdown", "sarif", "text", "report-html", "gitlab-sast"):
        assert securescan.render(done, format) == facade("render", findings=done.to_dicts(), format=format)["text"], format
    diff = securescan.diff(Findings(), done)
    assert securescan.render(diff, "github-pr-comment", base_ref="main") == facade(
        "render", base=[], head=done.to_dicts(), format="github-pr-comment", options={"base_ref": "main"}
    )["text"]
    assert securescan.render(done, "report-pdf").startswith(b"%PDF-")
    with pytest.raises(securescan.InvalidArgument, match="did you mean `sarif`"):
        securescan.render(done, "sariff")
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        securescan.render(done, "text", colour=True)  # type: ignore[call-overload]
    with pytest.raises(securescan.InvalidArgument):
        securescan.render([EVAL], "text")  # type: ignore[call-overload]


def test_numbers() -> None:
    done = securescan.process(both())
    counts = securescan.summary(done)
    assert (counts["total"], counts["high"], counts["low"]) == (2, 1, 1)
    assert securescan.risk_score(done) == counts["risk_score"] > 0
    assert securescan.coverage(done) == facade("coverage", findings=done.to_dicts())
    assert securescan.compliance_tags(done[0]) == done[0].compliance_tags
    assert securescan.fingerprint(done[0]) == securescan.fingerprint(done[0].to_dict())
    assert {s["name"] for s in securescan.status()} >= {"secrets", "semgrep", "zap"}
    assert securescan.build_info()["version"] == securescan.__version__


def test_baselines_and_configurations(tmp_path: Path) -> None:
    known = Baseline.from_findings(both(), scan_types=["code"])
    known.dump(tmp_path / "baseline.json")
    assert Baseline.load(tmp_path / "baseline.json") == known == Baseline.loads(known.dumps()) and len(known) == 2
    assert known.entries[0]["rule_id"] == "B307" and repr(known) == "<Baseline 2 entries>"
    for bad in ("", "{}", '{"version": 99, "findings": []}', b"\xff"):
        with pytest.raises(securescan.SecureScanError) as caught:
            Baseline.loads(bad)
        assert caught.value.code in {"baseline", "parse"}, bad
    with pytest.raises(securescan.IoError):
        Baseline.load(tmp_path / "no")
    (tmp_path / ".securescan.yml").write_text("fail_on_severity: high\nscan_types: [code]\n")
    config = Config.load(tmp_path)
    assert config == Config.load(tmp_path / ".securescan.yml")
    assert (config.fail_on_severity, config.scan_types, config.ignored_rules) == ("high", ["code"], [])
    assert config.to_dict()["fail_on_severity"] == "high" and Config.load(tmp_path.parent / tmp_path.name) == config
    with pytest.raises(securescan.ConfigError) as wrong:
        Config.parse("scan_types: [cod]\n")
    assert wrong.value.line == 1
    assert [issue["severity"] for issue in Config.lint("scan_type: [code]\n")] == ["error"]


def test_sbom(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("requests==2.31.0\n")
    bill = json.loads(securescan.sbom(tmp_path, name="x"))
    assert bill["specVersion"] == "1.6" and [c["name"] for c in bill["components"]] == ["requests"]
    assert json.loads(securescan.sbom(str(tmp_path), "spdx"))["spdxVersion"] == "SPDX-2.3"
    for args in ((tmp_path / "no",), (tmp_path, "xml")):
        with pytest.raises(securescan.SecureScanError):
            securescan.sbom(*args)


def test_webhooks() -> None:
    header = "t=1700000000,v1=0dc9321a0eafaf835c61049ea5d42ba6f2dabd336ddaf825e65202f96f091d9b"
    body = b'{"event":"scan.complete","data":{"scan_id":"0f1a93cb-44c2-4c8e-9f92-0a7c5a2e1b51","findings_count":3},"delivered_at":"2026-04-29T20:11:10.001234Z"}'
    assert securescan.verify_webhook("whsecret-test", header, body, now=1700000000)
    assert securescan.verify_webhook("whsecret-test", header, body.decode(), now=1700000299.5)
    assert not securescan.verify_webhook("whsecret-test", header, body)
    assert not securescan.verify_webhook("other", header, body, now=1700000000)
    with pytest.raises(securescan.InvalidArgument):
        securescan.verify_webhook("s", header, {"event": 1})  # type: ignore[arg-type]
