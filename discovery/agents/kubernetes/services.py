"""Services and ingresses, and the workloads behind them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from cmdb.identity.observation import Observation
from discovery.agents.kubernetes import workloads
from discovery.agents.kubernetes.objects import Object, Objects, dig, listed, strings, texts

GROUP = "backends"


def observations(objects: Objects) -> Iterator[Observation]:
    """Each service with what it runs on, each ingress with what it depends on."""
    behind: dict[str, list[tuple[dict[str, str], str]]] = defaultdict(list)
    for one in objects.of(*workloads.KINDS):
        labels = texts(dig(workloads.pods(one), "metadata", "labels"))
        behind[one.namespace].append((labels, objects.key(one)))
    for one in objects.of("Service"):
        yield _service(objects, one)
        selector = texts(one.get("spec", "selector"))
        found = [key for labels, key in behind[one.namespace] if _selects(selector, labels)]
        group = GROUP if len(found) > 1 else None
        for key in found:
            yield objects.relation(one, "runs_on", key, group=group)
    for one in objects.of("Ingress"):
        yield from _ingress(objects, one)


def _selects(selector: dict[str, str], labels: dict[str, str]) -> bool:
    return bool(selector) and selector.items() <= labels.items()


def _service(objects: Objects, one: Object) -> Any:
    ports = listed(one.get("spec", "ports"))
    first = ports[0] if ports else {}
    address = one.get("spec", "clusterIP")
    attributes = {
        "description": f"Kubernetes service of type {one.get('spec', 'type') or 'ClusterIP'}",
        "port": first.get("port"),
        "protocol": str(first.get("protocol") or "TCP").lower() if first else None,
        "bind_address": None if address == "None" else address,
    }
    return objects.item(one, "software_service", f"{one.namespace}/{one.name}", attributes)


def _ingress(objects: Objects, one: Object) -> Iterator[Observation]:
    secure = {
        host for entry in listed(one.get("spec", "tls")) for host in strings(entry.get("hosts"))
    }
    urls, names = [], [dig(one.get("spec", "defaultBackend"), "service", "name")]
    for rule in listed(one.get("spec", "rules")):
        host = rule.get("host")
        for path in listed(dig(rule, "http", "paths")):
            names.append(dig(path, "backend", "service", "name"))
            if isinstance(host, str) and "*" not in host:
                scheme = "https" if host in secure else "http"
                urls.append(f"{scheme}://{host}{path.get('path') or '/'}")
    attributes = {"urls": list(dict.fromkeys(urls)), "product": "Ingress"}
    yield objects.item(one, "web_server", f"{one.namespace}/{one.name}", attributes)
    yield objects.relation(one, "runs_on", objects.cluster_key)
    found = [objects.find("Service", one.namespace, name) for name in dict.fromkeys(strings(names))]
    behind = [service for service in found if service is not None]
    for service in behind:  # without one of several it serves less, but serves
        relation = "depends_on" if len(behind) == 1 else "uses"
        yield objects.relation(one, relation, objects.key(service))
