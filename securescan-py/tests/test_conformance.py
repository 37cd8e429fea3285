"""The conformance suite over the Python facade, and over the idiomatic functions where they exist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import securescan

FOLDER = Path(__file__).resolve().parents[2] / "conformance"


def read(path: Path) -> Any:
    """A case, the folder of the cases in the place of its name."""
    return json.loads(path.read_text("utf-8").replace("$CONFORMANCE", json.dumps(str(FOLDER))[1:-1]))


CASES = [read(p) for p in sorted(FOLDER.glob("*/*.json")) if p.parent.name != "src"]
PENDING = json.loads((FOLDER / "pending.json").read_text("utf-8"))
RUN = [c for c in CASES if c["id"] not in PENDING and c["op"] not in PENDING]


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def ids(case: dict[str, Any]) -> str:
    return str(case["id"])


def check_error(case: dict[str, Any], error: securescan.SecureScanError) -> None:
    expected = case["expect"].get("err")
    assert expected is not None, f"{case['why']}: {error}"
    assert {name: getattr(error, name) for name in expected} == expected


@pytest.mark.parametrize("case", RUN, ids=ids)
def test_facade(case: dict[str, Any]) -> None:
    request = case["request_text"] if "request_text" in case else canonical(case["request"])
    try:
        answer = securescan._call(case["op"], request)
    except securescan.SecureScanError as error:
        check_error(case, error)
    else:
        assert answer == canonical(case["expect"].get("ok")), case["why"]


IDIOMATIC = {
    "fingerprint": (lambda r: securescan.fingerprint(r["finding"], **({"scheme": r["scheme"]} if "scheme" in r else {})), "fingerprint"),
    "normalized_line_context": (lambda r: securescan.normalized_line_context(r["snippet"], r["scheme"], r.get("path")), "context"),
}


def has_idiomatic_form(case: dict[str, Any]) -> bool:
    """A call cannot leave its first argument out, so a case about that has no idiomatic form."""
    return case["op"] in IDIOMATIC and bool({"finding", "snippet"} & set(case.get("request", {})))


@pytest.mark.parametrize("case", list(filter(has_idiomatic_form, RUN)), ids=ids)
def test_idiomatic(case: dict[str, Any]) -> None:
    function, field = IDIOMATIC[case["op"]]
    try:
        answer = function(case["request"])
    except securescan.SecureScanError as error:
        check_error(case, error)
    else:
        assert {field: answer} == case["expect"].get("ok"), case["why"]


def test_cases_are_in_the_form_of_the_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="skipped: jsonschema is not installed")
    validator = jsonschema.Draft202012Validator(json.loads((FOLDER / "case.schema.json").read_text("utf-8")))
    assert CASES
    for case in CASES:
        assert not list(validator.iter_errors(case)), case["id"]


def test_count(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = [c for c in CASES if c not in RUN]
    assert len(RUN) + len(skipped) == len(CASES)
    with capsys.disabled():
        print()
        for case in skipped:
            print(f"skipped: {case['id']}: {PENDING.get(case['id']) or PENDING[case['op']]}")
        print(f"conformance python: ran {len(RUN)} skipped {len(skipped)}")
