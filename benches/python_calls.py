"""The calls of `securescan-bench-calls` through the wheel (a release build), beside the Rust ones in one run.

    python python_calls.py BASE HEAD RUNS RUST_BINARY
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import securescan

if securescan.build_info()["debug"]:
    sys.exit("this is no release build")
base_bytes, head_bytes = (open(name, "rb").read() for name in sys.argv[1:3])
runs = int(sys.argv[3])
seconds: dict[str, list[float]] = {}


def timed(name: str, call: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    out = call()
    seconds.setdefault(name, []).append(time.perf_counter() - start)
    return out


ONE = '[{"scanner":"s","scan_type":"code","severity":"low","title":"t","file_path":"a.py"}]'
for _ in range(runs):
    base = timed("parse", lambda: securescan.parse(base_bytes))
    head = securescan.parse(head_bytes)
    done = timed("process", lambda: securescan.process(head))
    change = timed("diff", lambda: securescan.diff(base, head))
    sarif = timed("render", lambda: securescan.render(done, "sarif"))
    timed("summary", lambda: securescan.summary(done))
    timed("small", lambda: [securescan.process(securescan.parse(ONE)) for _ in range(1000)])
rust = dict(line.split() for line in subprocess.run([sys.argv[4], *sys.argv[1:4]], check=True, capture_output=True, text=True).stdout.splitlines())
print("| call | Rust, s | Python, s | ratio |\n|---|---:|---:|---:|")
for name, values in seconds.items():
    ours, floor = statistics.median(values), float(rust[name])
    print(f"| {name} | {floor:.4f} | {ours:.4f} | {ours / floor:.2f} |")
