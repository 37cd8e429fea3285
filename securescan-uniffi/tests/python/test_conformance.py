"""The conformance suite over the generated binding."""

from __future__ import annotations

import json
import unittest
from pathlib import Path
from typing import Any

import securescan_uniffi as ss
from support import ROOT

FOLDER = ROOT / "conformance"


def read(path: Path) -> Any:
    """A case, the folder of the cases in the place of its name."""
    return json.loads(path.read_text("utf-8").replace("$CONFORMANCE", json.dumps(str(FOLDER))[1:-1]))


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def answer(case: dict[str, Any]) -> Any:
    """What the binding says, in the form a case expects it."""
    request = case["request_text"] if "request_text" in case else canonical(case["request"])
    try:
        return {"ok": ss.call(case["op"], request)}
    except ss.SecurescanError as error:
        return {"err": json.loads(error.json)}


IDIOMATIC = {
    "fingerprint": lambda r: {"fingerprint": ss.fingerprint(json.dumps(r["finding"]), **({"scheme": r["scheme"]} if "scheme" in r else {}))},
    "compliance_tags": lambda r: {"tags": ss.compliance_tags(json.dumps(r["finding"]))},
}


class Conformance(unittest.TestCase):
    def test_every_case(self) -> None:
        cases = [read(path) for path in sorted(FOLDER.glob("*/*.json")) if path.parent.name != "src"]
        pending = read(FOLDER / "pending.json")
        ran = skipped = 0
        for case in cases:
            why = pending.get(case["id"]) or pending.get(case["op"])
            if why:
                skipped += 1
                print(f"skipped: {case['id']}: {why}")
                continue
            ran += 1
            with self.subTest(case["id"]):
                got, expected = answer(case), case["expect"]
                if "err" in expected:
                    self.assertIn("err", got, case["why"])
                    self.assertEqual({name: got["err"].get(name) for name in expected["err"]}, expected["err"], case["why"])
                else:
                    self.assertEqual(got.get("ok"), canonical(expected["ok"]), f"{case['why']}: {got.get('err')}")
                    if case["op"] in IDIOMATIC:
                        self.assertEqual(IDIOMATIC[case["op"]](case["request"]), expected["ok"], case["why"])
        self.assertGreater(ran, 0)
        print(f"conformance uniffi-python: ran {ran} skipped {skipped}")
