"""Replaceable components, units of a stack, and file systems."""

from collections.abc import Callable, Iterator
from typing import Any

from cmdb.identity.observation import Observation
from cmdb.schema.normal_forms import serial
from discovery.agents.glpi.hardware import CHASSIS, is_disk, is_encrypted
from discovery.agents.glpi.inventory import Inventory
from discovery.agents.glpi.record import Record

PHYSICAL_CLASSES = {"powerSupply": "power_supply"}
"""entPhysicalClass (RFC 6933) → kind of component, where the word differs."""

Attributes = dict[str, Any]


def observations(inventory: Inventory, ci_type: str) -> Iterator[Observation]:
    """All parts of the machine that can be told from each other."""
    for section, (kind, describe) in SECTIONS.items():
        for record in inventory.content.records(section):
            yield from _component(inventory, record, kind, describe(record))
    bios = inventory.content.record("bios")
    yield from _component(inventory, bios, "mainboard", _mainboard(bios))
    yield from _physical(inventory, ci_type)
    yield from _file_systems(inventory)


def _component(
    inventory: Inventory, record: Record, kind: str, attributes: Attributes
) -> Iterator[Observation]:
    """A component, known by its serial number or else by its slot; nothing where it has neither.

    Agents tell some parts twice, such as a fan at each of its sensors.
    """
    id = attributes["serial_number"] or attributes.get("slot")
    if id is not None and inventory.part_key(kind, id) not in inventory.seen:
        name = record.text("name", "caption") or attributes["model"] or id
        facts = {"kind": kind, **attributes}
        yield from inventory.part(kind, id, "part_of", "component", record, name, facts)


def _disk(disk: Record) -> Attributes:
    size = disk.number("disksize")
    return {
        "vendor": disk.text("manufacturer"),
        "model": disk.text("model"),
        "serial_number": disk.serial("serial", "serialnumber"),
        "slot": disk.text("name") if is_disk(disk) else None,
        "firmware_version": disk.text("firmware"),
        "capacity": None if size is None else round(size * 10**6 / 2**20),  # millions of bytes
        "technology": disk.text("interface", "description"),
    }


def _memory(module: Record) -> Attributes:
    capacity = module.number("capacity")
    return {
        "vendor": module.text("manufacturer"),
        "model": module.text("model"),
        "serial_number": module.serial("serialnumber") if capacity else None,
        "slot": module.text("numslots") if capacity else None,  # else the slot is empty
        "capacity": capacity,
        "technology": module.text("type"),
        "speed": module.text("speed"),
    }


def _battery(battery: Record) -> Attributes:
    return {
        "vendor": battery.text("manufacturer"),
        "model": battery.text("name"),
        "serial_number": battery.serial("serial"),
        "technology": battery.text("chemistry"),
        "manufacture_date": battery.date("date"),
    }


def _monitor(monitor: Record) -> Attributes:
    return {
        "vendor": monitor.text("manufacturer"),
        "model": monitor.text("name", "caption"),
        "serial_number": monitor.serial("serial", "altserial"),
    }


def _power_supply(supply: Record) -> Attributes:
    return {
        "vendor": supply.text("manufacturer"),
        "model": supply.text("model", "name"),
        "part_number": supply.text("partnum"),
        "serial_number": supply.serial("serialnumber"),
        "slot": supply.text("location"),
        "power": supply.number("power_max"),
    }


def _controller(controller: Record) -> Attributes:
    return {
        "vendor": controller.text("manufacturer"),
        "model": controller.text("model"),
        "serial_number": controller.serial("serial"),
        "slot": None,  # most are part of the mainboard
    }


def _mainboard(bios: Record) -> Attributes:
    return {
        "vendor": bios.text("mmanufacturer"),
        "model": bios.text("mmodel"),
        "serial_number": bios.serial("msn"),
    }


SECTIONS: dict[str, tuple[str, Callable[[Record], Attributes]]] = {
    "storages": ("disk", _disk),
    "memories": ("memory", _memory),
    "batteries": ("battery", _battery),
    "monitors": ("monitor", _monitor),
    "powersupplies": ("power_supply", _power_supply),
    "controllers": ("controller", _controller),
}
"""Sections of components → their kind, and how one is described."""


def _physical(inventory: Inventory, ci_type: str) -> Iterator[Observation]:
    """The components of a scanned device (ENTITY-MIB, RFC 6933).

    The first chassis is the device itself; others are units of its stack, devices of their own.
    """
    records = [
        one
        for one in inventory.content.records("network_components")
        if one.serial("serial") and one.text("type")
    ]
    own = inventory.content.record("network_device").serial("serial")
    for record in records:
        kind, number = record.text("type"), record.serial("serial")
        if _same(number, own):
            continue
        facts = {
            "vendor": record.text("manufacturer"),
            "model": record.text("model"),
            "serial_number": number,
            "firmware_version": record.text("firmware"),
        }
        if kind == CHASSIS:
            yield from _unit(inventory, record, ci_type, facts)
        elif kind is not None:
            yield from _component(inventory, record, PHYSICAL_CLASSES.get(kind, kind), facts)


def _unit(
    inventory: Inventory, record: Record, ci_type: str, facts: Attributes
) -> Iterator[Observation]:
    device = inventory.content.record("network_device")
    unit = record.text("stack_number", "index")
    name = " ".join(filter(None, (device.text("name"), unit)))
    attributes = {
        **facts,
        "vendor": device.text("manufacturer") or facts["vendor"],
        "mac_addresses": record.macs("mac"),
        "ip_addresses": record.addresses("ip"),
    }
    key = inventory.part_key("unit", str(facts["serial_number"]))
    item = inventory.item(key, ci_type, record, name, attributes)
    if item is not None:
        item.within = None  # it is a device of its own
        yield item
        yield inventory.relation(key, "part_of", inventory.key, record)


def _same(one: str | None, other: str | None) -> bool:
    return other is not None and serial(one) == serial(other)


def _file_systems(inventory: Inventory) -> Iterator[Observation]:
    for drive in inventory.content.records("drives"):
        mounted = drive.text("letter", "type", "volumn")
        if mounted is None or drive.number("total") is None:
            continue  # a drive without media, or none that can be told from others
        encryption = (drive.text("encrypt_name"), drive.text("encrypt_algo"))
        attributes = {
            "mount_point": mounted,
            "format": drive.text("filesystem"),
            "volume": drive.text("volumn"),
            "label": drive.text("label"),
            "volume_id": drive.text("serial"),
            "size": drive.number("total"),
            "encrypted": is_encrypted(drive),
            "encryption": " ".join(filter(None, encryption)),
        }
        yield from inventory.part(
            "file-system", mounted, "part_of", "file_system", drive, mounted, attributes
        )
