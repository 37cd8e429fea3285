"""The files of `deploy/` agree with each other, with the documentation, and with the versions that the tests of the scanners run."""

import pathlib
import re

import crossplane
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
SERVE = ["serve", "--host", "0.0.0.0", "--port", "8000", "--workers", "1"]
HOME_CONFIG = "/home/nonroot/.config/securescan"
ENV = re.findall(r"^#?([A-Z_]+)=(.*)$", (DEPLOY / ".env.example").read_text(), re.M)


def documents(path):
    return list(yaml.safe_load_all(path.read_text()))


@pytest.mark.parametrize("path", sorted([*DEPLOY.rglob("*.y*ml"), ROOT / "compose.yaml"]), ids=lambda p: p.name)
def test_yaml(path):
    assert all(isinstance(document, dict) for document in documents(path))


def resources():
    listed = documents(DEPLOY / "kubernetes/kustomization.yaml")[0]["resources"]
    return {r["kind"]: r for name in listed for r in documents(DEPLOY / "kubernetes" / name)}


def test_the_manifests_are_all_listed_and_fit_each_other():
    listed = documents(DEPLOY / "kubernetes/kustomization.yaml")[0]["resources"]
    assert sorted([*listed, "kustomization.yaml"]) == sorted(p.name for p in (DEPLOY / "kubernetes").iterdir())
    all_ = resources()
    spec = all_["Deployment"]["spec"]
    labels, pod = spec["template"]["metadata"]["labels"], spec["template"]["spec"]
    assert labels == spec["selector"]["matchLabels"] == all_["Service"]["spec"]["selector"]
    assert labels == all_["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]
    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")
    assert pod["serviceAccountName"] == all_["ServiceAccount"]["metadata"]["name"]
    container = pod["containers"][0]
    assert container["args"] == SERVE and container["ports"][0]["containerPort"] == 8000
    assert all_["Service"]["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"]
    assert container["envFrom"] == [{"secretRef": {"name": "securescan-secrets"}}]
    assert container["livenessProbe"]["httpGet"] == {"path": "/health", "port": 8000}
    assert container["readinessProbe"]["httpGet"] == {"path": "/ready", "port": 8000}
    assert sorted(v["name"] for v in pod["volumes"]) == sorted(v["name"] for v in container["volumeMounts"])
    assert {v["mountPath"] for v in container["volumeMounts"]} == {"/data", "/tmp", HOME_CONFIG}
    claim = next(v for v in pod["volumes"] if v["name"] == "data")["persistentVolumeClaim"]["claimName"]
    assert claim == all_["PersistentVolumeClaim"]["metadata"]["name"]
    assert {r["metadata"].get("namespace") for r in all_.values() if r["kind"] != "Namespace"} == {"securescan"}


def test_compose_serves_this_machine_alone():
    for path, extra in [(ROOT / "compose.yaml", ["--allow-unauthenticated"]), (DEPLOY / "compose.yaml", [])]:
        backend = documents(path)[0]["services"]["backend"]
        assert backend["command"] == SERVE + extra
        assert backend["ports"] == ["127.0.0.1:8000:8000"]
        assert backend["read_only"] and backend["cap_drop"] == ["ALL"] and "no-new-privileges:true" in backend["security_opt"]
        targets = [volume.split(":")[1] for volume in backend["volumes"]] + [mount.split(":")[0] for mount in backend["tmpfs"]]
        assert {"/data", "/tmp"} <= set(targets)


def test_one_image_everywhere():
    named = {resources()["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"]}
    named.add(re.search(r":-(.*)}", documents(DEPLOY / "compose.yaml")[0]["services"]["backend"]["image"])[1])
    named |= set(re.findall(r"ghcr\.io/[a-z]+/securescan:v[0-9.]+", (DEPLOY / "README.md").read_text()))
    assert len(named) == 1


def test_the_image_has_what_is_mounted():
    assert "USER 65532:65532" in DOCKERFILE and "\nEXPOSE 8000\n" in DOCKERFILE and '"securescan"]\nCMD' in DOCKERFILE
    security = resources()["Deployment"]["spec"]["template"]["spec"]["securityContext"]
    assert {security[k] for k in ("runAsUser", "runAsGroup", "fsGroup")} == {65532}
    for setting in ("SECURESCAN_DB_PATH=/data/scans.db", "SECURESCAN_IN_CONTAINER=1", "HOME=/home/nonroot"):
        assert setting in DOCKERFILE


def test_base_images_and_archives_are_pinned():
    images = [line.split()[1] for line in re.findall(r"^FROM .*", DOCKERFILE, re.M)]
    assert len(images) == 5 and all(re.search(r":[\d.]+[a-z-]*@sha256:[0-9a-f]{64}$", image) for image in images)
    sums = re.findall(r'_sum="([^"]*)"', DOCKERFILE)
    assert len(sums) == len(set(sums)) == 4 and all(re.fullmatch("[0-9a-f]{64}", s) for s in sums)


@pytest.mark.parametrize("wanted", sorted((DEPLOY / "scanners").glob("*.in")), ids=lambda p: p.stem)
def test_scanners_are_locked_as_tested(wanted):
    tools = (ROOT / "xtask/src/steps/tools.rs").read_text()
    lock = wanted.with_suffix(".txt").read_text()
    for line in wanted.read_text().split():
        assert f'"{line}"' in tools, f"{line} is not what the tests of the scanners run"
        # Without extras: the lock has them or not.
        bare = re.sub(r"\[.*?]", "", line)
        assert f"\n{bare} " in re.sub(r"\[.*?]", "", lock)
    packages = re.findall(r"^([a-z0-9][^\s=]*)==", lock, re.M)
    assert len(packages) == len(set(packages))
    entries = re.split(r"\n(?=[a-z])", lock.split("\n", 1)[1])
    assert all("--hash=sha256:" in entry for entry in entries) and len(entries) == len(packages)
    assert wanted.stem in re.search(r"for name in (.*); do", DOCKERFILE)[1].split()


def test_no_secret_is_given_and_every_variable_is_known():
    known = DEPLOY.parent / "docs/server.md"
    values = dict(ENV)
    assert values["SECURESCAN_API_KEY"] == values["SECURESCAN_EVENT_TOKEN_SECRET"] == values["SECURESCAN_ZAP_API_KEY"] == ""
    assert values["SECURESCAN_AUTH_REQUIRED"] == "1"
    if known.is_file():
        used = set(values) | set(re.findall(r"SECURESCAN_[A-Z_]+(?==)", DOCKERFILE))
        assert {name for name in used if f"`{name}`" not in known.read_text()} == set()


def nginx(tmp_path):
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"events {{}}\nhttp {{ include {DEPLOY}/proxy/nginx.conf; }}\n")
    return crossplane.parse(str(whole), strict=True)


def test_nginx(tmp_path):
    parsed = nginx(tmp_path)
    assert parsed["status"] == "ok", parsed["errors"]
    server = [block for block in parsed["config"][1]["parsed"] if block["directive"] == "server"][1]["block"]
    events = next(b for b in server if b["directive"] == "location" and b["args"][0] == "~" and "events" in b["args"][1])
    assert {"directive": "proxy_buffering", "args": ["off"]}.items() <= next(
        d for d in events["block"] if d["directive"] == "proxy_buffering"
    ).items()
    pattern = re.compile(events["args"][1])
    assert all(pattern.search(f"/api{v}/scans/0b6f/events") for v in ("", "/v1"))
    assert not any(pattern.search(path) for path in ("/api/v1/scans/0b6f", "/api/v1/scans/a/b/events", "/api/v1/scans/0b6f/events/x"))


def test_caddy_passes_the_same_events():
    text = (DEPLOY / "proxy/Caddyfile").read_text()
    assert re.search(r"@events path_regexp (\S+)", text)[1] in (DEPLOY / "proxy/nginx.conf").read_text()
    assert text.count("{") == text.count("}") and "flush_interval -1" in text


def test_the_unit_keeps_its_data_where_the_documentation_says():
    unit = (DEPLOY / "systemd/securescan.service").read_text()
    assert "SECURESCAN_DB_PATH=/var/lib/securescan/scans.db" in unit and "StateDirectory=securescan" in unit
    assert re.search(r"ExecStart=/usr/local/bin/securescan serve --host 127\.0\.0\.1 --port 8000 --workers 1\n", unit)
    assert len(re.findall(r"^RestartPreventExitStatus=1 2$", unit, re.M)) == 1
