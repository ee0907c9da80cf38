"""The device itself, and all that is told with it."""

from collections.abc import Iterator
from typing import Any

from cmdb.errors import CMDBError
from cmdb.identity.observation import Observation, ObservedItem
from cmdb.schema import normal_forms
from discovery.agents.snmp import addresses, bridge, entities, interfaces, mibs, system, topology
from discovery.agents.snmp.facts import Facts, facts
from discovery.agents.snmp.report import Report
from discovery.agents.snmp.walk import Walk


def observations(walk: Walk) -> Iterator[Observation | CMDBError]:
    """The device of a walk, its parts and its neighbours."""
    own = addresses.own(walk)
    found = interfaces.interfaces(walk)
    parts = entities.entities(walk)
    told = facts(walk, parts, found)
    bridge.set_vlans(walk, found)
    report = Report(walk, told.ci_type)
    item = _device(report, told, found, own, parts)
    if item is not None:
        yield item
        yield from interfaces.observations(report, found, own)
        described = {"name": item.name, "vendor": told.vendor}
        yield from entities.observations(report, parts, told.serial, described)
        yield from topology.observations(report, walk, found)
    yield from report.errors


def _device(
    report: Report,
    told: Facts,
    found: dict[int, interfaces.Interface],
    own: addresses.Own,
    parts: list[entities.Entity],
) -> ObservedItem | None:
    walk = report.walk
    ips = [one for some in own.values() for one in some if normal_forms.address(one)]
    if walk.address is not None and normal_forms.address(walk.address):
        ips.insert(0, walk.address)
    macs = interfaces.hardware_addresses(found)
    bridge_mac = walk.macs(mibs.BRIDGE_ADDRESS.removesuffix(".0")).get("0")
    units = entities.units(parts)
    attributes: dict[str, Any] = {
        **system.system(walk),
        **told.attributes(),
        "ip_addresses": list(dict.fromkeys(ips)),
        "mac_addresses": list(dict.fromkeys((bridge_mac, *macs) if bridge_mac else macs)),
        "ports": interfaces.ports(found),
        "stack_members": len(units) if len(units) > 1 else None,
        "power_supplies": sum(one.kind == 6 for one in parts) or None,
    }
    return report.item(
        report.key,
        told.ci_type,
        "system",
        walk.text(mibs.SYS_NAME),
        attributes,
        coverage="whole" if walk.complete and found else "part",
        attribute_confidence=told.confidence,
    )
