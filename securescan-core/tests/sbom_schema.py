#!/usr/bin/env python3
"""Validates bills of materials against the official schemas: sbom_schema.py SCHEMA_FOLDER FILE...

CycloneDX 1.6 and SPDX 2.3 documents are told apart by their content; nothing is fetched. Every reference inside a document must
lead somewhere. Needs `jsonschema` from PyPI. Exit status 0 when all are valid, 1 when one is not, 2 for wrong usage.
"""

import json
import pathlib
import sys

CYCLONEDX = ["bom-1.6.schema.json", "spdx.schema.json", "jsf-0.82.schema.json"]


def dangling(document):
    """References without a target."""
    if "bomFormat" in document:
        known = [c["bom-ref"] for c in document["components"]] + [document["metadata"]["component"]["bom-ref"]]
        used = [r for d in document["dependencies"] for r in [d["ref"], *d.get("dependsOn", [])]]
    else:
        known = [p["SPDXID"] for p in document["packages"]] + [document["SPDXID"]]
        used = [r for d in document["relationships"] for r in (d["spdxElementId"], d["relatedSpdxElement"])]
    return sorted(set(used) - set(known)) + [r for r in set(known) if known.count(r) > 1]


def main(args):
    if len(args) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    from jsonschema import validators
    from referencing import Registry, Resource

    folder = pathlib.Path(args[0])
    read = lambda name: json.loads((folder / name).read_text("utf-8"))
    cyclonedx, licenses, signatures = map(read, CYCLONEDX)
    base = "http://cyclonedx.org/schema/"
    resources = [(base + name, Resource.from_contents(s)) for name, s in zip(CYCLONEDX[1:], (licenses, signatures))]
    registry = Registry().with_resources(resources)
    spdx = read("spdx-2.3.schema.json")
    bad = 0
    for name in args[1:]:
        document = json.loads(pathlib.Path(name).read_text("utf-8"))
        schema = cyclonedx if "bomFormat" in document else spdx
        cls = validators.validator_for(schema)
        cls.check_schema(schema)
        validator = cls(schema, registry=registry, format_checker=cls.FORMAT_CHECKER)
        errors = sorted(validator.iter_errors(document), key=lambda e: [str(p) for p in e.absolute_path])
        for error in errors[:10]:
            print(f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
        lost = dangling(document)
        for reference in lost[:10]:
            print(f"{name}: `{reference}` leads nowhere or is there twice")
        count = len(document.get("components") or document.get("packages") or [])
        wrong = bool(errors or lost)
        print(f"{name}: {'INVALID' if wrong else 'valid'} ({count} packages)")
        bad += wrong
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
