"""Each operation once, over native objects; and that nothing stays behind."""

from __future__ import annotations

import gc
import hashlib
import hmac
import json
import tempfile
import unittest
from pathlib import Path

import securescan_uniffi as ss
from support import ROOT, SHOP, finding, findings

BANDIT = {"results": [{"test_id": "B307", "filename": "/src/a.py", "line_number": 3, "issue_severity": "HIGH", "issue_confidence": "HIGH", "issue_text": "eval", "test_name": "eval"}], "errors": [], "generated_at": "2026-01-01T00:00:00Z", "metrics": {}}


class Operations(unittest.TestCase):
    def test_a_report_is_read_and_looked_at(self) -> None:
        data = json.dumps(BANDIT).encode()
        found = ss.parse(data, root="/src")
        self.assertEqual((found.len(), found.is_empty()), (1, False))
        self.assertEqual(json.loads(found.get(0))["file_path"], "a.py")
        self.assertEqual(found, ss.parse(data, tool="bandit", root="/src"))
        self.assertEqual([run["name"] for run in json.loads(found.scanners())], ["bandit"])
        self.assertEqual(ss.Findings.from_json(found.to_snapshot()), found)
        self.assertNotEqual(ss.Findings.from_json("[]"), found)

    def test_findings_are_chosen(self) -> None:
        all_ = findings(finding(severity="low", title="b"), finding(severity="critical", title="a", rule_id="R2"), finding(cwe="CWE-79"))
        titles = lambda some: [json.loads(some.get(i))["title"] for i in range(some.len())]  # noqa: E731
        self.assertEqual(titles(all_.filter('{"min_severity":"high"}')), ["a", "t"])
        self.assertEqual(titles(all_.sorted("severity")), ["a", "t", "b"])
        self.assertEqual(titles(all_.sorted("severity", True)), ["b", "t", "a"])
        self.assertEqual(titles(all_.slice(1, 2**64 - 1)), ["a", "t"])
        self.assertEqual(all_.slice(2, 1).len(), 0)
        self.assertEqual(all_.concat(all_).len(), 6)
        self.assertEqual([(group.name, group.findings.len()) for group in all_.group_by("cwe")], [("CWE-79", 1), (None, 2)])
        self.assertEqual(ss.deduplicate(all_.concat(all_)), all_.concat(all_).deduplicated())

    def test_the_pipeline(self) -> None:
        given = findings(finding(line=2), finding(line=1, rule_id="R2"))
        config = ss.Config.parse("ignored_rules: [R2]\n")
        done = ss.process(given, files={"a.py": b"x = 1\ny = 2\n"}, config=config)
        items = json.loads(done.findings.to_json())
        self.assertEqual({item["rule_id"]: item["metadata"].get("suppressed_by") for item in items}, {"R1": None, "R2": "config"})
        self.assertEqual(json.loads(done.about)["suppressed"]["config"], 1)
        self.assertTrue(all(len(item["fingerprint"]) == 64 for item in items))
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.py").write_text("x = 1\ny = 2\n")
            self.assertEqual(ss.process(given, root=folder, config=config).findings, done.findings)
        self.assertEqual(json.loads(ss.process(given, config=config, suppress=False).about)["suppressed"]["config"], 0)
        self.assertIn("R2", json.loads(config.to_json())["ignored_rules"])

    def test_differences(self) -> None:
        base, head = findings(finding(), finding(title="old", rule_id="R3")), findings(finding(), finding(title="new", rule_id="R4"))
        change = ss.diff(base, head)
        self.assertEqual([part.len() for part in (change.added(), change.kept(), change.gone(), change.not_scanned())][:2], [1, 1])
        self.assertEqual(change.gone().len() + change.not_scanned().len(), 1)
        self.assertEqual(json.loads(change.raised()), [])
        self.assertTrue(ss.render_difference(change, "json", '{"base_ref":"main"}'))
        baseline = ss.Baseline.from_findings(base, "here", ["code"])
        self.assertEqual(baseline.len(), 2)
        self.assertEqual(ss.compare(baseline, head).added().len(), 1)
        self.assertEqual(ss.Baseline.parse(baseline.to_text().encode()).entries(), baseline.entries())
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "baseline.json")
            baseline.write(path)
            self.assertEqual(ss.Baseline.load(path).to_text(), baseline.to_text())
        self.assertEqual(json.loads(ss.process(head, baseline=baseline).about)["suppressed"]["baseline"], 1)

    def test_outputs_and_numbers(self) -> None:
        found = findings(finding(cwe="CWE-79"))
        self.assertTrue(ss.render(found, "sarif").startswith(b"{"))
        self.assertTrue(ss.render(found, "report-pdf").startswith(b"%PDF-"))
        self.assertEqual(json.loads(ss.summary(found))["high"], 1)
        self.assertGreater(ss.risk_score(found), 0)
        self.assertTrue(json.loads(ss.coverage(found)))
        self.assertTrue(ss.compliance_tags(json.dumps(finding(cwe="CWE-79"))))
        self.assertEqual(len(ss.fingerprint(json.dumps(finding()))), 64)
        spaced = json.dumps(finding(metadata={"line_snippet": "x  =  1  # why"}))
        self.assertNotEqual(ss.fingerprint(spaced, "v1"), ss.fingerprint(spaced))
        self.assertEqual(ss.normalized_line_context("x  =  1  # why", path="a.py"), ss.normalized_line_context("x = 1", "v2", "a.py"))
        self.assertEqual(json.loads(ss.sbom(str(ROOT / "examples")))["bomFormat"], "CycloneDX")
        self.assertIn("secrets", [row["name"] for row in json.loads(ss.status())])
        self.assertEqual(json.loads(ss.build_info())["version"], ss.version())
        self.assertEqual(ss.call("version", "{}"), f'{{"version":"{ss.version()}"}}')

    def test_configurations_are_found_and_judged(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            inner = Path(folder) / "src"
            inner.mkdir()
            (Path(folder) / ".git").mkdir()
            self.assertIsNone(ss.discover_config(str(inner)))
            file = Path(folder) / ".securescan.yml"
            file.write_text("fail_on_severity: high\n")
            found = ss.discover_config(str(inner))
            assert found is not None
            self.assertEqual(Path(found.file).name, file.name)
            self.assertEqual(json.loads(found.config.to_json()), json.loads(ss.Config.load(str(file)).to_json()))
        self.assertEqual(json.loads(ss.lint_config("fail_on_severity: high\n")), [])
        self.assertTrue(json.loads(ss.lint_config("nonsense: 1\n")))

    def test_webhooks(self) -> None:
        body, now = b"\x00\xff{}", 1_700_000_000
        good = hmac.new(b"s3cret", f"{now}.".encode() + body, hashlib.sha256).hexdigest()
        header = f"t={now},v1={good}"
        self.assertTrue(ss.verify_webhook("s3cret", header, body, now=now + 300))
        self.assertFalse(ss.verify_webhook("s3cret", header, body, now=now + 301))
        self.assertFalse(ss.verify_webhook("s3cret", header, body + b" ", now=now))
        self.assertFalse(ss.verify_webhook("s3cret", header, body))

    def test_nothing_stays_behind(self) -> None:
        gc.collect()
        before = ss.live_objects()
        for _ in range(200):
            found = ss.parse(json.dumps(BANDIT).encode())
            change = ss.diff(found, found.filter("{}"))
            held = [change.added(), change.kept(), ss.process(found).findings, ss.Baseline.from_findings(found), ss.Cancel()]
            with self.assertRaises(ss.SecurescanError.InvalidArgument):
                found.get(9)
        self.assertGreater(ss.live_objects(), before)
        del found, change, held
        gc.collect()
        self.assertEqual(ss.live_objects(), before)

    def test_an_object_lives_as_long_as_it_is_used(self) -> None:
        processed = ss.process(ss.Findings.from_json(json.dumps([finding()])))
        part = processed.findings.slice(0, 1)
        del processed
        gc.collect()
        self.assertEqual(part.len(), 1)


class Shop(unittest.TestCase):
    def test_the_example_is_scanned(self) -> None:
        done = ss.scan(json.dumps({"target": str(SHOP), "scanners": ["secrets", "dockerfile"], "online": False}))
        self.assertGreater(done.findings.len(), 3)
        about = json.loads(done.about)
        self.assertEqual((about["complete"], about["cancelled"]), (True, False))
        self.assertEqual(done.findings.target(), str(SHOP))
