"""A fleet of repositories scanned side by side; the interpreter is free while the engine works.

    python fleet.py FOLDER...
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import securescan


def scan(folder: str) -> securescan.ScanResult:
    return securescan.scan(folder, online=False, types=["code", "iac"], jobs=1)


with ThreadPoolExecutor(4) as pool:
    results = list(pool.map(scan, sys.argv[1:]))
for result in sorted(results, key=securescan.risk_score, reverse=True):
    counts = securescan.summary(result)
    print(f"{counts['risk_score']:5.1f}  {counts['critical']} critical, {counts['high']} high  {result.target}")
