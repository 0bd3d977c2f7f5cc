#!/usr/bin/env python3
"""Prints the pods that controllers would make of the objects on standard input (`kubectl get … -o json`), one of each
template, as a list: a server judges templates inside of custom objects only when their pods are made."""
import json
import sys

SPEC = {
    "activeDeadlineSeconds", "affinity", "automountServiceAccountToken", "containers", "dnsConfig", "dnsPolicy",
    "enableServiceLinks", "ephemeralContainers", "hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostUsers", "hostname",
    "imagePullSecrets", "initContainers", "nodeName", "nodeSelector", "os", "overhead", "preemptionPolicy", "priority",
    "priorityClassName", "readinessGates", "resourceClaims", "restartPolicy", "runtimeClassName", "schedulerName",
    "schedulingGates", "securityContext", "serviceAccountName", "setHostnameAsFQDN", "shareProcessNamespace", "subdomain",
    "terminationGracePeriodSeconds", "tolerations", "topologySpreadConstraints", "volumes",
}


def templates(value):
    """Everything that has containers, at any depth."""
    if isinstance(value, dict):
        if isinstance(value.get("containers"), list):
            yield {key: part for key, part in value.items() if key in SPEC}
            return
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from templates(part)


pods = []
for item in json.load(sys.stdin)["items"]:
    meta = item["metadata"]
    for number, spec in enumerate(templates(item.get("spec", {}))):
        for container in spec.get("initContainers", []) + spec["containers"]:
            container.setdefault("image", "said.elsewhere/by-the-job")  # a TrainJob names the image, its runtime does not
        name = f"{item['kind'].lower()}-{meta['name']}-{number}"[:63].rstrip("-.")
        pods.append({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": meta["namespace"]}, "spec": spec})
json.dump({"apiVersion": "v1", "kind": "List", "items": pods}, sys.stdout)
