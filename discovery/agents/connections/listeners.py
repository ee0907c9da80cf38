"""The host of a recording, and what listens on it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from cmdb.schema.catalog import builtin_catalog
from discovery.agents.connections import processes
from discovery.agents.connections.recording import Recording, sockets
from discovery.agents.connections.sockets import Socket

TEMPORARY = range(32_768, 65_536)
"""Ports that clients are given; Linux begins at 32768, others at 49152 (RFC 6335)."""

HOSTNAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?", re.ASCII)


@dataclass(slots=True)
class Listener:
    """A port on which the host is served, and by whom."""

    port: int
    protocols: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    anywhere: bool = False
    pids: set[int] = field(default_factory=set)
    process: str | None = None

    @property
    def local(self) -> bool:
        """Whether only the host itself can come to it."""
        return not self.anywhere and not self.addresses

    @property
    def protocol(self) -> str:
        """The protocol it is known by."""
        return min(self.protocols)


@dataclass(slots=True)
class Host:
    """A host, its key, and its listeners by port."""

    key: str
    site: str | None
    recording: Recording
    listeners: dict[int, Listener] = field(default_factory=dict)

    def port_key(self, port: int) -> str:
        """The key of what listens on a port. One port is one service, whatever the protocol."""
        return f"{self.key}/port/{port}"

    def program_key(self, process: str) -> str:
        """The key of a program that only connects."""
        return f"{self.key}/program/{process}"

    def evidence(self, **more: Any) -> dict[str, Any]:
        """What an observation rests on."""
        return {"table": self.recording.name, **more}

    def runs(self, key: str) -> ObservedRelation:
        """Says that something runs on the host."""
        at, place = self.recording.at, self.recording.name
        return ObservedRelation(
            key,
            "runs_on",
            self.key,
            place,
            within=self.key,
            observed_at=at,
            evidence=self.evidence(),
        )


def host_of(recording: Recording) -> Host:
    """The host of a recording and its listeners; its key is where it was asked, or its name."""
    said = recording.said
    name = said.get("target") or said.get("host") or recording.name
    site = said.get("site")
    made = Host(f"{name}@{site}" if site else name, site, recording)
    for _, one in sockets(recording):
        if one.listening and one.local.port and not _waits_for_answers(one):
            _listen(made, one)
    return made


def _waits_for_answers(one: Socket) -> bool:
    port = one.local.port or 0
    return one.protocol == "udp" and (port in TEMPORARY or port in processes.CLIENT_PORTS)


def _listen(host: Host, one: Socket) -> None:
    port = one.local.port or 0
    found = host.listeners.setdefault(port, Listener(port))
    found.protocols.add(one.protocol)
    address = one.local.address
    if address is None:
        found.anywhere = True
    elif not address.is_loopback:
        found.addresses.add(str(address))
    found.pids |= one.pids
    found.process = found.process or host.recording.process(one)


def observations(host: Host) -> Iterator[Observation]:
    """The host, and each of its listeners as running on it."""
    yield _machine(host)
    for port in sorted(host.listeners):
        yield _service(host, host.listeners[port])
        yield host.runs(host.port_key(port))


def _machine(host: Host) -> ObservedItem:
    recording = host.recording
    name = recording.said.get("host") or (None if recording.said.get("target") else recording.name)
    named = name is not None and HOSTNAME.fullmatch(name) is not None
    addresses = recording.addresses or sorted(
        str(one) for one in recording.own() if not (one.is_loopback or one.is_link_local)
    )
    key = recording.said.get("ssh-host-key")
    attributes: dict[str, Any] = {
        "hostname": name.partition(".")[0] if named and name else None,
        "fqdn": name if named and name and "." in name else None,
        "ip_addresses": addresses,
        "mac_addresses": recording.macs,
        "ssh_host_keys": [key] if key else [],
        "site": host.site,
    }
    return ObservedItem(
        key=host.key,
        type="unclassified",
        place=recording.name,
        name=name,
        attributes={name: value for name, value in attributes.items() if value},
        observed_at=recording.at,
        evidence=host.evidence(),
        coverage="part",
    )


def _service(host: Host, one: Listener) -> ObservedItem:
    ci_type = processes.type_of(one.process)
    bound = sorted(one.addresses)
    attributes: dict[str, Any] = {
        "port": one.port,
        "protocol": one.protocol,
        "process": one.process,
        "bind_address": bound[0] if len(bound) == 1 and not one.anywhere else None,
    }
    if one.local:
        attributes["bind_address"] = "127.0.0.1"
    known = builtin_catalog().attributes[ci_type]
    said = {n: v for n, v in attributes.items() if n in known and v is not None}
    where = f"{one.protocol}/{one.port}"
    return ObservedItem(
        key=host.port_key(one.port),
        type=ci_type,
        place=host.recording.name,
        name=f"{one.process} {where}" if one.process else where,
        attributes=said,
        within=host.key,
        observed_at=host.recording.at,
        evidence=host.evidence(protocols=sorted(one.protocols)),
        coverage=None if ci_type != "software_service" else "part",
    )


def serving(host: Host, one: Socket) -> list[Listener]:
    """What the process of a socket listens on itself, the lowest ports first."""
    name = host.recording.process(one)
    found = [each for each in host.listeners.values() if each.pids & one.pids]
    if not found and name is not None and not processes.is_runtime(name):
        found = [each for each in host.listeners.values() if each.process == name]
    open_ones = [each for each in found if not each.local] or found
    return sorted(open_ones, key=lambda each: each.port)
