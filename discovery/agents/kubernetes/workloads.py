"""Workloads: what runs in the cluster, each with all its pods as one, and what they are part of."""

from collections.abc import Iterator
from typing import Any

from cmdb.identity.observation import Observation, ObservedItem
from discovery.agents.kubernetes.objects import Object, Objects, listed
from discovery.agents.kubernetes.quantities import mebibytes, number

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob")
PART_OF = "app.kubernetes.io/part-of"


def observations(objects: Objects) -> Iterator[Observation]:
    """Each workload on its cluster, and the applications that labels say they are part of."""
    applications: dict[str, str] = {}
    for one in objects.of(*KINDS):
        yield _workload(objects, one)
        yield objects.relation(one, "hosted_on", objects.cluster_key)
        name = one.labels.get(PART_OF)
        if name:
            key = f"{objects.cluster}/application/{one.namespace}/{name}"
            applications.setdefault(key, name)
            yield objects.relation(one, "part_of", key)
    for key, name in applications.items():
        yield ObservedItem(key, "application", key, name=name, evidence={"label": PART_OF})


def pods(one: Object) -> dict[str, Any]:
    """The template of a workload's pods."""
    path = ("spec", "jobTemplate", "spec", "template") if one.kind == "CronJob" else None
    found = one.get(*(path or ("spec", "template")))
    return found if isinstance(found, dict) else {}


def _workload(objects: Objects, one: Object) -> ObservedItem:
    spec = pods(one).get("spec")
    containers = listed(spec.get("containers")) if isinstance(spec, dict) else []
    first = containers[0] if containers else {}
    ports = [
        f"{str(port.get('protocol') or 'TCP').lower()}/{port.get('containerPort')}"
        for each in containers
        for port in listed(each.get("ports"))
    ]
    wanted = one.get("spec", "replicas")
    ready = one.get("status", "readyReplicas")
    replicas = f" of {wanted} pods" if isinstance(wanted, int) else ""
    attributes = {
        "description": f"{one.kind}{replicas}",
        "image": first.get("image"),
        "namespace": one.namespace,
        "runtime": "Kubernetes",
        "ports": list(dict.fromkeys(ports)),
        "cpu_limit": _limit(containers, "cpu"),
        "memory_limit": _limit(containers, "memory"),
        "state": "running" if isinstance(ready, int) and ready > 0 else None,
    }
    return objects.item(one, "container", f"{one.namespace}/{one.name}", attributes)


def _limit(containers: list[dict[str, Any]], name: str) -> float | int | None:
    """What the containers of a pod may use together; None where one may use all."""
    total = 0.0
    for one in containers:
        resources = one.get("resources")
        limits = resources.get("limits") if isinstance(resources, dict) else None
        value = limits.get(name) if isinstance(limits, dict) else None
        found = mebibytes(value) if name == "memory" else number(value)
        if found is None:
            return None
        total += found
    return (round(total) if name == "memory" else round(total, 3)) or None
