"""securescan: an embeddable security findings engine.

>>> import securescan
>>> finding = {"scanner": "bandit", "rule_id": "B307", "file_path": "app.py"}
>>> len(securescan.fingerprint(finding))
64

Every function here is a conversion around one operation of the native engine;
errors are subclasses of `SecureScanError` with a stable `code`.
"""

from __future__ import annotations

from typing import Literal

from . import _convert
from ._native import (
    BaselineError,
    Cancelled,
    ConfigError,
    InternalError,
    InvalidArgument,
    IoError,
    LimitExceeded,
    ParseError,
    RenderError,
    ScannerError,
    SecureScanError,
    Unsupported,
    __version__,
    _call,
)

__all__ = [
    "BaselineError",
    "Cancelled",
    "ConfigError",
    "InternalError",
    "InvalidArgument",
    "IoError",
    "LimitExceeded",
    "ParseError",
    "RenderError",
    "ScannerError",
    "SecureScanError",
    "Unsupported",
    "__version__",
    "fingerprint",
    "normalized_line_context",
]

Scheme = Literal["v1", "v2"]


def fingerprint(finding: object, scheme: Scheme = "v2") -> str:
    """Return the fingerprint of a finding: 64 hexadecimal digits.

    `finding` is a mapping, a dataclass or any object with the identity fields
    (`scanner`, `rule_id`, `file_path`, `cwe`, `metadata`, ...); absent ones are null.

    >>> fingerprint({"scanner": "bandit"}, scheme="v1")
    '639637f248bc6067fe820d3921f59ace9501fb057532a1bc036abccc4c39038a'
    """
    request = {"finding": _convert.finding(finding), "scheme": scheme}
    return _convert.text_field("fingerprint", request, "fingerprint")


def normalized_line_context(
    snippet: str, scheme: Scheme = "v2", path: str | None = None
) -> str:
    """Return the normal form of a source snippet, as `fingerprint` uses it.

    `path` tells the language by its extension; without one only what is common
    to all languages is normalised.
    """
    request = {"snippet": snippet, "scheme": scheme, "path": path}
    return _convert.text_field("normalized_line_context", request, "context")
