"""Scans: events, listeners that raise, cancelling."""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any

import securescan_uniffi as ss

SLOW = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'bandit 1.9.4'; exit 0; fi\necho $$ >> \"{pids}\"\nexec sleep 60\n"


class Listener(ss.EventListener):
    """Keeps what it hears; raises what it is told to."""

    def __init__(self, raises: BaseException | None = None, when: str = "scan.start") -> None:
        self.seen: list[dict[str, Any]] = []
        self.threads: set[int] = set()
        self.raises, self.when = raises, when

    def on_event(self, event: str) -> None:
        self.threads.add(threading.get_ident())
        self.seen.append(json.loads(event))
        if self.raises is not None and self.seen[-1]["event"] == self.when:
            raise self.raises


class Scan(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.shop = self.folder / "shop"
        self.shop.mkdir()
        (self.shop / "Dockerfile").write_text("FROM scratch\nUSER root\n")
        (self.shop / "a.py").write_text("eval(input())\n")
        self.pids = self.folder / "pids"

    def options(self, **more: Any) -> str:
        return json.dumps({"target": str(self.shop), "scanners": ["dockerfile", "secrets"], "online": False, **more})

    def slow(self) -> str:
        """Options that make a scan wait for a tool that never ends."""
        tool = self.folder / "bandit"
        tool.write_text(SLOW.format(pids=self.pids))
        tool.chmod(0o755)
        return self.options(scanners=["bandit"], tool_paths={"bandit": str(tool)})

    def started(self) -> None:
        until = time.monotonic() + 20
        while not self.pids.exists():
            self.assertLess(time.monotonic(), until, "the tool never started")
            time.sleep(0.01)

    def assert_nothing_left(self) -> None:
        for pid in self.pids.read_text().split():
            until = time.monotonic() + 10
            while Path(f"/proc/{pid}").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
                self.assertLess(time.monotonic(), until, "the tool still runs")
                time.sleep(0.02)

    def test_events_come_on_the_callers_thread(self) -> None:
        listener = Listener()
        done = ss.scan(self.options(), listener=listener)
        names = [event["event"] for event in listener.seen]
        self.assertEqual((names[0], names[-1], names.count("scanner.complete")), ("scan.start", "scan.complete", 2))
        self.assertEqual(listener.threads, {threading.get_ident()})
        self.assertEqual(ss.scan(self.options()).findings.to_json(), done.findings.to_json())

    def test_a_listener_that_raises_stops_the_scan(self) -> None:
        for raises in [ZeroDivisionError("mine"), ss.ListenerError.Stopped("mine"), KeyError("mine")]:
            with self.subTest(raises), self.assertRaises(ss.SecurescanError.Cancelled) as caught:
                ss.scan(self.options(), listener=Listener(raises))
            self.assertEqual(caught.exception.code, "cancelled")
            self.assertIn("mine", caught.exception.reason)
            self.assertNotIn("\n", caught.exception.reason)
        self.assertGreater(ss.scan(self.options()).findings.len(), 0)

    def test_a_listener_that_raises_ends_what_runs(self) -> None:
        test = self

        class Late(Listener):
            def on_event(self, event: str) -> None:
                super().on_event(event)
                if self.seen[-1]["event"] == "scanner.start":
                    test.started()
                    raise RuntimeError("enough")

        with self.assertRaises(ss.SecurescanError.Cancelled):
            ss.scan(self.slow(), listener=Late())
        self.assert_nothing_left()

    def test_a_listener_calls_back_in(self) -> None:
        class Inside(Listener):
            def on_event(self, event: str) -> None:
                super().on_event(event)
                self.inner = ss.scan(options).findings

        options, listener = self.options(), Inside()
        self.assertEqual(ss.scan(options, listener=listener).findings.to_json(), listener.inner.to_json())

    def test_a_listener_that_cancels_is_not_too_late(self) -> None:
        class Cancels(Listener):
            def on_event(self, event: str) -> None:
                cancel.cancel()

        for _ in range(20):
            cancel = ss.Cancel()
            done = ss.scan(self.options(), cancel=cancel, listener=Cancels())
            self.assertTrue(json.loads(done.about)["cancelled"])

    def test_a_listener_is_let_go(self) -> None:
        gone: list[int] = []

        class Counted(Listener):
            def __del__(self) -> None:
                gone.append(1)

        for _ in range(20):
            ss.scan(self.options(scanners=["dockerfile"]), listener=Counted())
        gc.collect()
        self.assertEqual(len(gone), 20)

    def test_cancel_from_another_thread(self) -> None:
        cancel, got = ss.Cancel(), []
        thread = threading.Thread(target=lambda: got.append(ss.scan(self.slow(), cancel=cancel)))
        thread.start()
        self.started()
        self.assertFalse(cancel.is_cancelled())
        cancel.cancel()
        cancel.cancel()
        thread.join(30)
        self.assertEqual(len(got), 1, "the scan did not end")
        about = json.loads(got[0].about)
        self.assertEqual((about["cancelled"], about["complete"], cancel.is_cancelled()), (True, False, True))
        self.assert_nothing_left()

    def test_cancelled_before_it_began(self) -> None:
        cancel = ss.Cancel()
        cancel.cancel()
        self.assertTrue(json.loads(ss.scan(self.options(), cancel=cancel).about)["cancelled"])

    def test_a_configuration_and_a_baseline_are_objects(self) -> None:
        first = ss.scan(self.options())
        known = ss.Baseline.from_findings(first.findings)
        quiet = ss.scan(self.options(), config=ss.Config.parse(""), baseline=known)
        self.assertEqual(quiet.findings.filter('{"suppressed":false}').len(), 0)
        rules = sorted({json.loads(first.findings.get(i))["rule_id"] for i in range(first.findings.len())})
        ignoring = ss.Config.parse("ignored_rules: " + json.dumps(rules))
        self.assertGreater(json.loads(ss.scan(self.options(), config=ignoring).about)["suppressed"]["config"], 0)

    def test_scans_beside_each_other(self) -> None:
        expected, got = ss.scan(self.options()).findings.to_json(), []
        threads = [threading.Thread(target=lambda: got.append(ss.scan(self.options(), listener=Listener()).findings.to_json())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(got, [expected] * 4)


if sys.platform == "win32":
    del Scan
