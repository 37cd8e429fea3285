"""Whatever is passed, there is an exception, and the process goes on."""

from __future__ import annotations

import json
import threading
import unittest

import securescan_uniffi as ss
from support import finding, findings

E = ss.SecurescanError


class Misuse(unittest.TestCase):
    def test_each_error_has_its_class_its_code_and_its_place(self) -> None:
        cases = [
            (lambda: ss.Findings.from_json('[\n{"scanner":1}]'), E.Parse, "parse"),
            (lambda: ss.parse(b"\xff\xfe\x00"), E.Parse, "parse"),
            (lambda: ss.parse(json.dumps([finding(), finding()]).encode(), max_findings=1), E.Limit, "limit"),
            (lambda: ss.parse(b"{}", "no-such-tool"), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.Config.parse("a: [\n"), E.Config, "config"),
            (lambda: ss.Config.load("no/such/file.yml"), E.Io, "io"),
            (lambda: ss.Baseline.parse(b"{"), E.Baseline, "baseline"),
            (lambda: ss.Baseline.load("no/such/file.json"), E.Io, "io"),
            (lambda: ss.parse(b'{"a":1}'), E.Unsupported, "unsupported"),
            (lambda: ss.scan("{}"), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.scan('{"target":"no-such-folder"}'), E.Io, "io"),
            (lambda: ss.scan("[]"), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.scan('{"target":".","scanners":["nope"]}'), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.scan('{"target":".","tuyp":1}'), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.render(findings(), "no-such-format"), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.render(findings(), "json", '{"no":1}'), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.call("no-such-operation", "{}"), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.call("parse", "\x00"), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.fingerprint("null"), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.fingerprint("{}", "v9"), E.InvalidArgument, "invalid_argument"),
            (lambda: findings().get(0), E.InvalidArgument, "invalid_argument"),
            (lambda: findings().filter("{"), E.InvalidArgument, "invalid_argument"),
            (lambda: findings().sorted("luck"), E.InvalidArgument, "invalid_argument"),
            (lambda: findings().group_by("luck"), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.Baseline.from_findings(findings(), scan_types=["luck"]), E.InvalidArgument, "invalid_argument"),
            (lambda: ss.sbom("no-such-folder"), (E.Io, E.InvalidArgument), None),
        ]
        for number, (call, kind, code) in enumerate(cases):
            with self.subTest(number):
                with self.assertRaises(kind) as caught:
                    call()
                error = caught.exception
                self.assertIsInstance(error, ss.SecurescanError)
                parts = json.loads(error.json)
                self.assertEqual(parts["code"], error.code)
                self.assertIn(parts["message"], error.reason)
                self.assertIn(code, (None, error.code))
        with self.assertRaises(E.Parse) as caught:
            ss.Findings.from_json('[\n{"scanner":1}]')
        self.assertEqual(json.loads(caught.exception.json)["line"], 2)

    def test_a_secret_does_not_come_back_in_a_message(self) -> None:
        secret = "AKIA" + "Z7Q2M4X6K7P5R3T5"
        with self.assertRaises(E.InvalidArgument) as caught:
            ss.render(findings(), secret)
        self.assertNotIn(secret, str(caught.exception) + caught.exception.json)

    def test_wrong_types_are_refused_before_anything_is_called(self) -> None:
        for call in [
            lambda: ss.parse("text"),  # type: ignore[arg-type]
            lambda: ss.parse(None),  # type: ignore[arg-type]
            lambda: ss.Findings.from_json(b"[]"),  # type: ignore[arg-type]
            lambda: ss.Findings.from_json(5),  # type: ignore[arg-type]
            lambda: ss.diff(findings(), None),  # type: ignore[arg-type]
            lambda: ss.diff(findings(), ss.Cancel()),  # type: ignore[arg-type]
            lambda: ss.process(findings(), config=ss.Cancel()),  # type: ignore[arg-type]
            lambda: ss.scan('{"target":"."}', cancel=object()),  # type: ignore[arg-type]
            lambda: findings().get("0"),  # type: ignore[arg-type]
            lambda: ss.verify_webhook("a", "b", "c"),  # type: ignore[arg-type]
            lambda: ss.scan(),  # type: ignore[call-arg]
        ]:
            with self.assertRaises(TypeError):
                call()
        for call in [lambda: findings().get(-1), lambda: findings().get(2**64), lambda: ss.Findings()]:
            with self.assertRaises(ValueError):
                call()
        with self.assertRaises(UnicodeEncodeError):
            ss.Findings.from_json("\ud800")

    def test_nul_and_every_plane_come_back_as_they_went(self) -> None:
        title = "a\x00b \U0001f600 \u2028 é"
        self.assertEqual(json.loads(findings(finding(title=title)).get(0))["title"], title)

    def test_depth_is_no_danger(self) -> None:
        deep = "[" * 200_000
        for call in [lambda: ss.Findings.from_json(deep), lambda: ss.call("parse", '{"text":' + deep), lambda: ss.parse(deep.encode())]:
            with self.assertRaises(ss.SecurescanError):
                call()


class Threads(unittest.TestCase):
    def test_objects_are_used_from_many_threads_at_once(self) -> None:
        shared = findings(*[finding(line=n, severity=["low", "high"][n % 2]) for n in range(1, 200)])
        expected = ss.process(shared).findings.to_json()
        wrong: list[object] = []

        def work() -> None:
            try:
                for _ in range(5):
                    if ss.process(shared).findings.to_json() != expected or shared.filter('{"severity":"high"}').len() != 100:
                        wrong.append("another result")
                    try:
                        shared.get(10_000)
                    except E.InvalidArgument:
                        continue
                    wrong.append("no error")
            except BaseException as error:  # noqa: BLE001
                wrong.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_a_call_lets_other_threads_run(self) -> None:
        big = findings(*[finding(line=n) for n in range(1, 20_000)])
        ticks, done = [0], threading.Event()

        def tick() -> None:
            while not done.wait(0.001):
                ticks[0] += 1

        thread = threading.Thread(target=tick)
        thread.start()
        ss.process(big)
        done.set()
        thread.join()
        self.assertGreater(ticks[0], 2)
