"""The words and shapes that the functions take and give."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from ._native import Finding, Findings

Scheme = Literal["v1", "v2"]


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

    @property
    def target(self) -> str:
        """What was scanned, as the caller named it."""
        return self.findings.target

    @property
    def scanners(self) -> list[ScannerRun]:
        """The coverage, one entry for each scanner asked for."""
        return self.findings.scanners

    @property
    def complete(self) -> bool:
        """Whether every scanner that started also finished."""
        bad = {"failed", "timed_out", "partial"}
        return not self.cancelled and all(run["status"] not in bad for run in self.scanners)

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)
