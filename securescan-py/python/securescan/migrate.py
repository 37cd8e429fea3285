"""Reading what SecureScan for Python (0.11) has stored: its SQLite database, verdicts included.

Its snapshots and baselines need nothing from here: `parse` and `Baseline.load` read them as they are.

>>> import securescan.migrate
>>> with securescan.migrate.Database(":memory:") as database:  # doctest: +IGNORE_EXCEPTION_DETAIL
...     pass
Traceback (most recent call last):
securescan.InvalidArgument: ...
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ._convert import invalid
from ._native import Findings, IoError, ParseError

#: Findings that are read for one scan at most.
MAX_FINDINGS = 5_000_000

_FINDING_COLUMNS = (
    "id",
    "scanner",
    "scan_type",
    "severity",
    "title",
    "description",
    "file_path",
    "line_start",
    "line_end",
    "rule_id",
    "cwe",
    "remediation",
    "metadata",
    "fingerprint",
    "compliance_tags",
)


@dataclass(frozen=True)
class Scan:
    """One scan of the database, without its findings: see `Database.findings`."""

    id: str
    target_path: str
    scan_types: list[str]
    status: str
    started_at: str | None
    completed_at: str | None
    findings_count: int
    error: str | None


@dataclass(frozen=True)
class Comment:
    """What somebody wrote about a finding."""

    text: str
    author: str | None
    created_at: str


@dataclass(frozen=True)
class Verdict:
    """What was decided about a finding. It belongs to a fingerprint of the scheme v1, not to a scan."""

    fingerprint: str
    status: str
    note: str | None
    updated_at: str
    updated_by: str | None
    comments: list[Comment]


class Database:
    """A database of SecureScan for Python, opened for reading; a context manager.

    The file is never written, not even its journal. Anything that is not such a database raises
    `ParseError`, a file that cannot be opened `IoError`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        file = Path(path)
        if not file.is_file():
            raise invalid(f"`{file}` is not a file; the database is `securescan.db`, or `~/.securescan/scans.db`")
        self._file = str(file)
        try:
            self._db = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
        except sqlite3.Error as error:
            raise _io(self._file, error) from error
        try:
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA query_only = ON")
            self._db.execute("PRAGMA trusted_schema = OFF")
            tables = {row[0] for row in self._rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        except Exception:
            self._db.close()
            raise
        missing = {"scans", "findings"} - tables
        if missing:
            self._db.close()
            raise _parse(self._file, f"no database of SecureScan: there is no table `{min(missing)}`")
        self._tables = tables

    def __enter__(self) -> Database:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def scans(self) -> list[Scan]:
        """Every scan, oldest first."""
        rows = self._rows("SELECT * FROM scans ORDER BY started_at, id")
        return [
            Scan(
                id=_text(row, "id") or "",
                target_path=_text(row, "target_path") or "",
                scan_types=[str(word) for word in self._json(row, "scan_types", [])],
                status=_text(row, "status") or "",
                started_at=_text(row, "started_at"),
                completed_at=_text(row, "completed_at"),
                findings_count=row["findings_count"] if isinstance(row["findings_count"], int) else 0,
                error=_text(row, "error"),
            )
            for row in rows
        ]

    def findings(self, scan_id: str) -> Findings:
        """The findings of a scan, with the fingerprints they had (scheme v1)."""
        found: list[dict[str, Any]] = []
        for row in self._rows("SELECT * FROM findings WHERE scan_id = ? ORDER BY rowid", scan_id):
            if len(found) >= MAX_FINDINGS:
                raise _parse(self._file, f"more than {MAX_FINDINGS} findings in scan `{scan_id}`")
            item = {name: row[name] for name in _FINDING_COLUMNS if name in row.keys()}
            item["metadata"] = self._json(row, "metadata", {})
            item["compliance_tags"] = self._json(row, "compliance_tags", [])
            found.append({name: value for name, value in item.items() if value is not None})
        return Findings.from_dicts(found)

    def verdicts(self) -> list[Verdict]:
        """Every verdict with its comments, by fingerprint. Fingerprints that only have comments are `open`."""
        comments: dict[str, list[Comment]] = {}
        if "finding_comments" in self._tables:
            for row in self._rows("SELECT * FROM finding_comments ORDER BY created_at, id"):
                comment = Comment(_text(row, "text") or "", _text(row, "author"), _text(row, "created_at") or "")
                comments.setdefault(_text(row, "fingerprint") or "", []).append(comment)
        out = []
        if "finding_states" in self._tables:
            for row in self._rows("SELECT * FROM finding_states ORDER BY fingerprint"):
                mark = _text(row, "fingerprint") or ""
                out.append(
                    Verdict(
                        fingerprint=mark,
                        status=_text(row, "status") or "",
                        note=_text(row, "note"),
                        updated_at=_text(row, "updated_at") or "",
                        updated_by=_text(row, "updated_by"),
                        comments=comments.pop(mark, []),
                    )
                )
        out.extend(Verdict(mark, "open", None, said[-1].created_at, said[-1].author, said) for mark, said in comments.items())
        return sorted(out, key=lambda verdict: verdict.fingerprint)

    def _rows(self, query: str, *values: str) -> Iterator[sqlite3.Row]:
        try:
            cursor = self._db.execute(query, values)
            row = cursor.fetchone()
        except sqlite3.Error as error:
            raise self._unsound(error) from error
        while row is not None:
            yield row
            try:
                row = cursor.fetchone()
            except (sqlite3.Error, UnicodeDecodeError) as error:
                raise self._unsound(error) from error

    def _unsound(self, error: Exception) -> ParseError:
        what = "database of SecureScan" if isinstance(error, sqlite3.OperationalError) else "sound SQLite database"
        return _parse(self._file, f"not a {what}: {error}")

    def _json(self, row: sqlite3.Row, column: str, default: Any) -> Any:
        text = row[column] if column in row.keys() else None
        if text is None or text == "":
            return default
        try:
            value = json.loads(text)
        except (TypeError, ValueError, RecursionError) as error:
            raise _parse(self._file, f"column `{column}` is not JSON: {error}") from error
        if not isinstance(value, type(default)):
            raise _parse(self._file, f"column `{column}` is not a {type(default).__name__}")
        return value


def _text(row: sqlite3.Row, column: str) -> str | None:
    value = row[column] if column in row.keys() else None
    return value if isinstance(value, str) else None


def _parse(file: str, message: str) -> ParseError:
    error = ParseError(f"{file}: {message}")
    error.message, error.file = message, file
    return error


def _io(file: str, cause: Exception) -> IoError:
    error = IoError(f"{file}: {cause}")
    error.message, error.file = str(cause), file
    return error
