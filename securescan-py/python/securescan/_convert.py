"""Python values to request JSON and back. No decision about findings is made here."""

from __future__ import annotations

import dataclasses
import enum
import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from ._native import Finding, InvalidArgument, _call

_FIELDS = (
    "id",
    "scan_id",
    "scanner",
    "scan_type",
    "severity",
    "confidence",
    "title",
    "description",
    "remediation",
    "file_path",
    "line",
    "column",
    "end_line",
    "end_column",
    "rule_id",
    "cwe",
    "vulnerability_ids",
    "package",
    "references",
    "fingerprint",
    "compliance_tags",
    "metadata",
)


def finding(value: object) -> dict[str, Any]:
    """The finding as a dict: of a mapping all of it, of another object the fields it has."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Finding):
        return value.to_dict()
    if isinstance(value, (str, bytes, int, float, list, tuple, type(None))):
        raise invalid(f"a finding cannot be of type `{type(value).__name__}`")
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        dumped = dump(mode="json")
        if isinstance(dumped, dict):
            return dumped
    return {name: getattr(value, name) for name in _FIELDS if hasattr(value, name)}


def findings(items: Iterable[object]) -> str:
    """A JSON array of findings."""
    if isinstance(items, (str, bytes, Mapping)):
        raise invalid(f"a list of findings cannot be of type `{type(items).__name__}`")
    try:
        every = [finding(item) for item in items]
    except TypeError as error:
        raise invalid(f"not a list of findings: {error}") from error
    return dumps(every)


def text_field(op: str, request: Mapping[str, Any], field: str) -> str:
    """Run an operation whose response is one text."""
    value = call(op, request)[field]
    assert isinstance(value, str)
    return value


def call(op: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Run an operation over Python values."""
    response = json.loads(_call(op, dumps(request)))
    assert isinstance(response, dict)
    return response


def dumps(value: object) -> str:
    """JSON text; enums, paths, dataclasses and pydantic models have a form in it, NaN has none."""
    try:
        return json.dumps(value, allow_nan=False, default=_default)
    except (TypeError, ValueError, RecursionError) as error:
        raise invalid(f"the argument is not JSON: {error}") from error


def _default(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Finding):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump(mode="json")
    raise TypeError(f"`{type(value).__name__}` has no JSON form")


def invalid(message: str) -> InvalidArgument:
    """The exception for what a caller did wrong."""
    error = InvalidArgument(message)
    error.message = message
    return error
