"""The hardware of a machine: firmware, processors, disks, units of a stack, as attributes."""

import re
from typing import Any

from cmdb.schema.normal_forms import serial
from discovery.agents.glpi.inventory import Inventory
from discovery.agents.glpi.record import YES, Record, distinct

Attributes = dict[str, Any]

CHASSIS = "chassis"
DISK_TYPES = re.compile(r"\b(cd|dvd|optical|floppy|tape|removable|media)\b|cd-?rom", re.IGNORECASE)
PORT_TYPES = frozenset({6, 56, 62, 69, 117})
"""ifType (IANA) of ports one can plug something into: Ethernet and Fibre Channel."""


def network_device(inventory: Inventory, device: Record) -> Attributes:
    """What a scanned device says of its hardware."""
    firmwares = inventory.content.records("firmwares")
    own = (f for f in firmwares if (f.text("type") or "device") in ("device", "system"))
    ports = inventory.content.records("network_ports")
    number = device.serial("serial")
    components = inventory.content.records("network_components")
    orders = (c.text("model") for c in components if number and c.serial("serial") == number)
    return {
        "description": device.text("description"),
        "vendor": device.text("manufacturer"),
        "model": device.text("model"),
        "part_number": next(filter(None, orders), None),
        "serial_number": number,
        "asset_tag": device.text("assettag"),
        "firmware_version": device.text("firmware") or next((f.text("version") for f in own), None),
        "memory": device.integer("ram", "memory"),
        "snmp_location": device.text("location"),
        "snmp_contact": device.text("contact"),
        "stack_members": units(components),
        "ports": sum(port.number("iftype") in PORT_TYPES for port in ports) or None,
    }


def bios(bios: Record) -> Attributes:
    """What the firmware says of a computer."""
    return {
        "vendor": bios.text("smanufacturer"),
        "model": bios.text("smodel"),
        "serial_number": bios.serial("ssn"),
        "part_number": bios.text("skunumber"),
        "asset_tag": bios.serial("assettag"),
        "bios_version": bios.text("bversion"),
        "bios_date": bios.date("bdate"),
        "secure_boot": bios.text("secure_boot"),
    }


def processors(cpus: list[Record]) -> Attributes:
    """What processors a computer has."""
    cores = [cpu.integer("core", "corecount") for cpu in cpus]
    threads = [cpu.integer("thread") for cpu in cpus]
    return {
        "cpu_model": ", ".join(distinct(cpu.text("name", "model") for cpu in cpus)),
        "cpu_count": len(cpus) or None,
        "cpu_cores": sum(filter(None, cores)) or None,
        "cpu_threads": sum(filter(None, threads)) or None,
        "cpu_speed": max(filter(None, (cpu.integer("speed") for cpu in cpus)), default=None),
        "vcpus": sum(filter(None, threads)) or sum(filter(None, cores)) or len(cpus) or None,
    }


def is_disk(storage: Record) -> bool:
    """Whether a drive is a disk that stays, rather than a drive for media or a stick."""
    said = " ".join(filter(None, (storage.text("type"), storage.text("description"))))
    return storage.text("interface") != "USB" and not DISK_TYPES.search(said)


def is_encrypted(drive: Record) -> bool | None:
    """Whether all of a drive is encrypted; None where the agent could not tell."""
    status = drive.text("encrypt_status")
    return None if status is None else status.casefold() in YES


def storage(inventory: Inventory) -> Attributes:
    """What disks and power supplies a machine has."""
    content = inventory.content
    sizes = [one.number("disksize") for one in content.records("storages") if is_disk(one)]
    total = sum(filter(None, sizes))
    systems = [
        drive
        for drive in content.records("drives")
        if drive.flag("systemdrive") or drive.text("type") == "/"
    ]
    encrypted = [one for drive in systems if (one := is_encrypted(drive)) is not None]
    supplies = content.records("powersupplies") or [
        one for one in content.records("network_components") if one.text("type") == "powerSupply"
    ]
    return {
        "disk": round(total * 10**6 / 2**30) or None,  # agents count in millions of bytes
        "encrypted": all(encrypted) if encrypted else None,
        "power_supplies": len(supplies) or None,
    }


def units(components: list[Record]) -> int | None:
    """How many chassis a stack has; None where it is none."""
    chassis = {
        serial(number)
        for one in components
        if one.text("type") == CHASSIS and (number := one.serial("serial"))
    }
    return len(chassis) if len(chassis) > 1 else None
