"""The words and shapes that the functions take and give."""

from __future__ import annotations

import enum
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from ._native import Baseline, Config, Finding, Findings

Scheme = Literal["v1", "v2"]
StrPath = str | os.PathLike[str]


class Severity(str, enum.Enum):
    """How bad a finding is, from the worst; equal to its word: `Severity.HIGH == "high"`."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    def __str__(self) -> str:
        return self.value


class ScanType(str, enum.Enum):
    """A kind of scan; equal to its word."""

    CODE = "code"
    DEPENDENCY = "dependency"
    IAC = "iac"
    BASELINE = "baseline"
    DAST = "dast"
    NETWORK = "network"

    def __str__(self) -> str:
        return self.value


class ScannerStatus(TypedDict):
    """A scanner, and whether it can run here."""

    name: str
    scan_type: str
    about: str
    available: bool
    installed: bool
    version: str | None
    notes: str | None
    install_hint: str | None


class SkippedFile(TypedDict):
    """A file that should have been looked at and was not."""

    path: str
    why: str


class ScannerRun(TypedDict):
    """One line of the coverage: what a scanner did, and how it ended."""

    name: str
    scan_type: str
    status: Literal["ok", "partial", "failed", "timed_out", "skipped", "not_applicable"]
    reason: str | None
    install_hint: str | None
    version: str | None
    duration_s: float | None
    findings_count: int
    targets: list[str]
    skipped: list[SkippedFile]


class Summary(TypedDict):
    """Counts over what is not suppressed."""

    total: int
    critical: int
    high: int
    medium: int
    low: int
    info: int
    suppressed: int
    risk_score: float
    scanners_run: list[str]


class SuppressedCounts(TypedDict):
    """How many findings each mechanism silenced."""

    inline: int
    config: int
    baseline: int


class RenderOptions(TypedDict, total=False):
    """What a rendering looks like; everything may be left out."""

    show_suppressed: bool
    """Show suppressed findings too, marked."""
    show_source: bool
    """Show the matched source in `text`, where it is known and no secret."""
    verbose: bool
    """More about each finding and scanner, in `text`."""
    color: bool
    """Colours, in `text`."""
    width: int | None
    """Wrap `text` at so many columns."""
    fail_on_severity: Severity | str | None
    """The gate, for the summary."""
    repo: str | None
    """`owner/name` on the code host."""
    sha: str | None
    """The commit that was scanned."""
    base_ref: str | None
    """The base of a diff as the reader knows it."""
    head_ref: str | None
    """The head of a diff as the reader knows it."""
    timings: bool
    """Show wall times; they differ from run to run."""
    time: str | None
    """The moment of the scan, for formats that demand one: ISO 8601, UTC."""
    generated_at: str | None
    """When the output was made, as reports show it."""
    review_event: Literal["COMMENT", "REQUEST_CHANGES", "APPROVE"] | None
    """What a `github-review` does beside commenting."""
    no_suggestions: bool
    """Leave out what readers may commit or copy, in `github-review`."""


class ScanOptions(TypedDict, total=False):
    """The options of `scan`, for its asynchronous forms; see there."""

    types: Iterable[ScanType | str] | None
    scanners: Iterable[str] | None
    config: Config | StrPath | None
    no_config: bool
    baseline: Baseline | StrPath | None
    suppress: bool
    timeout: float | None
    scanner_timeouts: Mapping[str, float] | None
    jobs: int | None
    online: bool
    no_ignore: bool
    vendored: bool
    max_file_bytes: int | None
    staged: bool
    history: bool
    host_probes: bool
    target_url: str | None
    target_host: str | None
    semgrep_rules: Iterable[StrPath] | None
    secret_rules: Iterable[StrPath] | None
    tool_paths: Mapping[str, StrPath] | None
    zap_address: str | None
    zap_api_key: str | None


@dataclass(frozen=True)
class ScanResult:
    """What a scan gave.

    Iterating and `len` go over the findings. A result is only as good as its coverage:
    look at `complete` before you call something clean.
    """

    findings: Findings
    suppressed: SuppressedCounts
    overridden: int
    notices: list[dict[str, Any]] = field(repr=False)
    root: str
    config_file: str | None
    cancelled: bool
    complete: bool
    """Whether every scanner that started also finished, and nobody stopped the scan."""

    @property
    def target(self) -> str:
        """What was scanned, as the caller named it."""
        return self.findings.target

    @property
    def scanners(self) -> list[ScannerRun]:
        """The coverage, one entry for each scanner asked for."""
        return self.findings.scanners

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)
