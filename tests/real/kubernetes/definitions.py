#!/usr/bin/env python3
"""Writes the CustomResourceDefinitions that emitted objects need:  definitions.py OUT SCHEMAS EMITTED < FOLDERS

FOLDERS are lines with folders of the projects' own definitions. A kind that none of them defines is made of its JSON
schema, SCHEMAS/<group>/<kind>_<version>.json, where SCHEMAS is there: it checks the spec alike and takes any status.
What neither knows is printed: nobody can judge it here."""
import json
import pathlib
import re
import sys

out, schemas, emitted = map(pathlib.Path, sys.argv[1:])
BUILT_IN = re.compile(r"^(v1|(apps|batch|policy|autoscaling)/\w+|\S+\.k8s\.io/\w+)$")


def wanted():
    """(group, version, kind) of everything that the server does not know by itself."""
    kinds = set()
    for path in emitted.glob("*/out/**/kubernetes/**/*.yaml"):
        if path.name == "kustomization.yaml":
            continue
        for version, kind in re.findall(r"^apiVersion: (\S+)\nkind: (\S+)$", path.read_text(), re.M):
            if not BUILT_IN.match(version) or version.split("/")[0].endswith("x-k8s.io"):
                kinds.add((*version.strip('"').split("/"), kind.strip('"')))
    return kinds


def defined(folders):
    """The text of each definition by (group, kind): files are told apart by two fields, and not read as YAML."""
    texts = {}
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*.y*ml")):
            for text in re.split(r"^---.*$", path.read_text(), flags=re.M):
                group = re.search(r"^  group: (\S+)$", text, re.M)
                kind = re.search(r"^    kind: (\S+)$", text, re.M)
                if group and kind and re.search(r"^kind: CustomResourceDefinition$", text, re.M):
                    texts.setdefault((group[1], kind[1]), text)
    return texts


def made(group, version, kind):
    """A definition around a JSON schema; none without one. The plural is guessed: the server does not mind."""
    path = schemas / group / f"{kind.lower()}_{version}.json"
    if not path.exists():
        return None
    schema = json.loads(path.read_text())
    schema["type"] = "object"
    schema.setdefault("properties", {})["status"] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    rules = schema.get("x-kubernetes-validations", [])
    if rules:
        schema["x-kubernetes-validations"] = [rule for rule in rules if "self.status" not in rule["rule"].lower()]
    plural = kind.lower() + "s"
    return json.dumps({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "scope": "Namespaced",
                 "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": kind + "List"},
                 "versions": [{"name": version, "served": True, "storage": True, "subresources": {"status": {}},
                               "schema": {"openAPIV3Schema": schema}}]}})


known = defined(line.strip() for line in sys.stdin)
count, guessed = 0, []
for group, version, kind in sorted(wanted()):
    text = known.get((group, kind))
    if text is None:
        text = made(group, version, kind)
        guessed.append(kind)
    if text is None:
        print(f"{group}/{version} {kind}")
        continue
    count += 1
    (out / f"{group}_{kind}.yaml").write_text(text)
