"""The service beside the published Python one, over the same data, in one run.

    cargo build --release -p securescan-cli -p securescan-benches
    python3 benches/server.py [--findings 20000] [--seconds 5] [--connections 8] [--followers 1000]

Requests a second, latency and memory; then how many of many followers of one scan hear its end. The Python service's database is
filled first, and ours is made from it by the import. What is missing is said as `skipped: why`.
"""

import argparse
import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
RELEASE = TARGET / "release"
WORK = TARGET / "bench-server"
PYTHON = TARGET / "bench-compare/python"
SCAN = str(uuid.UUID(int=1))


def python_program() -> Path | None:
    """The published package, installed by name."""
    program = PYTHON / "bin/securescan"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PYTHON)], check=True)
        if subprocess.run([str(PYTHON / "bin/pip"), "install", "-q", "securescan"], check=False).returncode:
            return None
    return program


def ask(url: str, body: object = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@contextmanager
def serving(command: list[str], port: int, env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    log = open(WORK / f"{port}.log", "wb")
    whole = {"PATH": os.environ["PATH"], "HOME": str(WORK), "SECURESCAN_RATE_LIMIT_ENABLED": "0", "SECURESCAN_LOG_LEVEL": "ERROR", **env}
    process = subprocess.Popen([*command, "serve", "--host", "127.0.0.1", "--port", str(port)], cwd=WORK, env=whole, stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                ask(f"http://127.0.0.1:{port}/health")
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit(f"{command[0]} does not answer: {(WORK / f'{port}.log').read_text()[-2000:]}")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def memory(process: subprocess.Popen[bytes]) -> str:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return f"{int(next(line for line in lines if line.startswith('VmHWM')).split()[1]) / 1024:.0f}"


def fill(database: Path, findings: int) -> None:
    """Fifty small scans and a large one, in the Python service's own tables."""
    with sqlite3.connect(database) as db:
        def scan(number: int, count: int) -> str:
            name = SCAN if number == 1 else str(uuid.UUID(int=number))
            stamp = f"2026-11-{1 + number % 20:02}T10:00:00.{number:06}"
            db.execute(
                "INSERT INTO scans (id, target_path, scan_types, status, started_at, completed_at, findings_count, risk_score, scanners_run)"
                " VALUES (?, '/srv/demo', '[\"code\"]', 'completed', ?, ?, ?, 50.0, '[\"semgrep\"]')",
                (name, stamp, stamp, count),
            )
            return name

        def finding(name: str, n: int) -> tuple[object, ...]:
            severity = ("critical", "high", "medium", "low", "info")[n % 5]
            file = f"src/module_{n % 400}/file_{n % 37}.py"
            print_ = f"{n:064x}" if name == SCAN else uuid.uuid4().hex * 2
            return (str(uuid.uuid4()), name, "semgrep", "code", severity, f"Finding {n} of some rule", "What is wrong, in a sentence or two. " * 4,
                    file, n % 900 + 1, None, f"python.rule-{n % 60}", "CWE-79", "Do it otherwise.", "{}", print_, '["OWASP-A03"]')

        large = scan(1, findings)
        rows = [finding(large, n) for n in range(findings)]
        for number in range(2, 52):
            name = scan(number, 20)
            rows += [finding(name, n) for n in range(20)]
        db.executemany(
            "INSERT INTO findings (id, scan_id, scanner, scan_type, severity, title, description, file_path, line_start, line_end, rule_id,"
            " cwe, remediation, metadata, fingerprint, compliance_tags) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            rows,
        )


def load(url: str, connections: int, seconds: float) -> tuple[float, float, float, int]:
    out = subprocess.run([str(RELEASE / "securescan-bench-load"), url, str(connections), str(seconds)], check=False, capture_output=True, text=True)
    if out.returncode:
        sys.exit(f"{url}: {out.stderr}")
    rate, median, late, size = out.stdout.split()
    return float(rate), float(median), float(late), int(size)


async def follow(port: int, path: str, joined: asyncio.Semaphore) -> str:
    """The last event that one follower hears."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    last = ""
    try:
        first = True
        while line := await asyncio.wait_for(reader.readline(), 120):
            if first:
                last = line.decode().strip()
                joined.release()
                first = False
            if line.startswith(b"event: "):
                last = line[7:].decode().strip()
                if last in ("scan.complete", "scan.failed", "scan.cancelled"):
                    break
    finally:
        writer.close()
    return last


async def followers(port: int, count: int, target: Path) -> tuple[int, float, float]:
    """How many of so many hear the end of one scan, how long joining took, and the end after the scan's start."""
    base = f"http://127.0.0.1:{port}/api/v1"
    # The scan looks at a site that answers late, so that all have joined before it ends.
    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(6)
        writer.close()

    site = await asyncio.start_server(late, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{site.sockets[0].getsockname()[1]}/"
    begun = time.perf_counter()
    scan = await asyncio.to_thread(ask, f"{base}/scans", {"target_path": str(target), "scan_types": ["dast"], "target_url": url})
    assert isinstance(scan, dict)
    joined = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(follow(port, f"/api/v1/scans/{scan['id']}/events", joined)) for _ in range(count)]
    for _ in tasks:
        await joined.acquire()
    in_after = time.perf_counter() - begun
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    site.close()
    return sum(end == "scan.complete" for end in ends), in_after, time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--followers", type=int, default=1000)
    args = parser.parse_args()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    target = WORK / "demo"
    target.mkdir()
    (target / "Dockerfile").write_text("FROM ubuntu:latest\n")
    ours = str(RELEASE / "securescan")
    peer = python_program()
    if peer is None:
        sys.exit("skipped: the published Python package cannot be installed")
    theirs = WORK / "python.db"
    env = {"SECURESCAN_DATABASE_PATH": str(theirs)}
    with serving([str(peer)], 8601, env):
        pass
    fill(theirs, args.findings)
    copy = WORK / "ours.db"
    shutil.copy(theirs, copy)
    paths = {
        "health": "/health",
        "scans": "/api/v1/scans",
        "findings, 100 of many": f"/api/v1/scans/{SCAN}/findings?limit=100",
        "findings, all": f"/api/v1/scans/{SCAN}/findings",
        "summary": f"/api/v1/scans/{SCAN}/summary",
    }
    limits = {"SECURESCAN_MAX_STREAMS": "5000", "SECURESCAN_MAX_STREAMS_PER_CALLER": "5000"}
    with serving([ours], 8602, {"SECURESCAN_DB_PATH": str(copy), **limits}) as own, serving([str(peer)], 8603, env) as other:
        print(f"{args.findings} findings, {args.connections} connections, {args.seconds} s each\n")
        print("| request | | requests/s | p50 ms | p99 ms | KB | times |\n|---|---|---:|---:|---:|---:|---:|")
        for name, path in paths.items():
            rate, median, late, size = load(f"http://127.0.0.1:8602{path}", args.connections, args.seconds)
            rate2, median2, late2, size2 = load(f"http://127.0.0.1:8603{path}", args.connections, args.seconds)
            print(f"| {name} | securescan | {rate:.0f} | {median:.2f} | {late:.2f} | {size / 1000:.1f} | {rate / rate2:.0f} |")
            print(f"| | Python | {rate2:.0f} | {median2:.2f} | {late2:.2f} | {size2 / 1000:.1f} | |")
        print(f"\npeak memory, MiB: securescan {memory(own)}, Python {memory(other)}")
        for name, port in (("securescan", 8602), ("Python", 8603)):
            heard, joined, ended = asyncio.run(followers(port, args.followers, target))
            print(f"{name}: {heard} of {args.followers} followers heard the end; joined within {joined:.1f} s, all told after {ended:.1f} s")
        print(f"peak memory, MiB: securescan {memory(own)}, Python {memory(other)}")


main()
