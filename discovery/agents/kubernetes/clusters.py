"""The cluster, and its nodes."""

import re
from collections.abc import Iterator
from typing import Any

from cmdb.identity.observation import Observation, ObservedItem
from discovery.agents.kubernetes.objects import Object, Objects, listed
from discovery.agents.kubernetes.quantities import mebibytes, number

VIRTUAL = re.compile(
    r"(aws|gce|azure|openstack|vsphere|digitalocean|hcloud|alicloud|qcloud|kubevirt)://.*?([^/]+)"
)
"""Providers of virtual machines, in `spec.providerID`, and the id of the machine there."""


def observations(objects: Objects) -> Iterator[Observation]:
    """The cluster, and each node as its member."""
    nodes = list(objects.of("Node"))
    yield _cluster(objects, nodes)
    for node in nodes:
        yield _node(objects, node)
        yield objects.relation(node, "member_of", objects.cluster_key)


def _cluster(objects: Objects, nodes: list[Object]) -> ObservedItem:
    document = objects.document
    version = document.get("version") if isinstance(document, dict) else None
    said = version.get("gitVersion") if isinstance(version, dict) else None
    versions = sorted({str(one.get("status", "nodeInfo", "kubeletVersion")) for one in nodes})
    oldest = next((one for one in versions if one != "None"), None)
    attributes = {"cluster_type": "Kubernetes", "version": said or oldest}
    return ObservedItem(
        key=objects.cluster_key,
        type="cluster",
        place="cluster",
        name=f"Kubernetes {objects.server or objects.cluster}",
        attributes={name: value for name, value in attributes.items() if isinstance(value, str)},
        evidence={"nodes": len(nodes)},
    )


def _node(objects: Objects, node: Object) -> ObservedItem:
    addresses: dict[str, list[str]] = {}
    for one in listed(node.get("status", "addresses")):
        addresses.setdefault(str(one.get("type")), []).append(str(one.get("address")))
    match = VIRTUAL.fullmatch(str(node.get("spec", "providerID") or ""))
    hostname = next(iter(addresses.get("Hostname", ())), node.name)
    names = addresses.get("InternalDNS", []) + addresses.get("ExternalDNS", [])
    fqdn = next((one for one in [*names, hostname, node.name] if "." in one), None)
    cores = number(node.get("status", "capacity", "cpu"))
    attributes: dict[str, Any] = {
        "hostname": hostname.partition(".")[0],
        "fqdn": fqdn,
        "ip_addresses": addresses.get("InternalIP", []) + addresses.get("ExternalIP", []),
        "uuid": node.get("status", "nodeInfo", "systemUUID"),
        "operating_system": node.get("status", "nodeInfo", "osImage"),
        "kernel": node.get("status", "nodeInfo", "kernelVersion"),
        "architecture": node.get("status", "nodeInfo", "architecture"),
        "memory": mebibytes(node.get("status", "capacity", "memory")),
    }
    if match is not None:
        attributes |= {"instance_id": match[2], "hypervisor_type": match[1], "vcpus": cores}
        return objects.item(node, "virtual_machine", node.name, attributes)
    attributes["cpu_threads"] = int(cores) if cores else None
    return objects.item(node, "computer", node.name, attributes, coverage="part")
