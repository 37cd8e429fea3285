"""The Arrow stream, as those who read it see it."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from securescan import Findings

ROW = {
    "scanner": "trivy",
    "scan_type": "dependency",
    "severity": "high",
    "title": "é",
    "line": 3,
    "vulnerability_ids": ["CVE-1", "GHSA-2"],
    "package": {"ecosystem": "npm", "name": "left-pad", "version": "1", "fixed_version": None, "purl": "pkg:npm/left-pad@1"},
}


def many(count: int) -> Findings:
    return Findings.from_dicts([{**ROW, "title": f"é{n}"} for n in range(count)])


def library(name: str) -> Any:
    return pytest.importorskip(name, reason=f"{name} is not installed")


def test_pyarrow() -> None:
    pa = library("pyarrow")
    table = pa.table(many(20_000))
    assert table.num_rows == 20_000 and table.column("title")[19_999].as_py() == "é19999"
    row = table.slice(0, 1).to_pylist()[0]
    assert (row["line"], row["column"], row["vulnerability_ids"], row["package_name"], row["package_fixed_version"]) == (3, None, ["CVE-1", "GHSA-2"], "left-pad", None)
    assert json.loads(row["metadata"])["suppressed_by"] is None
    assert pa.schema(many(0)).names == table.schema.names and pa.table(many(0)).num_rows == 0
    assert pa.table(many(5)[::2]).num_rows == 3


@pytest.mark.parametrize("name", ["pandas", "polars", "duckdb"])
def test_those_who_read_arrow(name: str) -> None:
    module, findings = library(name), many(3)
    if name == "pandas":
        frame = module.DataFrame.from_arrow(findings) if hasattr(module.DataFrame, "from_arrow") else library("pyarrow").table(findings).to_pandas()
        assert list(frame["title"]) == ["é0", "é1", "é2"]
    elif name == "polars":
        assert module.DataFrame(findings)["title"].to_list() == ["é0", "é1", "é2"]
    else:
        importlib.import_module("duckdb")
        assert module.sql("select count(*), max(line) from findings").fetchall() == [(3, 3)]


def test_a_stream_nobody_reads_is_released() -> None:
    for _ in range(200):
        many(3).__arrow_c_stream__()
        many(3).__arrow_c_schema__()
