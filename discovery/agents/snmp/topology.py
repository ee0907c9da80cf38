"""Layer-2 topology: the links of a device, to neighbours that are told by what identifies them.

A neighbour that LLDP or CDP names is told with what it says of itself. Of addresses that a switch
only learned, one alone at a port is a host plugged in there; several are beyond other switches, but
for those of one hypervisor: its own, and those it gave its guests. Which addresses belong to a
learned one is told by ARP; what ARP alone knows is no neighbour.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from cmdb.identity.observation import Observation
from cmdb.schema import normal_forms
from discovery.agents.snmp import addresses, bridge, neighbours, system
from discovery.agents.snmp.interfaces import AGGREGATE, PLUGGED, Interface
from discovery.agents.snmp.neighbours import Neighbour
from discovery.agents.snmp.report import Report
from discovery.agents.snmp.walk import Walk

ANNOUNCED, LEARNED = 0.8, 0.5
"""Confidence in what a neighbour announced, and in that a learned address is a neighbour."""

MOST_ADDRESSES, MOST_GUESTS = 4, 32
GUESTS = re.compile(r"00:50:56|00:0c:29|00:15:5d|00:16:3e|00:1c:14|52:54:00|fe:54:00|bc:24:11")
"""What hypervisors (VMware, Hyper-V, Xen, QEMU, Proxmox) give their guests."""

SHORT = (
    (r"TwentyFiveGig(?:abitEthernet|E)", "Twe"),
    (r"TenGig(?:abitEthernet|E)", "Te"),
    (r"FortyGig(?:abitEthernet|E)", "Fo"),
    (r"HundredGig(?:abitEthernet|E)", "Hu"),
    (r"TwoGigabitEthernet", "Tw"),
    (r"FiveGigabitEthernet", "Fi"),
    (r"GigabitEthernet", "Gi"),
    (r"FastEthernet", "Fa"),
    (r"Port-channel", "Po"),
)
"""The long names of ports in CDP, and the short ones that the same device has in ifName."""


def observations(
    report: Report, walk: Walk, interfaces: dict[int, Interface]
) -> Iterator[Observation]:
    """Each neighbour, once, and the links to it."""
    told: set[str | None] = set()
    for one in neighbours.announced(walk, interfaces):
        told.add(one.port)
        yield from _link(report, one, ANNOUNCED)
    for one in _plugged_in(walk, interfaces, told):
        yield from _link(report, one, LEARNED)


def _plugged_in(
    walk: Walk, interfaces: dict[int, Interface], told: set[str | None]
) -> Iterator[Neighbour]:
    """The hosts that are alone at their ports, where no neighbour was announced."""
    own = {one.mac for one in interfaces.values()}
    known: dict[str, set[str]] | None = None
    for index, macs in sorted(bridge.learned(walk).items()):
        port = interfaces.get(index)
        if port is None or port.name in told or port.if_type not in (*PLUGGED, AGGREGATE, None):
            continue
        host = host_of(macs - own)
        if host is not None:
            known = addresses.learned(walk) if known is None else known
            ips = sorted(known.get(host, ()))
            ips = ips if len(ips) <= MOST_ADDRESSES else []
            yield Neighbour(f"dot1dTpFdbTable {port.name}", port.name, mac=host, addresses=ips)


def host_of(macs: Iterable[str]) -> str | None:
    """The one host behind some addresses: the only one, or the hypervisor of all others.

    Addresses that routers share (VRRP, HSRP, CARP) are no host's; local ones identify none.
    """
    guests, others = [], []
    for one in macs:
        if GUESTS.match(one):
            guests.append(one)
        elif normal_forms.mac(one) is not None or _local(one):
            others.append(one)
    if len(others) == 1 and len(guests) <= MOST_GUESTS:
        found = others[0]
    elif len(guests) == 1 and not others:
        found = guests[0]
    else:
        return None
    return found if normal_forms.mac(found) is not None else None


def _local(mac: str) -> bool:
    """Whether an address is locally administered (IEEE 802)."""
    return bool(int(mac[1], 16) & 2)


def _link(report: Report, one: Neighbour, confidence: float) -> Iterator[Observation]:
    known = one.known
    if known is None:
        return
    key = report.part_key("neighbour", known)
    if not report.told(key):
        item = report.item(
            key,
            one.kind,
            one.section,
            one.name or known,
            _attributes(report, one),
            confidence=confidence,
            coverage="part",
        )
        if item is None:
            return
        yield item
    # Both ends name the link alike, whichever of them tells it.
    ends = sorted({short(port) for port in (one.port, one.remote_port) if port})
    yield report.relation(
        report.key,
        "connects_to",
        key,
        one.section,
        id="–".join(ends) or None,
        attributes={"ends": [report.key, key], "ports": [one.port, one.remote_port]},
        confidence=confidence,
    )


def _attributes(report: Report, one: Neighbour) -> dict[str, Any]:
    host = system.hostname(one.name)
    usable = [ip for ip in one.addresses if normal_forms.address(ip)]
    return {
        "hostname": host,
        "fqdn": one.name if host and normal_forms.fqdn(one.name) else None,
        "mac_addresses": [one.mac] if one.mac else [],
        "chassis_id": one.chassis,
        "ip_addresses": usable,
        "management_ip": usable[0] if usable else None,
        "model": one.model,
        "serial_number": one.serial if normal_forms.serial(one.serial) else None,
        "vendor": "Cisco" if one.serial else None,
        "description": one.description,
        "site": report.walk.site,
    }


def short(port: str) -> str:
    """The name of a port as a device writes it in ifName."""
    for long, brief in SHORT:
        match = re.fullmatch(rf"{long}\s*(\d.*)", port)
        if match is not None:
            return brief + match[1]
    return port
