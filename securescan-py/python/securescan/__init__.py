"""securescan: an embeddable security findings engine.

>>> import securescan
>>> report = '{"results": [], "errors": [], "generated_at": "2026-01-01T00:00:00Z", "metrics": {}}'
>>> findings = securescan.parse(report, tool="bandit")
>>> findings = securescan.process(findings)
>>> print(securescan.render(findings, "json"))
[]
<BLANKLINE>

Every function here is a conversion around one operation of the native engine; findings stay native
between them. Errors are subclasses of `SecureScanError` with a stable `code`. The library logs nothing,
reads no environment and writes to no stream.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from . import _convert, _native
from ._native import (
    Baseline,
    BaselineError,
    Cancelled,
    Comparison,
    Config,
    ConfigError,
    Diff,
    Finding,
    Findings,
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
from ._scan import ScanStream, scan, scan_async, scan_events
from ._types import (
    Bytes,
    RenderOptions,
    ScannerRun,
    ScannerStatus,
    ScanOptions,
    ScanResult,
    ScanType,
    Scheme,
    Severity,
    SkippedFile,
    StrPath,
    Summary,
    SuppressedCounts,
)

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = [
    "Baseline",
    "BaselineError",
    "Cancelled",
    "Comparison",
    "Config",
    "ConfigError",
    "Diff",
    "Finding",
    "Findings",
    "InternalError",
    "InvalidArgument",
    "IoError",
    "LimitExceeded",
    "ParseError",
    "RenderError",
    "RenderOptions",
    "ScanOptions",
    "ScanResult",
    "ScanStream",
    "ScanType",
    "ScannerError",
    "ScannerRun",
    "ScannerStatus",
    "SecureScanError",
    "Severity",
    "SkippedFile",
    "Summary",
    "SuppressedCounts",
    "Unsupported",
    "__version__",
    "build_info",
    "compare",
    "compliance_tags",
    "coverage",
    "diff",
    "fingerprint",
    "normalized_line_context",
    "parse",
    "process",
    "render",
    "risk_score",
    "sbom",
    "scan",
    "scan_async",
    "scan_events",
    "status",
    "summary",
    "verify_webhook",
]


def parse(
    data: str | Bytes,
    tool: str | None = None,
    *,
    root: StrPath | None = None,
    max_bytes: int | None = None,
    max_findings: int | None = None,
) -> Findings:
    """Read the report of any known tool; without `tool` the content tells whose it is.

    `root` is the folder that was scanned, as the report writes it: absolute paths below it become
    relative. A report longer than `max_bytes` (default 4 GiB) or with more than `max_findings`
    (default 5 million) raises `LimitExceeded`; one that cannot be read, `ParseError`.

    >>> len(parse("[]"))
    0
    """
    return _native.parse(data, tool, None if root is None else os.fspath(root), max_bytes, max_findings)


def process(
    findings: Findings | ScanResult,
    *,
    root: StrPath | None = None,
    files: Mapping[str, str | Bytes] | None = None,
    config: Config | None = None,
    baseline: Baseline | None = None,
    suppress: bool = True,
) -> Findings:
    """Run the whole pipeline: identify, dedup, override, sort, suppress, tag, number. Idempotent.

    Lines are read below `root`, or from `files` (texts by path). What is suppressed stays in the
    result, marked: `findings.filter(suppressed=False)` leaves it out.
    """
    return _native.process(_collection(findings), root, None if files is None else dict(files), config, baseline, suppress)[0]


def diff(base: Findings | ScanResult, head: Findings | ScanResult) -> Diff:
    """What is new, fixed and unchanged between two sides, as multisets of fingerprints.

    "Fixed" is said only where the scanner completed on `head`; see `Diff.not_scanned`.
    """
    return _native.diff(_collection(base), _collection(head))


def compare(baseline: Baseline, current: Findings | ScanResult) -> Comparison:
    """What appeared and disappeared since a baseline."""
    return _native.compare(baseline, _collection(current))


TextFormat = Literal[
    "csv",
    "github-annotations",
    "github-pr-comment",
    "github-review",
    "gitlab-codequality",
    "gitlab-sast",
    "json",
    "junit",
    "markdown",
    "report-html",
    "sarif",
    "snapshot",
    "table",
    "text",
]
Renderable = Findings | ScanResult | Diff | Comparison


@overload
def render(subject: Renderable, format: TextFormat, **options: Unpack[RenderOptions]) -> str: ...
@overload
def render(subject: Renderable, format: Literal["report-pdf"], **options: Unpack[RenderOptions]) -> bytes: ...
@overload
def render(subject: Renderable, format: str, **options: Unpack[RenderOptions]) -> str | bytes: ...
def render(subject: Renderable, format: str, **options: Unpack[RenderOptions]) -> str | bytes:
    """Render in one of the output formats: text, or bytes for `report-pdf`. Options: see `RenderOptions`.

    >>> render(Findings(), "json")
    '[]\\n'
    """
    unknown = options.keys() - RenderOptions.__annotations__.keys()
    if unknown:
        raise TypeError(f"render() got an unexpected keyword argument '{min(unknown)}'")
    given = _convert.dumps({key: value for key, value in options.items() if value is not None})
    what = subject.findings if isinstance(subject, ScanResult) else subject
    return _native.render(what, format, given)


def summary(findings: Findings | ScanResult) -> Summary:
    """Counts by severity and the risk score, over what is not suppressed.

    >>> summary(Findings())["total"]
    0
    """
    return _native.summary(_collection(findings))


def risk_score(findings: Findings | ScanResult) -> float:
    """From 0 to 100, one decimal.

    >>> risk_score(Findings())
    0.0
    """
    return _native.risk_score(_collection(findings))


def coverage(findings: Findings | ScanResult) -> dict[str, Any]:
    """Which controls of which compliance framework the findings touch."""
    return _native.coverage(_collection(findings))


def compliance_tags(finding: object) -> list[str]:
    """The compliance tags of one finding, a `Finding` or any mapping or object with its fields.

    >>> compliance_tags({"cwe": "CWE-89", "title": "SQL injection"})[:2]
    ['CIS-16', 'OWASP-A03']
    """
    tags = _convert.call("compliance_tags", {"finding": _convert.finding(finding)})["tags"]
    assert isinstance(tags, list)
    return tags


def sbom(path: StrPath, format: str = "cyclonedx", *, name: str | None = None, created: str | None = None) -> str:
    """The bill of materials of a project: `cyclonedx` (1.6) or `spdx` (2.3), JSON.

    `created` is an ISO 8601 moment; without one the bill carries none, so that it is reproducible.
    """
    return _convert.text_field("sbom", {"path": path, "format": format, "name": name, "created": created}, "text")


def status() -> list[ScannerStatus]:
    """Each scanner, and whether it can run here, in which version."""
    return _native.status()


def fingerprint(finding: object, scheme: Scheme = "v2") -> str:
    """Return the fingerprint of a finding: 64 hexadecimal digits.

    `finding` is a `Finding`, a mapping, a dataclass or any object with the identity fields
    (`scanner`, `rule_id`, `file_path`, `cwe`, `metadata`, ...); absent ones are null.

    >>> fingerprint({"scanner": "bandit"}, scheme="v1")
    '639637f248bc6067fe820d3921f59ace9501fb057532a1bc036abccc4c39038a'
    """
    request = {"finding": _convert.finding(finding), "scheme": scheme}
    return _convert.text_field("fingerprint", request, "fingerprint")


def normalized_line_context(snippet: str, scheme: Scheme = "v2", path: str | None = None) -> str:
    """Return the normal form of a source snippet, as `fingerprint` uses it.

    `path` tells the language by its extension; without one only what is common
    to all languages is normalised.

    >>> normalized_line_context("eval( x )  # why", path="a.py")
    'eval(x)'
    """
    request = {"snippet": snippet, "scheme": scheme, "path": path}
    return _convert.text_field("normalized_line_context", request, "context")


def verify_webhook(secret: str, header: str, body: str | Bytes, tolerance: int = 300, now: float | None = None) -> bool:
    """Whether `X-SecureScan-Signature` is a signature of this very body, made within `tolerance` seconds of `now`.

    Takes the same time whatever differs. Hand in the raw bytes of the request, not parsed JSON.

    >>> verify_webhook("secret", "t=0,v1=00", b"{}")
    False
    """
    return _native.verify_webhook(secret, header, body, tolerance, None if now is None else int(now))


def build_info() -> dict[str, Any]:
    """The version, and whether this is a debug build, which is many times slower."""
    return {"version": __version__, "debug": _native._DEBUG_BUILD}


def _collection(value: Findings | ScanResult) -> Findings:
    findings = value.findings if isinstance(value, ScanResult) else value
    if not isinstance(findings, Findings):
        raise _convert.invalid(f"expected Findings, not `{type(value).__name__}`; `Findings.from_dicts` makes them")
    return findings
