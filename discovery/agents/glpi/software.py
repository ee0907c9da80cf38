"""The operating system, installed packages and databases of a machine."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from cmdb.identity.observation import Observation
from cmdb.schema.normal_forms import folded
from discovery.agents.glpi.inventory import Inventory
from discovery.agents.glpi.record import Record, distinct

MIB = 2**20


def observations(inventory: Inventory) -> Iterator[Observation]:
    """All software, each running on the machine."""
    yield from _operating_system(inventory)
    yield from _packages(inventory)
    for service in inventory.content.records("databases_services"):
        yield from _database_service(inventory, service)


def _operating_system(inventory: Inventory) -> Iterator[Observation]:
    os = inventory.content.record("operatingsystem")
    name = os.text("full_name", "name")
    if name is None:
        return
    attributes = {
        "product": os.text("name", "full_name"),
        "version": os.text("version"),
        "edition": os.text("service_pack"),
        "kernel": os.text("kernel_version"),
        "architecture": os.text("arch"),
        "install_date": os.date("install_date"),
    }
    yield from inventory.part(
        "software", "operating-system", "runs_on", "operating_system", os, name, attributes
    )


def _packages(inventory: Inventory) -> Iterator[Observation]:
    """Packages; several versions of one, such as kernels, are one package with all of them."""
    grouped: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for one in inventory.content.records("softwares"):
        name = one.required("name")
        if name is not None:
            grouped[folded(name), folded(one.text("arch") or "")].append(one)
    for (name, arch), records in grouped.items():
        newest = max(records, key=_age)
        id = f"{name}/{arch}" if arch else name
        yield from inventory.part(
            "package",
            id,
            "runs_on",
            "software_package",
            newest,
            newest.text("name"),
            _package(newest, records),
        )


def _age(package: Record) -> list[tuple[int, str]]:
    """A version in the order in which people count: 1.9 before 1.10."""
    parts = re.findall(r"\d+|[a-zA-Z]+", package.text("version") or "")
    return [(int(p), "") if p.isdecimal() and len(p) < 20 else (-1, p) for p in parts]


def _package(newest: Record, all_of_it: list[Record]) -> dict[str, Any]:
    versions = distinct(one.text("version") for one in all_of_it)
    return {
        "product": newest.text("name"),
        "version": newest.text("version"),
        "versions": sorted(versions) if len(versions) > 1 else None,
        "vendor": newest.text("publisher"),
        "architecture": newest.text("arch"),
        "package_manager": newest.text("from"),
        "category": newest.text("system_category"),
        "size": newest.number("filesize", 1 / MIB),
        "install_date": newest.date("install_date") or newest.date("installdate"),
        "install_path": newest.text("folder"),
        "description": newest.text("comments"),
    }


def _database_service(inventory: Inventory, service: Record) -> Iterator[Observation]:
    name, port = service.required("name", "type"), service.integer("port")
    if name is None:
        return
    id = f"{name}:{port}" if port else name
    attributes = {
        "product": name,
        "instance": name,
        "vendor": service.text("manufacturer"),
        "version": service.text("version"),
        "port": port or None,
        "install_path": service.text("path"),
        **_database(service),
    }
    yield from inventory.part("database", id, "runs_on", "database", service, name, attributes)
    parent = inventory.part_key("database", id)
    for one in service.records("databases"):
        own = one.required("name")
        if own is None:
            continue
        facts = {"product": name, "instance": own, **_database(one)}
        item = inventory.item(f"{parent}/{folded(own)}", "database", one, own, facts)
        if item is not None:
            item.within = parent
            yield item
            yield inventory.relation(item.key, "part_of", parent, one)


def _database(record: Record) -> dict[str, Any]:
    return {
        "size": record.number("size", 1 / 1024),
        "active": record.flag("is_active"),
        "backed_up": record.flag("is_onbackup"),
        "last_backup": record.date("last_backup_date"),
        "creation_date": record.date("creation_date"),
    }
