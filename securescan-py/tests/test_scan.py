"""Scans: events, cancelling, Ctrl-C, coroutines, threads, forks, the end of the interpreter."""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import securescan

SLOW = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'bandit 1.9.4'; exit 0; fi\necho $$ >> \"{pids}\"\nsleep 60\n"


@pytest.fixture()
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nUSER root\n")
    (folder / "a.py").write_text("eval(input())\n")
    return folder


@pytest.fixture()
def slow(tmp_path: Path) -> dict[str, Any]:
    """Options that make a scan wait for a tool that never ends."""
    tool = tmp_path / "bandit"
    tool.write_text(SLOW.format(pids=tmp_path / "pids"))
    tool.chmod(0o755)
    return {"scanners": ["bandit"], "tool_paths": {"bandit": tool}, "online": False}


def nothing_left(tmp_path: Path) -> bool:
    """Whether every process the slow tool started is gone."""
    file = tmp_path / "pids"
    pids = [int(line) for line in file.read_text().split()] if file.exists() else []
    assert pids, "the tool never started"
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if not any(Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2] for pid in pids):
            return True
        time.sleep(0.05)
    return False


def started(tmp_path: Path) -> Callable[[], bool]:
    return lambda: (tmp_path / "pids").exists()


def test_events_come_in_the_callers_thread(shop: Path) -> None:
    seen: list[str] = []
    thread = threading.get_ident()

    def on_event(event: dict[str, Any]) -> None:
        assert threading.get_ident() == thread
        seen.append(event["event"])

    result = securescan.scan(shop, scanners=["dockerfile", "secrets"], on_event=on_event)
    assert seen[0] == "scan.start" and seen[-1] == "scan.complete" and seen.count("scanner.complete") == 2
    assert result.complete and not result.cancelled and [f.title for f in result][:1] == ["Running as root user"]
    assert result.target == str(shop) and [run["status"] for run in result.scanners] == ["ok", "ok"]
    assert len(securescan.scan(shop, types=[securescan.ScanType.IAC], baseline=securescan.Baseline.from_findings(result.findings)).findings.filter(suppressed=False)) == 0


def test_a_callback_that_raises_stops_the_scan(shop: Path, slow: dict[str, Any], tmp_path: Path) -> None:
    def on_event(event: dict[str, Any]) -> None:
        if event["event"] == "scanner.start":
            while not (tmp_path / "pids").exists():
                time.sleep(0.01)
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        securescan.scan(shop, on_event=on_event, **slow)
    assert nothing_left(tmp_path)


def test_wrong_arguments_are_found_before_anything_starts(shop: Path) -> None:
    for options, kind in [
        ({"scanners": ["nope"]}, securescan.InvalidArgument),
        ({"scanners": "secrets"}, securescan.InvalidArgument),
        ({"types": ["cod"]}, securescan.InvalidArgument),
        ({"timeout": -1}, securescan.InvalidArgument),
        ({"timeout": float("nan")}, securescan.InvalidArgument),
        ({"jobs": 2**70}, securescan.InvalidArgument),
        ({"on_event": 5}, securescan.InvalidArgument),
        ({"config": shop / "no.yml"}, securescan.IoError),
        ({"baseline": shop / "no.json"}, securescan.IoError),
    ]:
        with pytest.raises(kind):
            securescan.scan(shop, **options)  # type: ignore[arg-type]
    with pytest.raises(securescan.IoError):
        securescan.scan(shop / "nowhere")
    with pytest.raises(TypeError):
        securescan.scan(shop, scanner=["secrets"])  # type: ignore[call-arg]


def test_the_options_are_those_of_the_engine() -> None:
    """The keywords of `scan`, the typed options of its asynchronous forms, and the table the engine keeps."""
    reference = Path(__file__).resolve().parents[2] / "docs" / "reference.md"
    table = reference.read_text("utf-8").split("## Options of `scan`")[1].split("\n## ")[0]
    engine = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    keywords = {name for name, p in inspect.signature(securescan.scan).parameters.items() if p.kind is p.KEYWORD_ONLY}
    assert keywords - {"on_event", "_cancel"} == set(securescan.ScanOptions.__annotations__)
    # A path or an object in Python; a path and a text beside each other where there are no objects.
    assert keywords - {"on_event", "_cancel"} == engine - {"target", "config_file", "baseline_file"}


def test_a_time_limit_gives_what_there_is(shop: Path, slow: dict[str, Any], tmp_path: Path) -> None:
    result = securescan.scan(shop, timeout=1.0, **{**slow, "scanners": ["bandit", "dockerfile"]})
    assert {run["name"]: run["status"] for run in result.scanners} == {"bandit": "timed_out", "dockerfile": "ok"}
    assert not result.complete and len(result) > 0 and nothing_left(tmp_path)


def test_coroutines(shop: Path) -> None:
    async def run() -> None:
        seen: list[str] = []
        result = await securescan.scan_async(shop, scanners=["dockerfile"], on_event=lambda e: seen.append(e["event"]))
        assert seen[-1] == "scan.complete" and len(result) > 0
        events = securescan.scan_events(shop, scanners=["dockerfile"])
        assert [e["event"] async for e in events][-1] == "scan.complete"
        assert events.result is not None and events.result.findings == result.findings
        with pytest.raises(securescan.InvalidArgument):
            await securescan.scan_async(shop, scanners=["nope"])

        def raises(event: dict[str, Any]) -> None:
            raise KeyError("mine")

        with pytest.raises(KeyError):
            await securescan.scan_async(shop, scanners=["dockerfile"], on_event=raises)

    asyncio.run(run())


def test_cancelling_a_task_kills_what_it_runs(shop: Path, slow: dict[str, Any], tmp_path: Path) -> None:
    async def run() -> None:
        task = asyncio.create_task(securescan.scan_async(shop, **slow))
        while not (tmp_path / "pids").exists():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert nothing_left(tmp_path)
        (tmp_path / "pids").unlink()
        async for event in securescan.scan_events(shop, **slow):
            if event["event"] == "scanner.start":
                while not (tmp_path / "pids").exists():
                    await asyncio.sleep(0.01)
                break
        await asyncio.sleep(0.2)

    asyncio.run(run())
    assert nothing_left(tmp_path)


def child(code: str, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-I", "-c", textwrap.dedent(code), *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


def test_ctrl_c_stops_a_scan(shop: Path, slow: dict[str, Any], tmp_path: Path) -> None:
    code = """
        import securescan, sys
        try:
            securescan.scan(sys.argv[1], scanners=["bandit"], tool_paths={"bandit": sys.argv[2]}, online=False)
        except KeyboardInterrupt:
            print("interrupted")
    """
    process = child(code, str(shop), str(slow["tool_paths"]["bandit"]))
    wait_for(started(tmp_path))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert out == "interrupted\n", err
    assert nothing_left(tmp_path)


def test_the_interpreter_ends_during_a_scan(shop: Path, slow: dict[str, Any], tmp_path: Path) -> None:
    code = """
        import os, securescan, sys, threading, time
        run = lambda: securescan.scan(sys.argv[1], scanners=["bandit"], tool_paths={"bandit": sys.argv[2]}, online=False)
        threading.Thread(target=run, daemon=True).start()
        while not os.path.exists(sys.argv[3]): time.sleep(0.01)
        print("end", flush=True)
    """
    process = child(code, str(shop), str(slow["tool_paths"]["bandit"]), str(tmp_path / "pids"))
    out, err = process.communicate(timeout=30)
    assert (out, process.returncode) == ("end\n", 0), err
    assert nothing_left(tmp_path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_scans(shop: Path) -> None:
    code = """
        import os, securescan, sys
        run = lambda: len(securescan.scan(sys.argv[1], scanners=["dockerfile", "secrets"]))
        first = run()
        pid = os.fork()
        if pid == 0:
            ok = run() == first and len(securescan.process(securescan.Findings.from_json("[]"))) == 0
            sys.exit(0 if ok else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    """
    out, err = child(code, str(shop)).communicate(timeout=60)
    assert out == "0\n", err


def test_the_command_line_in_process(shop: Path) -> None:
    run = lambda *args: subprocess.run([sys.executable, "-I", "-m", "securescan", *args], capture_output=True, text=True)  # noqa: E731
    done = run("scan", str(shop), "--scanner", "dockerfile", "--output", "json", "--fail-on-severity", "high")
    assert done.returncode == 1 and '"Running as root user"' in done.stdout
    assert run("--version").stdout == f"securescan {securescan.__version__}\n"
    assert run("scan", "no-such-folder").returncode == 2
    piped = subprocess.run(f"{sys.executable} -I -m securescan list rules | head -1", shell=True, capture_output=True, text=True)
    assert piped.stderr == "" and piped.stdout.count("\n") == 1
