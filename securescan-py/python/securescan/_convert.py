"""Python values to request JSON and back. No decision about findings is made here."""

from __future__ import annotations

import dataclasses
import enum
import json
import os
from collections.abc import Mapping
from typing import Any

from ._native import InvalidArgument, _call

_FIELDS = (
    "scanner",
    "scan_type",
    "severity",
    "title",
    "file_path",
    "line",
    "end_line",
    "rule_id",
    "cwe",
    "package",
    "metadata",
)


def finding(value: object) -> dict[str, Any]:
    """The finding as a dict: of a mapping all of it, of another object the identity fields it has."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (str, bytes, int, float, list, tuple, type(None))):
        raise _invalid(f"a finding cannot be of type `{type(value).__name__}`")
    return {name: getattr(value, name) for name in _FIELDS if hasattr(value, name)}


def text_field(op: str, request: Mapping[str, Any], field: str) -> str:
    """Run an operation whose response is one text."""
    value = call(op, request)[field]
    assert isinstance(value, str)
    return value


def call(op: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Run an operation over Python values."""
    try:
        text = json.dumps(request, allow_nan=False, default=_default)
    except (TypeError, ValueError, RecursionError) as error:
        raise _invalid(f"the argument is not JSON: {error}") from error
    response = json.loads(_call(op, text))
    assert isinstance(response, dict)
    return response


def _default(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump(mode="json")
    raise TypeError(f"`{type(value).__name__}` has no JSON form")


def _invalid(message: str) -> InvalidArgument:
    error = InvalidArgument(message)
    error.message = message
    return error
