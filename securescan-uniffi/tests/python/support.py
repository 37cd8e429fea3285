"""What the tests share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import securescan_uniffi as ss

ROOT = Path(__file__).resolve().parents[3]
SHOP = ROOT / "examples" / "weak-shop"


def finding(**fields: Any) -> dict[str, Any]:
    return {"scanner": "mine", "scan_type": "code", "severity": "high", "title": "t", "rule_id": "R1", "file_path": "a.py", "line": 1, **fields}


def findings(*items: dict[str, Any]) -> ss.Findings:
    return ss.Findings.from_json(json.dumps(items))
