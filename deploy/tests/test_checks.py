"""The checks of a running service, against a stand-in: right in all, and wrong in one thing at a time."""

import os
import pathlib
import shutil
import socket
import subprocess

import pytest
from stand_in import ADMIN, READ, WRITE, Service

DEPLOY = pathlib.Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ["bash", "curl", "jq"])), reason="needs bash, curl and jq"
)
KEYS = {"READ_KEY": READ, "WRITE_KEY": WRITE, "ADMIN_KEY": ADMIN, "ONLY_ADMIN": "a"}


def check(script, url, **keys):
    env = {k: v for k, v in os.environ.items() if k not in KEYS and not k.lower().endswith("_proxy")}
    run = subprocess.run(["bash", DEPLOY / script, url], env={**env, **keys}, capture_output=True, text=True, timeout=120)
    assert not any(key in run.stdout + run.stderr for key in (READ, WRITE, ADMIN))
    return run


def of(run, word):
    """The numbers of the checks that came out so."""
    return [line.split()[1] for line in run.stdout.splitlines() if line.startswith(word)]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_hardened_service(slash):
    with Service() as service:
        run = check("hardening-check.sh", service.url + slash, **KEYS)
        assert (run.returncode, of(run, "pass"), run.stderr) == (0, list("123456"), "")
        assert run.stdout.splitlines()[-1] == "6 passed, 0 failed, 0 skipped"
        run = check("smoke-test.sh", service.url + slash, READ_KEY=READ)
        assert (run.returncode, of(run, "pass"), run.stderr) == (0, list("112345"), "")
        assert not any(key["revoked_at"] for key in service.keys.values())


@pytest.mark.parametrize(
    ("wrong", "failed", "skipped"),
    [
        ("open", "12", "346"),
        ("falls-through", "2", "346"),
        ("redirect", "12", "346"),
        ("scopes", "3", ""),
        ("webhooks", "4", ""),
        ("dead", "5", ""),
        ("lockout", "6", ""),
    ],
)
def test_each_hole_is_seen(wrong, failed, skipped):
    with Service(wrong) as service:
        run = check("hardening-check.sh", service.url, **KEYS)
    assert (run.returncode, of(run, "FAIL"), of(run, "skip")) == (1, list(failed), list(skipped)), run.stdout


@pytest.mark.parametrize(
    ("wrong", "failed", "skipped"),
    [
        ("open", "23", "4"),
        ("falls-through", "3", "4"),
        ("scopes", "4", ""),
        ("dead", "1", ""),
        ("unready", "1", ""),
        ("title", "5", ""),
    ],
)
def test_the_smoke_test_sees_it(wrong, failed, skipped):
    with Service(wrong) as service:
        run = check("smoke-test.sh", service.url, READ_KEY=READ)
    assert (run.returncode, of(run, "FAIL"), of(run, "skip")) == (1, list(failed), list(skipped)), run.stdout


def test_an_open_service_is_not_changed():
    with Service("open") as service:
        check("hardening-check.sh", service.url, **KEYS)
        check("smoke-test.sh", service.url, **KEYS)
        assert {method for method, _ in service.seen} == {"GET"}


@pytest.mark.parametrize(("script", "made"), [("hardening-check.sh", 2), ("smoke-test.sh", 1)])
def test_keys_are_made_and_revoked(script, made):
    with Service() as service:
        run = check(script, service.url, ADMIN_KEY=ADMIN)
        mine = [key for name, key in service.keys.items() if name.startswith("n")]
        assert len(mine) == made and all(key["revoked_at"] for key in mine), run.stdout
        assert not of(run, "FAIL") and service.keys["a"]["revoked_at"] is None


def test_what_was_skipped_is_not_green():
    with Service() as service:
        run = check("hardening-check.sh", service.url)
        assert (run.returncode, of(run, "pass"), of(run, "skip")) == (3, list("125"), list("346"))
        assert check("smoke-test.sh", service.url).returncode == 3
    with Service("no-keys") as service:
        assert check("smoke-test.sh", service.url, ADMIN_KEY=ADMIN).returncode == 3


def test_only_the_last_admin_key_is_tried():
    with Service() as service:
        for named in ("r", "none"):
            run = check("hardening-check.sh", service.url, **{**KEYS, "ONLY_ADMIN": named})
            assert (run.returncode, of(run, "skip")) == (3, ["6"])
        service.keys["b"] = {**service.keys["a"], "id": "b", "key": "ssk_b"}
        assert check("hardening-check.sh", service.url, **KEYS).returncode == 3
        assert not any(method == "DELETE" for method, _ in service.seen)


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    for script in ("hardening-check.sh", "smoke-test.sh"):
        run = check(script, url, **KEYS)
        assert run.returncode == 1 and "no answer" in run.stdout and not of(run, "pass")


@pytest.mark.parametrize("script", ["hardening-check.sh", "smoke-test.sh"])
def test_wrong_use(script):
    for url in ("", "example.com", "file:///etc/passwd"):
        run = check(script, url)
        assert run.returncode == 2 and run.stderr.startswith("usage: ") and run.stdout == ""
    # A key must not become an option of curl.
    run = check(script, "http://127.0.0.1:9", READ_KEY='x"\noutput = "/dev/null')
    assert run.returncode == 2 and "error: a key" in run.stderr
