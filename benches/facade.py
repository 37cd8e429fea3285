"""The same as `securescan-bench-facade`, through the wheel: `python facade.py BASE HEAD`."""

import statistics
import sys
import time

import securescan

RUNS = 5
base, head = (open(name, "rb").read() for name in sys.argv[1:3])
seconds: dict[str, list[float]] = {}
for _ in range(RUNS):
    before = securescan.parse(base)
    clock = [time.process_time()]
    now = securescan.parse(head)
    clock.append(time.process_time())
    now = securescan.process(now)
    clock.append(time.process_time())
    before = securescan.process(before)
    again = time.process_time()
    difference = securescan.diff(before, now)
    compared = time.process_time()
    text = securescan.render(now, "sarif")
    rendered = time.process_time()
    for name, value in zip(("parse", "process", "diff", "render"), (clock[1] - clock[0], clock[2] - clock[1], compared - again, rendered - compared)):
        seconds.setdefault(name, []).append(value)
for name, values in seconds.items():
    print(f"{name} {statistics.median(values):.6f}")
