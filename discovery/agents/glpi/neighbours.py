"""Neighbours of scanned devices: what their ports say is at the other end.

A neighbour that LLDP or CDP names is told with what it says of itself. Of addresses that a switch
only learned, one alone at a port is a host plugged in there; several are beyond other switches.
"""

from collections.abc import Iterator
from typing import Any

from cmdb.identity.observation import Observation
from discovery.agents.glpi import interfaces, machine
from discovery.agents.glpi.inventory import Inventory
from discovery.agents.glpi.record import Record, distinct

ANNOUNCED, LEARNED = 0.8, 0.5
"""Confidence in what a neighbour announced, and in that a learned address is a neighbour."""

IDENTITIES = ("sysmac", "sysname", "ip")


def observations(inventory: Inventory) -> Iterator[Observation]:
    """Each neighbour, once, and the links to it."""
    ports = inventory.content.records("network_ports")
    names = interfaces.names_of(ports)
    for port in ports:
        found = port.records("connections")
        announced = [one for one in found if any(one.text(name) for name in IDENTITIES)]
        for one in announced:
            yield from _announced(inventory, port, names[port.place], one)
        learned = distinct(mac for one in found for mac in one.macs("mac"))
        if not announced and len(learned) == 1:
            yield from _link(
                inventory,
                port,
                names[port.place],
                learned[0],
                {"mac_addresses": learned},
                name=learned[0],
                confidence=LEARNED,
            )


def _announced(
    inventory: Inventory, port: Record, local: str, seen: Record
) -> Iterator[Observation]:
    mac, name, ip = seen.mac("sysmac"), seen.text("sysname"), seen.address("ip")
    known = mac or name or ip
    if known is None:
        return
    host = machine.hostname(name)
    attributes = {
        "hostname": host,
        "fqdn": name if host and name and "." in name else None,
        "mac_addresses": distinct([mac]),
        "ip_addresses": distinct([ip]),
        "management_ip": ip,
        "model": seen.text("model"),
        "description": seen.text("sysdescr"),
    }
    remote = seen.text("ifdescr", "ifnumber")
    yield from _link(
        inventory, port, local, known, attributes, name or known, remote, confidence=ANNOUNCED
    )


def _link(
    inventory: Inventory,
    port: Record,
    local: str,
    known: str,
    attributes: dict[str, Any],
    name: str,
    remote: str | None = None,
    *,
    confidence: float,
) -> Iterator[Observation]:
    key = inventory.part_key("neighbour", known)
    if key not in inventory.seen:
        item = inventory.item(key, "unclassified", port, name, attributes, confidence)
        if item is not None:
            item.within = None  # it is a machine of its own
            yield item
    # Both ends name the link alike, whichever of them reports it.
    yield inventory.relation(
        inventory.key,
        "connects_to",
        key,
        port,
        id="–".join(sorted(distinct([local, remote]))),
        attributes={"ends": [inventory.key, key], "ports": [local, remote]},
        confidence=confidence,
    )
