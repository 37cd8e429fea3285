"""The examples, run as a user would run them; and the snippet of the README as it is printed."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import securescan

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "python"
SHOP = ROOT / "examples" / "weak-shop"


def run(name: str, *args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", EXAMPLES / name, *map(str, args)], capture_output=True, text=True, timeout=120)


def test_ci_gate(tmp_path: Path) -> None:
    done = run("ci_gate.py", SHOP)
    assert done.returncode == 1 and "Private key" in done.stdout, done.stderr
    (tmp_path / "README.md").write_text("clean\n")
    assert run("ci_gate.py", tmp_path).returncode == 0
    assert sum(1 for line in (EXAMPLES / "ci_gate.py").read_text().splitlines() if line.strip()) <= 10


def test_importer(tmp_path: Path) -> None:
    report = {"results": [{"test_id": "B307", "filename": "a.py", "line_number": 3, "issue_severity": "HIGH", "issue_confidence": "HIGH", "issue_text": "eval", "test_name": "eval"}], "errors": [], "generated_at": "2026-01-01T00:00:00Z", "metrics": {}}
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text(json.dumps(report))
    (tmp_path / "bad.txt").write_text("no report")
    done = run("importer.py", *sorted(tmp_path.iterdir()))
    assert "one.json: 1 findings of bandit, 1 of them new" in done.stdout and "two.json: 1 findings of bandit, 0 of them new" in done.stdout
    assert done.stdout.endswith("1 findings in all\n") and "bad.txt: skipped: " in done.stderr


def test_fleet(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("clean\n")
    done = run("fleet.py", tmp_path, SHOP)
    assert [line.split()[-1] for line in done.stdout.splitlines()] == [str(SHOP), str(tmp_path)], done.stderr


def test_notebook() -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    cells = json.loads((EXAMPLES / "notebook.ipynb").read_text())["cells"]
    space: dict[str, object] = {"folder": str(SHOP)}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "notebook", "exec"), space)
    result = space["result"]
    assert isinstance(result, securescan.ScanResult) and len(result) > 10


def test_webhook_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    client = pytest.importorskip("fastapi.testclient", reason="fastapi or httpx is not installed")
    monkeypatch.setenv("WEBHOOK_SECRET", "s3cret")
    spec = importlib.util.spec_from_file_location("webhook_receiver", EXAMPLES / "webhook_receiver.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    import hashlib
    import hmac
    import time

    body = b'{"event": "webhook.test"}'
    now = int(time.time())
    good = hmac.new(b"s3cret", f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    post = lambda header: client.TestClient(module.app).post("/hooks/securescan", content=body, headers=header).status_code  # noqa: E731
    assert post({"X-SecureScan-Signature": f"t={now},v1={good}"}) == 204
    assert post({"X-SecureScan-Signature": f"t={now - 301},v1={good}"}) == 401 and post({}) == 401
    assert module.received == [{"event": "webhook.test"}]


def test_the_readme_says_what_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```python\n(.*?)```", text, re.S)
    assert snippets, "the README has no Python"
    for snippet in snippets:
        done = subprocess.run([sys.executable, "-I", "-c", snippet], cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0 and done.stdout, done.stderr


@pytest.mark.parametrize("name", ["python.md", "migrating-from-python.md"])
def test_the_guides_say_what_runs(name: str) -> None:
    snippets = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / name).read_text(encoding="utf-8"), re.S)
    assert snippets
    for snippet in snippets:
        done = subprocess.run([sys.executable, "-I", "-c", snippet], cwd=ROOT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["right", "wrong"])
def test_a_type_checker_agrees(name: str, tmp_path: Path) -> None:
    mypy = pytest.importorskip("mypy.api", reason="mypy is not installed")
    out, err, code = mypy.run(["--strict", "--cache-dir", str(tmp_path), str(Path(__file__).parent / "typing" / f"{name}.py")])
    assert code == 0, out + err


def test_every_example_is_typed(tmp_path: Path) -> None:
    mypy = pytest.importorskip("mypy.api", reason="mypy is not installed")
    files = sorted(str(p) for p in EXAMPLES.glob("*.py"))
    out, err, code = mypy.run(["--strict", "--ignore-missing-imports", "--disable-error-code=untyped-decorator", "--disable-error-code=misc", "--cache-dir", str(tmp_path), *files])
    assert code == 0 and len(files) >= 5, out + err
