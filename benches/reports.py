"""Writes a made-up report of COUNT results of about 1 KB each, the same for the same arguments.

    python reports.py {sarif|semgrep|trivy} COUNT FILE

The texts are of the kind that tools write: paths, code, sentences, digests; a few results in a hundred quote something that looks
like a secret, as reports do.
"""

import json
import random
import sys

WORDS = "user order invoice session token report worker queue cache gateway mailer billing payment account stream parser".split()
RULES = 200


def texts(rng, index):
    a, b, c = rng.choice(WORDS), rng.choice(WORDS), rng.choice(WORDS)
    path = f"services/{a}/src/{b}/module_{rng.randrange(2000)}.py"
    code = f"    {a}_{index % 977} = {b}.execute(\"SELECT * FROM {c} WHERE id = %s\" % request.args.get('{a}'))  # see {c}"
    if rng.randrange(100) < 2:
        code = f"    {a}_key = 'AKIA{''.join(rng.choices('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', k=16))}'"
    text = (
        f"The value of `{a}` comes from a request and reaches `{b}.execute` in `{c}_handler` through {2 + rng.randrange(7)} functions "
        f"without validation. Whoever controls `{a}` can change the meaning of the statement, read the table `{c}` and write to it. "
        "Use parameters instead of formatting, and check the value against a list of allowed ones before it is used."
    )
    return a, b, c, path, code, text


def sarif(rng, count, write):
    rules = [
        {
            "id": f"python.lang.security.rule-{n}",
            "name": f"Rule{n}",
            "shortDescription": {"text": f"Untrusted data in statement {n}"},
            "fullDescription": {"text": f"Data of a request reaches statement {n} without validation."},
            "helpUri": f"https://example.org/rules/{n}",
            "defaultConfiguration": {"level": ("error", "warning", "note")[n % 3]},
            "properties": {"tags": ["security", f"CWE-{89 + n % 7}: weakness"], "precision": "high", "security-severity": "7.5"},
        }
        for n in range(RULES)
    ]
    driver = {"name": "bench", "version": "1.0.0", "rules": rules}
    write('{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":' + json.dumps({"driver": driver}))
    write(',"results":[')
    for index in range(count):
        a, b, c, path, code, text = texts(rng, index)
        rule, line = rng.randrange(RULES), 1 + rng.randrange(3000)
        region = {"startLine": line, "startColumn": 5, "endLine": line, "endColumn": 5 + len(code), "snippet": {"text": code}}
        place = {"physicalLocation": {"artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"}, "region": region}}
        item = {
            "ruleId": f"python.lang.security.rule-{rule}",
            "ruleIndex": rule,
            "level": ("error", "warning", "note")[rule % 3],
            "message": {"text": text},
            "locations": [place],
            "partialFingerprints": {"primaryLocationLineHash": f"{rng.getrandbits(64):016x}:{index % 9}"},
            "properties": {"module": f"{a}.{b}.{c}", "confidence": "high", "rank": index % 100},
        }
        write(("," if index else "") + json.dumps(item))
    write("]}]}")


def semgrep(rng, count, write):
    write('{"version":"1.182.0","results":[')
    for index in range(count):
        a, b, c, path, code, text = texts(rng, index)
        rule, line = rng.randrange(RULES), 1 + rng.randrange(3000)
        meta = {"cwe": ["CWE-89: SQL Injection"], "owasp": ["A03:2021 - Injection"], "confidence": "HIGH", "category": "security", "references": [f"https://example.org/rules/{rule}"]}
        extra = {"message": text, "metadata": meta, "severity": "ERROR", "fingerprint": "requires login", "lines": code, "validation_state": "NO_VALIDATOR", "engine_kind": "OSS"}
        place = {"path": path, "start": {"line": line, "col": 5, "offset": index}, "end": {"line": line, "col": 90, "offset": index + 85}}
        write(("," if index else "") + json.dumps({"check_id": f"rules.{a}.rule-{rule}", **place, "extra": extra}))
    write('],"errors":[],"paths":{"scanned":[]}}')


def trivy(rng, count, write):
    write('{"SchemaVersion":2,"ArtifactName":".","ArtifactType":"filesystem","Results":[')
    for index in range(count):
        a, b, c, _, _, text = texts(rng, index)
        name = f"{a}-{b}-{index}"
        item = {
            "VulnerabilityID": f"CVE-{2015 + index % 11}-{10000 + index % 80000}",
            "PkgID": f"{name}@1.2.3",
            "PkgName": name,
            "PkgIdentifier": {"PURL": f"pkg:npm/{name}@1.2.3", "UID": f"{rng.getrandbits(64):016x}"},
            "InstalledVersion": "1.2.3",
            "FixedVersion": "1.2.4, 2.0.1",
            "Status": "fixed",
            "SeveritySource": "ghsa",
            "PrimaryURL": f"https://avd.aquasec.com/nvd/cve-{index}",
            "Title": f"{name}: untrusted data in {c}",
            "Description": text,
            "Severity": ("LOW", "MEDIUM", "HIGH", "CRITICAL")[index % 4],
            "CweIDs": ["CWE-89"],
            "CVSS": {"nvd": {"V3Vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "V3Score": 9.8}},
            "References": [f"https://example.org/advisories/{index}", f"https://example.net/{a}/issues/{index % 5000}"],
            "PublishedDate": "2024-05-01T10:00:00Z",
        }
        if index % 500 == 0:
            target = {"Target": f"services/app{index // 500}/package-lock.json", "Class": "lang-pkgs", "Type": "npm"}
            write(("]}," if index else "") + json.dumps(target)[:-1] + ',"Vulnerabilities":[')
        write(("," if index % 500 else "") + json.dumps(item))
    write("]}]}")


def main():
    kind, count, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with open(path, "w", encoding="utf-8") as out:
        {"sarif": sarif, "semgrep": semgrep, "trivy": trivy}[kind](random.Random(7), count, out.write)


main()
