# Written by `cargo xtask codegen` from securescan-py/src; do not edit.

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, SupportsIndex, final, overload

from ._types import Bytes, ScannerRun, ScannerStatus, Summary, Words

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
    "ScannerError",
    "SecureScanError",
    "Unsupported",
    "_Cancel",
    "_DEBUG_BUILD",
    "_FindingsIterator",
    "__version__",
    "_call",
    "after_fork",
    "compare",
    "coverage",
    "diff",
    "parse",
    "process",
    "render",
    "risk_score",
    "run_cli",
    "scan",
    "status",
    "stop_all",
    "summary",
    "verify_webhook",
]

__version__: Final[str]
_DEBUG_BUILD: Final[bool]

class SecureScanError(Exception):
    """Anything this package refuses or fails at; `code` is a stable word."""
    code: str | None
    message: str | None
    file: str | None
    line: int | None
    column: int | None
    byte: int | None
    hint: str | None

class InvalidArgument(SecureScanError):
    code: str

class ParseError(SecureScanError):
    code: str

class ConfigError(SecureScanError):
    code: str

class LimitExceeded(SecureScanError):
    code: str

class ScannerError(SecureScanError):
    code: str

class Cancelled(SecureScanError):
    code: str

class Unsupported(SecureScanError):
    code: str

class IoError(SecureScanError):
    code: str

class RenderError(SecureScanError):
    code: str

class BaselineError(SecureScanError):
    code: str

class InternalError(SecureScanError):
    code: str

@final
class Findings:
    """An immutable sequence of findings with the coverage they rest on. They stay native: an item is converted when it is looked at, and a
    slice, a filter or an order shares them.
    """
    def __new__(cls) -> Findings:
        """An empty collection; use `parse`, `scan`, `from_json` or `from_dicts` for others."""
    @classmethod
    def from_json(cls, data: str | Bytes, /) -> Findings:
        """Reads the JSON of `to_json` or `to_snapshot`: a bare array of findings, or an object that has one."""
    @classmethod
    def from_dicts(cls, items: Iterable[object], /) -> Findings:
        """From dicts, dataclasses, pydantic models or any objects with the fields of a finding."""
    @property
    def target(self) -> str:
        """What was scanned, as the user named it; empty when unknown."""
    @property
    def scanners(self) -> list[ScannerRun]:
        """The coverage: one dict for each scanner, in registry order; empty when unknown."""
    def __len__(self) -> int: ...
    def __iter__(self) -> _FindingsIterator: ...
    def __reversed__(self) -> _FindingsIterator: ...
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Finding: ...
    @overload
    def __getitem__(self, index: slice, /) -> Findings: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __add__(self, other: Findings, /) -> Findings: ...
    def __radd__(self, other: Findings, /) -> Findings: ...
    def __copy__(self) -> Findings: ...
    def __deepcopy__(self, _memo: dict[Any, Any]) -> Findings: ...
    def __reduce__(self) -> tuple[Any, tuple[str]]: ...
    def filter(
        self,
        *,
        severity: Words = ...,
        min_severity: str = ...,
        scanner: Words = ...,
        scan_type: Words = ...,
        rule_id: Words = ...,
        cwe: Words = ...,
        path: Words = ...,
        compliance_tag: Words = ...,
        suppressed: bool = ...,
        text: str = ...,
    ) -> Findings:
        """Those that meet every condition: `severity`, `min_severity`, `scanner`, `scan_type`, `rule_id`, `cwe`, `path`, `compliance_tag`,
        `suppressed`, `text`. A list is met by any of its items.
        """
    def sort(
        self,
        by: Literal["canonical", "severity", "scanner", "rule_id", "file_path", "title"] = "canonical",
        *,
        reverse: bool = False,
    ) -> Findings:
        """All of them in another order: `canonical`, `severity`, `scanner`, `rule_id`, `file_path` or `title`."""
    def group_by(
        self,
        by: Literal["severity", "scanner", "scan_type", "rule_id", "file_path", "cwe", "package"],
    ) -> dict[str | None, Findings]:
        """Parts by `severity`, `scanner`, `scan_type`, `rule_id`, `file_path`, `cwe` or `package`; severities from the worst, others by name,
        findings without one under `None`.
        """
    def dedup(self) -> Findings:
        """One finding for one thing, whoever reports it; identified and in canonical order."""
    def to_json(self) -> str:
        """The bare array, indented, with a final newline."""
    def to_snapshot(self) -> str:
        """The snapshot: schema, target, coverage and findings. `diff` needs the coverage to tell fixed from not scanned."""
    def to_dicts(self) -> list[dict[str, Any]]:
        """A list of dicts, in the shape of the JSON."""
    def _repr_html_(self) -> str: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The findings as an Arrow stream: pandas, Polars, DuckDB and PyArrow read it. See `arrow.rs` for the columns."""
    def __arrow_c_schema__(self) -> object:
        """The schema of that stream."""

@final
class _FindingsIterator:
    """Walks over a collection from either end."""
    def __iter__(self) -> _FindingsIterator: ...
    def __next__(self) -> Finding: ...
    def __length_hint__(self) -> int: ...

@final
class Finding:
    """One finding. Immutable; its fields are attributes and, with `finding["rule_id"]`, items."""
    @property
    def id(self) -> str:
        """`f-` and 12 hexadecimal digits; the same finding has the same id in every run."""
    @property
    def scan_id(self) -> str | None:
        """Set by the server; never part of identity."""
    @property
    def scanner(self) -> str:
        """Who reports it."""
    @property
    def scan_type(self) -> str:
        """`code`, `dependency`, `iac`, `baseline`, `dast` or `network`."""
    @property
    def severity(self) -> str:
        """`critical`, `high`, `medium`, `low` or `info`."""
    @property
    def confidence(self) -> str | None:
        """`high`, `medium`, `low`, or None where the scanner does not say."""
    @property
    def title(self) -> str:
        """One line."""
    @property
    def description(self) -> str:
        """What is wrong and why it matters."""
    @property
    def remediation(self) -> str:
        """What to do."""
    @property
    def file_path(self) -> str | None:
        """Relative to the scan root, with forward slashes."""
    @property
    def line(self) -> int | None:
        """First line, 1-based."""
    @property
    def column(self) -> int | None:
        """First column, 1-based."""
    @property
    def end_line(self) -> int | None:
        """Last line, 1-based, inclusive."""
    @property
    def end_column(self) -> int | None:
        """Column after the last character, 1-based."""
    @property
    def rule_id(self) -> str | None:
        """The scanner's rule."""
    @property
    def cwe(self) -> str | None:
        """`CWE-95` form."""
    @property
    def vulnerability_ids(self) -> list[str]:
        """CVE, GHSA, PYSEC, … ids, sorted."""
    @property
    def package(self) -> dict[str, Any] | None:
        """The package as a dict, for dependency findings."""
    @property
    def references(self) -> list[str]:
        """URLs."""
    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits; empty until identified."""
    @property
    def compliance_tags(self) -> list[str]:
        """Sorted, unique."""
    @property
    def metadata(self) -> dict[str, Any]:
        """A fresh dict."""
    @property
    def suppressed(self) -> bool:
        """Whether a comment, the configuration or a baseline silences it."""
    def to_dict(self) -> dict[str, Any]:
        """A dict of every field, in the shape of the JSON."""
    @staticmethod
    def keys() -> list[str]:
        """The names of the fields, so that `dict(finding)` works."""
    def __getitem__(self, name: str, /) -> Any: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, tuple[str]]: ...
    @staticmethod
    def _from_json(text: str) -> Finding: ...
    def _alone(self) -> Findings:
        """This finding alone, as a collection."""
    def __copy__(self) -> Finding: ...
    def __deepcopy__(self, _memo: dict[Any, Any]) -> Finding: ...

@final
class Baseline:
    """The findings a project has decided to live with."""
    @classmethod
    def from_findings(
        cls,
        findings: Findings,
        *,
        target_path: str = ".",
        scan_types: Sequence[str] | None = None,
    ) -> Baseline:
        """A baseline of these findings, suppressed ones included."""
    @classmethod
    def loads(cls, data: str | Bytes, /) -> Baseline:
        """Reads the text of a baseline file, of this version or of the Python one, or a snapshot."""
    @classmethod
    def load(cls, path: str | os.PathLike[str], /) -> Baseline:
        """Reads a baseline file."""
    def dumps(self) -> str:
        """The text of the file, the same for the same findings."""
    def dump(self, path: str | os.PathLike[str], /) -> None:
        """Writes the file, whole or not at all."""
    @property
    def entries(self) -> list[dict[str, Any]]:
        """One dict for each finding it stands for."""
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, tuple[str]]: ...

@final
class Config:
    """A configuration."""
    @classmethod
    def parse(cls, text: str | Bytes, /, *, file: str = ".securescan.yml") -> Config:
        """Reads the text of a configuration file."""
    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None, /) -> Config:
        """Reads a configuration file; of a folder, the one that applies to it, the default when there is none."""
    @staticmethod
    def lint(text: str | Bytes, /, *, file: str = ".securescan.yml") -> list[dict[str, Any]]:
        """Every problem of a text: dicts with `severity`, `message`, `location`, `line`, `column`."""
    def to_dict(self) -> dict[str, Any]:
        """A dict of every key."""
    @property
    def fail_on_severity(self) -> str | None:
        """The gate, if one is set."""
    @property
    def scan_types(self) -> list[str]:
        """What to scan for; empty leaves the choice to the engine."""
    @property
    def ignored_rules(self) -> list[str]:
        """Rules whose findings are suppressed."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Diff:
    """What changed between two sides, as multisets of fingerprints: `new`, `fixed`, `unchanged`, `not_scanned`."""
    @property
    def new(self) -> Findings:
        """Only on the newer side, or suppressed before and not any more."""
    @property
    def fixed(self) -> Findings:
        """Only on the older side, where the scanner completed on the newer one."""
    @property
    def unchanged(self) -> Findings:
        """On both sides; as the newer one has them."""
    @property
    def not_scanned(self) -> Findings:
        """Only on the older side, and the scanner did not look: nothing is known."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Comparison:
    """What changed since a baseline: `new`, `disappeared`, `still_present`, `not_scanned`."""
    @property
    def new(self) -> Findings:
        """Only on the newer side, or suppressed before and not any more."""
    @property
    def disappeared(self) -> Findings:
        """Only on the older side, where the scanner completed on the newer one."""
    @property
    def still_present(self) -> Findings:
        """On both sides; as the newer one has them."""
    @property
    def not_scanned(self) -> Findings:
        """Only on the older side, and the scanner did not look: nothing is known."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class _Cancel:
    """Stops a scan from another thread."""
    def __new__(cls) -> _Cancel: ...
    def cancel(self) -> None:
        """Asks the scan to stop."""
    def cancelled(self) -> bool:
        """Whether that was asked."""

def parse(
    data: str | Bytes,
    tool: str | None,
    root: str | None,
    max_bytes: int | None,
    max_findings: int | None,
) -> Findings:
    """Reads a report; see `securescan.parse`."""

def process(
    findings: Findings,
    root: str | os.PathLike[str] | None,
    files: dict[str, str | Bytes] | None,
    config: Config | None,
    baseline: Baseline | None,
    suppress: bool,
) -> tuple[Findings, dict[str, Any]]:
    """The whole pipeline; gives the findings and what was done beside."""

def diff(base: Findings, head: Findings) -> Diff:
    """What is new, fixed and unchanged."""

def compare(baseline: Baseline, current: Findings) -> Comparison:
    """What appeared and disappeared since a baseline."""

def render(subject: Findings | Diff | Comparison, format: str, options_json: str) -> str | bytes:
    """Renders findings or a difference: text, or bytes for the formats that are none."""

def summary(findings: Findings) -> Summary:
    """Counts by severity and the score."""

def risk_score(findings: Findings) -> float:
    """0 to 100."""

def coverage(findings: Findings) -> dict[str, Any]:
    """Which controls of which framework are touched."""

def verify_webhook(secret: str, header: str, body: str | Bytes, tolerance: int, now: int | None) -> bool:
    """Whether a signature is right."""

def status() -> list[ScannerStatus]:
    """Each scanner, and whether it can run here."""

def run_cli(args: Sequence[str]) -> int:
    """The command line, in this process; gives its exit code."""

def scan(
    options_json: str,
    config: Config | None,
    baseline: Baseline | None,
    on_event: Callable[[dict[str, Any]], object] | None,
    cancel: _Cancel,
) -> tuple[Findings, dict[str, Any]]:
    """Runs a scan; see `securescan.scan`. Gives the findings and what happened beside."""

def stop_all() -> None:
    """Stops every scan and waits for it, within bounds: the interpreter ends."""

def after_fork() -> None:
    """A child process has none of its parent's threads."""

def _call(op: str, request_json: str, /) -> str:
    """Runs an operation by name over JSON text; the interpreter is released meanwhile."""
