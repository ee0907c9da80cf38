"""What a device is made of (ENTITY-MIB, RFC 6933): chassis, units of a stack, modules."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cmdb.identity.observation import Observation
from cmdb.schema import normal_forms
from discovery.agents.snmp import mibs
from discovery.agents.snmp.report import Report
from discovery.agents.snmp.walk import Walk

CHASSIS, MODULE, STACK = 3, 9, 11
KINDS = {
    4: "backplane",
    6: "power_supply",
    7: "fan",
    9: "module",
    10: "port",
    12: "cpu",
    14: "battery",
    15: "disk",
}
"""entPhysicalClass (RFC 6933) of parts that can be replaced alone."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A physical entity: one row of entPhysicalTable."""

    index: int
    kind: int | None = None
    within: int | None = None
    name: str | None = None
    description: str | None = None
    model: str | None = None
    serial: str | None = None
    maker: str | None = None
    firmware: str | None = None
    software: str | None = None


def entities(walk: Walk) -> list[Entity]:
    """All entities that say what they are, in the order of their indexes."""
    texts = {name: walk.texts(column) for name, column in TEXTS.items()}
    numbers = {name: walk.integers(column) for name, column in NUMBERS.items()}
    columns: list[dict[str, Any]] = [*texts.values(), *numbers.values()]
    rows = {row for one in columns for row in one if row.isdecimal()}
    return [
        Entity(
            index=int(row),
            kind=numbers["kind"].get(row),
            within=numbers["within"].get(row),
            **{name: values.get(row) for name, values in texts.items()},
        )
        for row in sorted(rows, key=int)
    ]


NUMBERS = {"kind": mibs.ENT_CLASS, "within": mibs.ENT_CONTAINED_IN}
TEXTS = {
    "name": mibs.ENT_NAME,
    "description": mibs.ENT_DESCR,
    "model": mibs.ENT_MODEL,
    "serial": mibs.ENT_SERIAL,
    "maker": mibs.ENT_MAKER,
    "firmware": mibs.ENT_FIRMWARE,
    "software": mibs.ENT_SOFTWARE,
}
"""The columns that are read, by what they are called here."""


def units(found: list[Entity]) -> list[Entity]:
    """The chassis with a serial number of their own, first that which the others are joined to."""
    chassis = [one for one in found if one.kind == CHASSIS and serial_of(one)]
    inside = {one.index for one in chassis}
    outer = [one for one in chassis if one.within not in inside]
    by_serial: dict[str | None, Entity] = {}
    for one in outer:
        by_serial.setdefault(normal_forms.serial(one.serial), one)
    return list(by_serial.values())


def main(found: list[Entity]) -> Entity | None:
    """The entity that is the device: its first chassis, or what stands in its place."""
    chassis = [one for one in found if one.kind == CHASSIS]
    outermost = [one for one in found if one.within == 0 and one.kind not in (STACK, None)]
    stacks = [one for one in found if one.kind == STACK]
    for some in (units(found)[:1], chassis, stacks, outermost, found[:1]):
        told = [one for one in some if one.model or serial_of(one)]
        if told:
            return told[0]
    return next(iter((*chassis, *outermost, *found)), None)


def only(found: list[Entity], fact: str) -> str | None:
    """The model or serial of chassis and modules, where all that tell one tell the same."""
    parts = [one for one in found if one.kind in (CHASSIS, STACK, MODULE, None)]
    values = {serial_of(one) if fact == "serial" else one.model for one in parts} - {None}
    return values.pop() if len(values) == 1 else None


def serial_of(one: Entity) -> str | None:
    """The serial number, where it is none of those that say nothing."""
    return one.serial if normal_forms.serial(one.serial) else None


def software_of(found: list[Entity], own: Entity | None) -> str | None:
    """The version of the software: the device's, or that of the first part that tells one."""
    if own is not None and own.software:
        return own.software
    parts = [one for one in found if one.kind in (CHASSIS, STACK, MODULE, None)]
    return next((one.software for one in parts if one.software), None)


def observations(
    report: Report, found: list[Entity], serial: str | None, facts: dict[str, Any]
) -> Iterator[Observation]:
    """The other units of a stack, as devices of their own, and the parts that have a serial."""
    known = {normal_forms.serial(serial)} if serial else set()
    for unit in units(found):
        if normal_forms.serial(unit.serial) not in known:
            known.add(normal_forms.serial(unit.serial))
            if serial is not None:
                yield from _unit(report, unit, facts)
    for one in found:
        kind = KINDS.get(one.kind or 0)
        number = normal_forms.serial(one.serial) if kind else None
        if kind is None or number is None or number in known:
            continue
        if not report.told(report.part_key(kind, one.serial or "")):
            yield from _part(report, one, kind)


def _unit(report: Report, unit: Entity, facts: dict[str, Any]) -> Iterator[Observation]:
    name = f"{facts['name'] or report.key} {unit.name or unit.index}"
    attributes = {
        "vendor": facts["vendor"],
        "model": unit.model,
        "serial_number": unit.serial,
        "software_version": unit.software,
        "firmware_version": unit.firmware,
        "site": report.walk.site,
    }
    section = f"entPhysicalTable.{unit.index}"
    key = report.part_key("unit", unit.serial or "")
    item = report.item(key, report.kind, section, name, attributes)
    if item is not None:  # it is a device of its own, and may be joined to another stack
        yield item
        yield report.relation(key, "part_of", report.key, section)


def _part(report: Report, one: Entity, kind: str) -> Iterator[Observation]:
    name = one.name or one.description or one.model or one.serial or kind
    attributes = {
        "kind": kind,
        "vendor": one.maker,
        "model": one.model or one.description,
        "serial_number": one.serial,
        "firmware_version": one.firmware or one.software,
        "slot": one.name,
    }
    section = f"entPhysicalTable.{one.index}"
    yield from report.part(kind, one.serial or "", "component", section, name, attributes)
