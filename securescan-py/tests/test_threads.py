"""Many threads at once, and memory that stays flat."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import securescan


def test_threads_agree() -> None:
    def one(i: int) -> str:
        return securescan.fingerprint({"scanner": f"s{i % 10}"})

    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(one, range(2000)))
    assert parallel == [one(i) for i in range(2000)]
    assert len(set(parallel)) == 10


def test_errors_do_not_leak() -> None:
    def errors(n: int) -> None:
        for _ in range(n):
            with pytest.raises(securescan.InvalidArgument):
                securescan._call("version", "{")

    errors(50)
    gc.collect()
    before = sys.getallocatedblocks()
    errors(1000)
    gc.collect()
    assert sys.getallocatedblocks() - before < 500
