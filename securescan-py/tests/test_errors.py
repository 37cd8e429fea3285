"""Errors: one class per kind, with their parts; and what a caller can do wrong."""

from __future__ import annotations

import copy
import dataclasses
import enum
import pickle
from typing import Any

import pytest
import securescan

V1_BANDIT = "639637f248bc6067fe820d3921f59ace9501fb057532a1bc036abccc4c39038a"


def test_every_class_has_a_code_and_the_common_base() -> None:
    classes = [getattr(securescan, n) for n in securescan.__all__ if isinstance(getattr(securescan, n), type)]
    classes = [c for c in classes if issubclass(c, Exception)]
    kinds = [c for c in classes if c is not securescan.SecureScanError]
    assert len(kinds) == 11
    assert all(issubclass(c, securescan.SecureScanError) for c in kinds)
    assert len({c.code for c in kinds}) == 11
    assert securescan.InvalidArgument.code == "invalid_argument"
    assert securescan.InvalidArgument.__module__ == "securescan"


def test_an_error_tells_its_parts() -> None:
    with pytest.raises(securescan.InvalidArgument) as caught:
        securescan._call("version", "{\n")
    error = caught.value
    assert (error.code, error.line) == ("invalid_argument", 2)
    assert error.message and error.message in str(error) and "\n" not in str(error)
    assert error.file is None


def test_an_error_survives_pickle_and_copy() -> None:
    with pytest.raises(securescan.InvalidArgument) as caught:
        securescan._call("version", "{")
    for again in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
        assert type(again) is securescan.InvalidArgument
        assert (str(again), again.line, again.message) == (str(caught.value), caught.value.line, caught.value.message)


def recursive() -> dict[str, Any]:
    out: dict[str, Any] = {"scanner": "x"}
    out["metadata"] = out
    return out


@pytest.mark.parametrize(
    "finding",
    [None, 5, "text", b"bytes", [], {"scanner": object()}, {"scanner": float("nan")}, {"scanner": b"x"}, recursive(), {"scanner": "\ud800"}, {1: {2: {3}}}],
    ids=["none", "int", "text", "bytes", "list", "object", "nan", "bytes-field", "recursive", "surrogate", "set"],
)
def test_what_is_not_a_finding(finding: object) -> None:
    with pytest.raises(securescan.InvalidArgument) as caught:
        securescan.fingerprint(finding)
    assert caught.value.code == "invalid_argument"


@pytest.mark.parametrize("op, request_json", [(5, "{}"), ("version", 5), ("version", b"{}"), (None, None)])
def test_wrong_types_are_type_errors(op: Any, request_json: Any) -> None:
    with pytest.raises(TypeError):
        securescan._call(op, request_json)


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises((securescan.InvalidArgument, UnicodeEncodeError)):
        securescan._call("version", "\ud800")


class Kind(enum.Enum):
    CODE = "code"


@dataclasses.dataclass
class Finding:
    scanner: str
    scan_type: Kind
    rule_id: str | None = None


def test_an_object_with_the_fields_is_a_finding() -> None:
    assert securescan.fingerprint(Finding("bandit", Kind.CODE), scheme="v1") == V1_BANDIT


def test_the_version_is_told() -> None:
    assert securescan._call("version", "{}") == f'{{"version":"{securescan.__version__}"}}'


def test_an_error_shows_no_secret_that_was_handed_in() -> None:
    key = "AKIA" + "Z3X7QWERTYUIOPAS"
    for call in (lambda: securescan.parse(b"{}", tool=key), lambda: securescan.Config.parse(f"{key}: 1\n"), lambda: securescan.render(securescan.parse(b"[]"), key)):
        with pytest.raises(securescan.SecureScanError) as caught:
            call()
        assert key not in str(caught.value)
        assert key not in caught.value.message
