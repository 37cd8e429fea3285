"""Databases of the Python version, sound and otherwise."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import securescan
from securescan.migrate import Database

SCHEMA = """
CREATE TABLE scans (id TEXT PRIMARY KEY, target_path TEXT NOT NULL, scan_types TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'pending',
  started_at TEXT, completed_at TEXT, findings_count INTEGER DEFAULT 0, risk_score REAL, summary TEXT, error TEXT);
CREATE TABLE findings (id TEXT PRIMARY KEY, scan_id TEXT NOT NULL, scanner TEXT NOT NULL, scan_type TEXT NOT NULL, severity TEXT NOT NULL,
  title TEXT NOT NULL, description TEXT NOT NULL, file_path TEXT, line_start INTEGER, line_end INTEGER, rule_id TEXT, cwe TEXT,
  remediation TEXT, metadata TEXT DEFAULT '{}', fingerprint TEXT DEFAULT '', compliance_tags TEXT DEFAULT '[]');
CREATE TABLE finding_states (fingerprint TEXT PRIMARY KEY, status TEXT NOT NULL, note TEXT, updated_at TEXT NOT NULL, updated_by TEXT);
CREATE TABLE finding_comments (id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, text TEXT NOT NULL, author TEXT, created_at TEXT NOT NULL);
"""
V1 = securescan.fingerprint({"scanner": "bandit", "rule_id": "B307", "file_path": "app.py", "cwe": "CWE-95"}, "v1")


@pytest.fixture()
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a 'b'?#.db"
    with sqlite3.connect(path) as db:
        db.executescript(SCHEMA)
        db.execute("INSERT INTO scans VALUES ('s1','/srv/a','[\"code\"]','completed','2026-01-01T00:00:00','2026-01-01T00:01:00',1,8.0,NULL,NULL)")
        db.execute(
            "INSERT INTO findings VALUES ('f1','s1','bandit','code','high','eval','d','app.py',3,3,'B307','CWE-95','fix','{\"confidence\":\"HIGH\"}',?,'[\"OWASP-A03\"]')",
            (V1,),
        )
        db.execute("INSERT INTO finding_states VALUES (?,'false_positive','not reachable','2026-01-02T00:00:00','ann')", (V1,))
        db.execute("INSERT INTO finding_comments VALUES ('c1',?,'sure?','bob','2026-01-03T00:00:00')", (V1,))
        db.execute("INSERT INTO finding_comments VALUES ('c2','ff','alone',NULL,'2026-01-04T00:00:00')")
    db.close()
    return path


def test_scans_findings_and_verdicts(file: Path) -> None:
    before = file.read_bytes()
    with Database(file) as database:
        (scan,) = database.scans()
        assert (scan.id, scan.target_path, scan.scan_types, scan.status) == ("s1", "/srv/a", ["code"], "completed")
        findings = database.findings("s1")
        assert [(f.title, f.line, f.fingerprint) for f in findings] == [("eval", 3, V1)]
        assert len(database.findings("nobody")) == 0
        verdicts = {v.fingerprint: v for v in database.verdicts()}
    assert verdicts[V1].status == "false_positive" and [c.text for c in verdicts[V1].comments] == ["sure?"]
    assert verdicts["ff"].status == "open" and verdicts["ff"].comments[0].author is None
    assert file.read_bytes() == before and sorted(p.name for p in file.parent.iterdir()) == [file.name]
    # The verdict meets the finding of a scan now: both schemes are at hand.
    now = securescan.process(securescan.Findings.from_dicts([{"scanner": "bandit", "scan_type": "code", "severity": "high", "title": "eval", "rule_id": "B307", "file_path": "app.py", "cwe": "CWE-95"}]))
    assert securescan.fingerprint(now[0], "v1") in verdicts


def test_what_is_no_such_database(file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.db"
    cut.write_bytes(file.read_bytes()[:5000])
    text = tmp_path / "text.db"
    text.write_text("no database at all, but long enough to be read as one " * 200)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE t (x)")
    db.close()
    bad = tmp_path / "bad.db"
    with sqlite3.connect(bad) as db:
        db.executescript(SCHEMA)
        db.execute("INSERT INTO scans VALUES ('s','/','not json','x',NULL,NULL,'many',NULL,NULL,NULL)")
    db.close()
    for path in (cut, text, other, bad):
        with pytest.raises(securescan.ParseError) as caught, Database(path) as database:
            database.scans()
            database.findings("s1")
            database.verdicts()
        assert caught.value.code == "parse" and str(path) in str(caught.value), path
    for name in (tmp_path, tmp_path / "nowhere", ":memory:"):
        with pytest.raises(securescan.InvalidArgument):
            Database(name)
