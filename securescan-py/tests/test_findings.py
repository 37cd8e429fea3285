"""`Findings` and `Finding`: a native sequence that behaves like one of Python's."""

from __future__ import annotations

import ast
import copy
import dataclasses
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
import securescan
from securescan import Finding, Findings, Severity


def item(scanner: str, severity: str, path: str | None = None, line: int | None = None, **more: Any) -> dict[str, Any]:
    return {"scanner": scanner, "scan_type": "code", "severity": severity, "title": f"by {scanner}", "file_path": path, "line": line, **more}


@pytest.fixture()
def four() -> Findings:
    return Findings.from_dicts(
        [item("a", "low", "src/x.py", 3), item("b", "critical", "src/y.py", 1), item("a", "high"), item("c", "high", "lib/z.py", 7, cwe="CWE-89")]
    )


def test_the_stub_knows_every_condition(four: Findings) -> None:
    stub = Path(securescan.__file__).with_name("_native.pyi").read_text(encoding="utf-8")
    (cls,) = [n for n in ast.parse(stub).body if isinstance(n, ast.ClassDef) and n.name == "Findings"]
    (method,) = [n for n in cls.body if isinstance(n, ast.FunctionDef) and n.name == "filter"]
    with pytest.raises(securescan.InvalidArgument) as caught:
        four.filter(colour="red")  # type: ignore[call-arg]
    _, known = str(caught.value).split("expected one of ")
    assert re.findall(r"`(\w+)`", known) == [a.arg for a in method.args.kwonlyargs]


def test_it_is_a_sequence(four: Findings) -> None:
    assert len(four) == 4 and bool(four) and not Findings()
    assert [f.scanner for f in four] == ["a", "b", "a", "c"]
    assert four[-1] == four[3] and four[-1].line == 7
    assert [f.scanner for f in four[::-2]] == ["c", "b"]
    assert four[1:3] == four[1:3] and four[1:3] != four[0:2] and len(four[9:]) == 0
    assert four[0] in four and list(reversed(four))[0] == four[3]
    assert len(four + four[:1]) == 5
    for bad in (4, -5):
        with pytest.raises(IndexError):
            four[bad]
    with pytest.raises(TypeError):
        four["0"]  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        four + [1]  # type: ignore[operator]
    iterator = iter(four)
    next(iterator)
    assert iterator.__length_hint__() == 3


def test_it_chooses_orders_and_groups(four: Findings) -> None:
    assert [f.scanner for f in four.filter(severity=Severity.HIGH)] == ["a", "c"]
    assert [f.scanner for f in four.filter(severity=["high", "low"], path="src")] == ["a"]
    assert len(four.filter(min_severity="high")) == 3 and len(four.filter()) == 4
    assert [f.severity for f in four.sort("severity")] == ["critical", "high", "high", "low"]
    assert four.sort("severity", reverse=True)[0].severity == "low"
    assert {k: len(v) for k, v in four.group_by("scanner").items()} == {"a": 2, "b": 1, "c": 1}
    assert list(four.group_by("file_path"))[-1] is None
    for call in (
        lambda: four.filter(severities="high"),  # type: ignore[call-arg]
        lambda: four.filter(severity="HIGH"),
        lambda: four.filter(severity=float("nan")),  # type: ignore[arg-type]
        lambda: four.sort("colour"),  # type: ignore[arg-type]
        lambda: four.group_by("colour"),  # type: ignore[arg-type]
    ):
        with pytest.raises(securescan.InvalidArgument):
            call()


def test_it_survives_pickle_and_copy(four: Findings) -> None:
    done = securescan.process(four)
    for again in (pickle.loads(pickle.dumps(done)), copy.copy(done), copy.deepcopy(done), Findings.from_json(done.to_snapshot())):
        assert [f.to_dict() for f in again] == done.to_dicts()
    assert hash(done) == hash(copy.copy(done))
    one = done[0]
    again = pickle.loads(pickle.dumps(one))
    assert again.to_dict() == one.to_dict() and hash(again) == hash(one) and copy.copy(one) == one
    assert len({one, again}) == 1


def test_a_finding_is_read_and_never_written(four: Findings) -> None:
    one = four[3]
    assert isinstance(one, Finding) and one["cwe"] == one.cwe == "CWE-89" and dict(one)["line"] == 7  # type: ignore[call-overload]
    assert set(one.keys()) == set(one.to_dict())
    with pytest.raises(AttributeError):
        one.title = "other"  # type: ignore[misc]
    with pytest.raises(KeyError):
        one["colour"]
    with pytest.raises(TypeError):
        Finding()
    one.references.append("x")
    assert one.references == []


def test_what_from_dicts_takes(four: Findings) -> None:
    @dataclasses.dataclass
    class Mine:
        scanner: str = "mine"
        scan_type: securescan.ScanType = securescan.ScanType.IAC
        severity: Severity = Severity.LOW
        title: str = "t"

    class Model:
        def model_dump(self, mode: str) -> dict[str, Any]:
            assert mode == "json"
            return item("model", "info")

    made = Findings.from_dicts([Mine(), Model(), four[1], item("d", "low", unknown_field=[1])])
    assert [f.scanner for f in made] == ["mine", "model", "b", "d"]
    assert Findings.from_dicts([item("x", "low", line=10**30)])[0].line is None
    recursive: dict[str, Any] = item("x", "low")
    recursive["metadata"] = recursive
    for bad in (None, 5, "text", b"x", {"scanner": "x"}, [5], [None], [recursive], [item("x", "low", line=float("nan"))]):
        with pytest.raises(securescan.SecureScanError) as caught:
            Findings.from_dicts(bad)  # type: ignore[arg-type]
        assert caught.value.code in {"invalid_argument", "parse"}, bad


@pytest.mark.parametrize("bad", ["", "{", "[1]", b"\xff[]", "\ud800", 5, None, "[" * 100_000])
def test_what_from_json_refuses(bad: Any) -> None:
    with pytest.raises(securescan.SecureScanError) as caught:
        Findings.from_json(bad)
    assert caught.value.code in {"invalid_argument", "parse"}


def test_what_people_see(four: Findings) -> None:
    assert repr(four) == "<Findings 4: 1 critical, 2 high, 1 low>"
    assert repr(four[0]) == '<Finding low a "by a" at src/x.py:3>'
    hostile = Findings.from_dicts([item("<b>", "low", title="<script>alert(1)</script>\x1b[31m")] * 60)
    html = hostile._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html and html.count("<tr>") == 51 and "10 more" in html
    assert "\x1b" not in repr(hostile[0])
