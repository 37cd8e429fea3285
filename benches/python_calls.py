"""The calls of `securescan-bench-calls` through the wheel (a release build), beside the Rust ones in one run: processor time.

    python python_calls.py BASE HEAD RUNS RUST_BINARY [PEER_PYTHON PEER_BASE PEER_HEAD]

With the interpreter of an environment that has the published Python package, and the snapshots in its form, also beside that.
"""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import securescan

if securescan.build_info()["debug"]:
    sys.exit("this is no release build")
base_bytes, head_bytes = (open(name, "rb").read() for name in sys.argv[1:3])
runs = int(sys.argv[3])
seconds: dict[str, list[float]] = {}


def timed(name: str, call: Callable[[], Any]) -> Any:
    start = time.process_time()
    out = call()
    seconds.setdefault(name, []).append(time.process_time() - start)
    return out


ONE = '[{"scanner":"s","scan_type":"code","severity":"low","title":"t","file_path":"a.py"}]'
def once() -> None:
    """Every call once. What it makes ends with it, as in the Rust program: memory that is held makes the next call dearer."""
    base = timed("parse", lambda: securescan.parse(base_bytes))
    head = securescan.parse(head_bytes)
    done = timed("process", lambda: securescan.process(head))
    change = timed("diff", lambda: securescan.diff(base, head))
    sarif = timed("render", lambda: securescan.render(done, "sarif"))
    timed("summary", lambda: securescan.summary(done))
    timed("small", lambda: [securescan.process(securescan.parse(ONE)) for _ in range(1000)])


for _ in range(runs + 1):
    once()
for values in seconds.values():
    del values[0]  # to warm up


def said(*command: str) -> dict[str, float]:
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: float(value) for name, value in (line.split() for line in out.splitlines())}


rust = said(sys.argv[4], *sys.argv[1:4])
peer = said(sys.argv[5], str(Path(__file__).with_name("python_peer.py")), *sys.argv[6:8]) if len(sys.argv) == 8 else {}
print("| call | Rust, s | Python, s | ratio | published package, s | times |\n|---|---:|---:|---:|---:|---:|")
for name, values in seconds.items():
    ours, floor, theirs = statistics.median(values), rust[name], peer.get(name)
    beside = f"{theirs:.2f} | {theirs / ours:.0f}" if theirs else " | "
    print(f"| {name} | {floor:.4f} | {ours:.4f} | {ours / floor:.2f} | {beside} |")
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"\npeak memory, MiB, {runs + 1} runs: {memory:.0f}" + (f"; published package, one: {peer['memory']:.0f}" if peer else ""))
