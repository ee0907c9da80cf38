"""Prometheus: what it watches, from `/api/v1/targets` or a file of that answer.

A target that a name or a cloud's id tells is told as a machine with what listens on its port. One
that only an address tells makes no machine: whoever has the address is told to be watched.
"""

import ipaddress
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cmdb.errors import CMDBError, MissingField, UnreadableInput, WrongValue, shown
from cmdb.identity.endpoints import Endpoint
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from discovery.service_agent import ServiceAgent
from discovery.web import Service

NAME = "prometheus"

HOSTNAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?", re.ASCII)
INSTANCE_IDS = (
    *("__meta_ec2_instance_id", "__meta_gce_instance_id", "__meta_openstack_instance_id"),
    *("__meta_azure_machine_id", "__meta_digitalocean_droplet_id", "__meta_hetzner_server_id"),
)
NAMES = ("nodename", "hostname", "host", "__meta_kubernetes_node_name", "__meta_consul_node")
"""Labels that tell the machine of a target."""

PORTS = {"http": 80, "https": 443}


def parse(document: Any) -> Iterator[Observation | CMDBError]:
    """The server, the machines and listeners it watches, and that it does."""
    data = document.get("data") if isinstance(document, dict) else None
    targets = data.get("activeTargets") if isinstance(data, dict) else None
    if not isinstance(targets, list):
        detail = "it must be the answer of /api/v1/targets, with 'data' and 'activeTargets'"
        raise UnreadableInput(place="document", detail=detail)
    server = document.get("server")
    server = server if isinstance(server, str) and server else NAME
    yield ObservedItem(server, "technical_service", "server", name=f"Prometheus {server}")
    seen: set[str] = set()
    relations: list[ObservedRelation] = []
    for position, target in enumerate(targets):
        place = f"activeTargets[{position}]"
        for found in _target(target, place, server):
            key = f"{found!r}" if isinstance(found, CMDBError) else _key(found)
            if key in seen:
                continue
            seen.add(key)
            if isinstance(found, ObservedRelation):
                relations.append(found)
            else:
                yield found
    yield from relations


def _key(found: Observation) -> str:
    if isinstance(found, ObservedItem):
        return found.key
    return f"{found.from_key} {found.type} {found.to_key}"


def _target(target: Any, place: str, server: str) -> Iterator[Observation | CMDBError]:
    if not isinstance(target, dict):
        yield WrongValue(place=place, name="it", value=shown(target), expected="an object")
        return
    text = target.get("scrapeUrl")
    if not isinstance(text, str):
        yield MissingField(place=place, name="scrapeUrl")
        return
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port or PORTS.get(url.scheme)
    except ValueError:
        host = port = None
    if host is None or port is None:
        yield WrongValue(place=place, name="'scrapeUrl'", value=shown(text), expected="a URL")
        return
    labels = {**_labels(target.get("discoveredLabels")), **_labels(target.get("labels"))}
    machine = _machine(host, labels, place)
    if machine is None:
        if (address := _address(host)) is not None and not address.is_loopback:
            end = Endpoint(str(address), "tcp", port, labels.get("site")).text()
            yield ObservedRelation(end, "managed_by", server, place)
        return
    yield machine
    job = labels.get("job")
    service = f"{machine.key}/port/{port}"
    yield ObservedItem(
        key=service,
        type="software_service",
        place=place,
        name=f"{job or 'exporter'} tcp/{port}",
        attributes={"port": port, "protocol": "tcp"},
        within=machine.key,
        evidence={"job": job} if job else {},
        coverage="part",
    )
    yield ObservedRelation(service, "runs_on", machine.key, place)
    yield ObservedRelation(service, "managed_by", server, place)


def _labels(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {name: one for name, one in value.items() if isinstance(one, str) and one}


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _machine(host: str, labels: dict[str, str], place: str) -> ObservedItem | None:
    """The machine of a target; None where nothing but an address is known of it."""
    address = _address(host)
    instance = next((labels[name] for name in INSTANCE_IDS if name in labels), None)
    named = [labels.get(name) for name in NAMES] if address is not None else [host]
    name = next((one for one in named if one and HOSTNAME.fullmatch(one)), None)
    if (name is None or name == "localhost") and instance is None:
        return None
    attributes: dict[str, Any] = {
        "hostname": name.partition(".")[0] if name else None,
        "fqdn": name if name and "." in name else None,
        "ip_addresses": [str(address)] if address is not None else None,
        "instance_id": instance,
        "site": labels.get("site"),
    }
    return ObservedItem(
        key=instance or name or host,
        type="unclassified" if instance is None else "virtual_machine",
        place=place,
        name=name,
        attributes={name: value for name, value in attributes.items() if value},
        coverage="part",
        confidence=0.8,
    )


def _fetch(service: Service) -> Any:
    answer = service.json("api/v1/targets", state="active")
    return {**answer, "server": service.address} if isinstance(answer, dict) else answer


AGENT = ServiceAgent("Prometheus: the machines and services it watches", parse, fetch=_fetch)
