"""The machine itself: what its sections say of it, as attributes."""

import base64
import binascii
import hashlib
import re
from typing import Any

from cmdb.identity.observation import ObservedItem
from cmdb.schema.normal_forms import address
from discovery.agents.glpi import hardware, kinds
from discovery.agents.glpi.inventory import Inventory
from discovery.agents.glpi.record import Record, distinct, listed, offset

Attributes = dict[str, Any]

HOSTNAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?", re.ASCII)


def machine(inventory: Inventory, ci_type: str) -> ObservedItem | None:
    """The machine the inventory is of."""
    content = inventory.content
    basics, device = content.record("hardware"), content.record("network_device")
    os = content.record("operatingsystem")
    name = device.text("name") or basics.text("name")
    fqdn = os.text("fqdn")
    parts = (
        hardware.network_device(inventory, device),
        _basics(inventory, basics),
        hardware.bios(content.record("bios")),
        _operating_system(os),
        hardware.processors(content.records("cpus")),
        hardware.storage(inventory),
        _addresses(inventory, device),
        _people(inventory, basics),
        _protection(inventory),
        _printer(inventory),
        _phone(inventory),
    )
    attributes: Attributes = {
        "hostname": hostname(name),
        "fqdn": fqdn if fqdn and "." in fqdn and HOSTNAME.fullmatch(fqdn) else None,
        "tags": [inventory.tag] if inventory.tag else None,
        "inventory_agent": content.text("versionclient"),
    }
    for part in parts:
        attributes |= {name: value for name, value in part.items() if value not in (None, "", [])}
    return inventory.item(inventory.key, ci_type, content, name, attributes)


def hostname(name: str | None) -> str | None:
    """The name without domain, where it can be a host's name at all (RFC 1123)."""
    if name is None or not HOSTNAME.fullmatch(name):
        return None
    first = name.partition(".")[0]
    return name if first.isdigit() else first


def _basics(inventory: Inventory, basics: Record) -> Attributes:
    memory = basics.integer("memory")
    uuid = basics.text("uuid")
    return {
        "uuid": uuid,
        "container_id": uuid,
        "description": basics.text("description"),
        "memory": memory,
        "memory_limit": memory,
        "swap": basics.integer("swap"),
        "domain": basics.text("workgroup"),
        "default_gateway": next(iter(basics.addresses("defaultgateway")), None),
        "dns_servers": basics.addresses("dns"),
        "hypervisor_type": kinds.virtual_on(inventory) or _hosted_with(inventory),
        "form": kinds.form_of(inventory),
    }


def _hosted_with(inventory: Inventory) -> str | None:
    """What a host runs its guests with."""
    guests = inventory.content.records("virtualmachines")
    found = (g.text("subsystem", "vmtype") for g in guests if not kinds.is_container(g))
    return ", ".join(distinct(found)) or None


def _operating_system(os: Record) -> Attributes:
    zone = os.record("timezone")
    return {
        "operating_system": os.text("full_name", "name"),
        "os_version": os.text("version"),
        "kernel": os.text("kernel_version"),
        "architecture": os.text("arch"),
        "domain": os.text("dns_domain"),
        "last_boot": os.time("boot_time", offset(zone.text("offset"))),
        "time_zone": zone.text("name"),
        "ssh_host_keys": _fingerprints(os),
        "platform": os.text("name"),
    }


def _fingerprints(os: Record) -> list[str]:
    """The SHA-256 fingerprint of the SSH host key, as OpenSSH writes it (RFC 4253, section 6.6)."""
    key = os.text("ssh_key")
    if key is None:
        return []
    try:
        blob = base64.b64decode(key.split()[1], validate=True)
    except (IndexError, binascii.Error, ValueError):
        os.wrong("ssh_key", "a public key as OpenSSH writes it")
        return []
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return [f"SHA256:{digest}"]


def _addresses(inventory: Inventory, device: Record) -> Attributes:
    networks = inventory.content.records("networks")
    ports = inventory.content.records("network_ports")
    managing = [one for one in networks if one.flag("management")]
    own = [one for one in networks if not one.flag("management")]
    addresses: list[str | None] = list(device.addresses("ips"))
    for one in own:
        addresses += (one.address("ipaddress"), one.address("ipaddress6"))
    for port in ports:
        addresses += port.addresses("ips")
    addresses = [one for one in distinct(addresses) if address(one)]
    macs = [one.mac("mac") for one in own if not one.flag("virtualdev")]
    macs = [device.mac("mac"), *macs, *(port.mac("mac") for port in ports)]
    only = addresses[0] if len(addresses) == 1 and device.fields else None
    return {
        "ip_addresses": addresses,
        "mac_addresses": distinct(macs),
        "management_ip": only,
        "bmc_ip": next(filter(None, (one.address("ipaddress") for one in managing)), None),
    }


def _people(inventory: Inventory, basics: Record) -> Attributes:
    users = []
    for user in inventory.content.records("users"):
        login, domain = user.text("login"), user.text("domain")
        users.append(f"{domain}\\{login}" if login and domain else login)
    tools = [
        " ".join(filter(None, (tool.text("type"), tool.text("id"))))
        for tool in inventory.content.records("remote_mgmt")
    ]
    return {
        "last_user": basics.text("lastloggeduser"),
        "logged_on_users": sorted(distinct(users)),
        "remote_access": distinct(tools),
    }


def _protection(inventory: Inventory) -> Attributes:
    products = inventory.content.records("antivirus")
    running = [one for one in products if one.flag("enabled")]
    fresh = [one.flag("uptodate") for one in running]
    filters = [one.flag("status") for one in inventory.content.records("firewalls")]
    known = [one for one in filters if one is not None]
    return {
        "antivirus": distinct(
            " ".join(filter(None, (one.text("name"), one.text("version")))) for one in products
        ),
        "antivirus_enabled": bool(running) if products else None,
        "antivirus_up_to_date": any(fresh) if running and None not in fresh else None,
        "firewall_enabled": all(known) if known else None,
    }


def _printer(inventory: Inventory) -> Attributes:
    pages = inventory.content.record("pagecounters")
    color = pages.integer("color", "printcolor")
    return {
        "page_count": pages.integer("total"),
        "page_count_black": pages.integer("black", "printblack"),
        "page_count_color": color,
        "page_count_duplex": pages.integer("rectoverso", "duplex"),
        "page_count_scanned": pages.integer("scanned"),
        "color": True if color else None,
    }


def _phone(inventory: Inventory) -> Attributes:
    cards = inventory.content.records("simcards")
    modems = inventory.content.records("modems")
    card = cards[0] if cards else Record({}, "", inventory.notes.add)
    imeis = [
        Record({"imei": value}, modem.place, modem.note).text("imei")
        for modem in modems
        for value in listed(modem.fields.get("imei"))
    ]
    return {
        "number": card.text("phone_number"),
        "imei": next(filter(None, imeis), None),
        "imsi": card.text("subscriber_id"),
        "iccid": card.text("iccid", "serial"),
        "carrier": card.text("operator_name"),
    }
