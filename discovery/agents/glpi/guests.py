"""Virtual machines and containers that a machine hosts."""

from collections.abc import Iterator
from typing import Any

from cmdb.identity.observation import Observation
from discovery.agents.glpi import kinds, machine
from discovery.agents.glpi.inventory import Inventory
from discovery.agents.glpi.record import Record


def observations(inventory: Inventory) -> Iterator[Observation]:
    """All guests, each hosted on the machine."""
    for guest in inventory.content.records("virtualmachines"):
        uuid = guest.text("uuid")
        name = guest.text("name") if uuid else guest.required("name")
        id = uuid or name
        if id is None:
            continue
        if kinds.is_container(guest):
            ci_type, attributes = "container", _container(guest, uuid)
        else:
            ci_type, attributes = "virtual_machine", _virtual_machine(guest, uuid)
        key = inventory.part_key("guest", id)
        item = inventory.item(key, ci_type, guest, name, attributes)
        if item is not None:
            item.within = None  # it may move to another host
            yield item
            yield inventory.relation(key, "hosted_on", inventory.key, guest)


def _container(guest: Record, uuid: str | None) -> dict[str, Any]:
    return {
        "container_id": uuid,
        "image": guest.text("image"),
        "runtime": guest.text("subsystem", "vmtype"),
        "state": guest.text("status"),
        "cpu_limit": guest.number("vcpu"),
        "memory_limit": guest.integer("memory"),
        "ip_addresses": guest.addresses("ipaddress"),
        "mac_addresses": guest.macs("mac"),
        "comments": guest.text("comment"),
    }


def _virtual_machine(guest: Record, uuid: str | None) -> dict[str, Any]:
    os = guest.record("operatingsystem")
    return {
        "uuid": uuid,
        "hostname": machine.hostname(os.text("fqdn")),
        "vcpus": guest.number("vcpu"),
        "memory": guest.integer("memory"),
        "power_state": guest.text("status"),
        "hypervisor_type": guest.text("subsystem", "vmtype"),
        "serial_number": guest.serial("serial"),
        "ip_addresses": guest.addresses("ipaddress"),
        "mac_addresses": guest.macs("mac"),
        "operating_system": os.text("full_name", "name"),
        "os_version": os.text("version"),
        "kernel": os.text("kernel_version"),
        "architecture": os.text("arch"),
        "comments": guest.text("comment"),
    }
