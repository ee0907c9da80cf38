"""Network interfaces: `networks` of computers, `network_ports` of scanned devices."""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from cmdb.identity.observation import Observation
from discovery.agents.glpi.inventory import Inventory
from discovery.agents.glpi.record import Record, distinct

KIND = "interface"

ADMIN_STATUS = {1: "up", 2: "down", 3: "testing"}
OPER_STATUS = {
    1: "up",
    2: "down",
    3: "testing",
    4: "unknown",
    5: "dormant",
    6: "not_present",
    7: "lower_layer_down",
}
"""ifAdminStatus and ifOperStatus (RFC 2863)."""

OPER_WORDS = {one.replace("_", ""): one for one in OPER_STATUS.values()}

DUPLEX = {1: "unknown", 2: "half", 3: "full"}
"""dot3StatsDuplexStatus (RFC 3635)."""

TYPES = {
    1: "other",
    6: "ethernet",
    24: "loopback",
    53: "virtual",
    56: "fibrechannel",
    62: "ethernet",
    69: "ethernet",
    71: "wifi",
    117: "ethernet",
    131: "tunnel",
    135: "vlan",
    136: "vlan",
    161: "aggregate",
}
"""ifType (IANA) of what is common; of others the number is told."""

UNSIGNED = 2**32 - 1
VIRTUAL_TYPES = frozenset({24, 53, 131, 135, 136, 161})


def observations(inventory: Inventory) -> Iterator[Observation]:
    """Each interface, as a part of the machine."""
    yield from _networks(inventory)
    yield from _ports(inventory)


def names_of(ports: Iterable[Record]) -> dict[str, str]:
    """What each port is called, by its place: its name, and its index where several have it."""
    ports = list(ports)
    named = {port.place: port_name(port) for port in ports}
    times = Counter(named.values())
    return {
        port.place: name if times[name := named[port.place]] == 1 else f"{name} #{_index(port)}"
        for port in ports
    }


def port_name(port: Record) -> str:
    """The name of a port; its index or place where it has none."""
    return port.text("ifname", "ifdescr") or _index(port)


def _index(port: Record) -> str:
    return port.text("ifnumber") or port.place.rpartition(".")[2]


def _ports(inventory: Inventory) -> Iterator[Observation]:
    ports = inventory.content.records("network_ports")
    names = names_of(ports)
    numbered = {port.text("ifnumber"): names[port.place] for port in ports}
    for port in ports:
        name = names[port.place]
        attributes = _port(port, name, numbered)
        yield from inventory.part(
            KIND, name, "part_of", "network_interface", port, name, attributes
        )


def _port(port: Record, name: str, numbered: dict[str | None, str]) -> dict[str, Any]:
    kind, alias, described = port.integer("iftype"), port.text("ifalias"), port.text("ifdescr")
    speed = port.number("ifspeed", 1e-6)
    bundled = port.fields.get("aggregate")
    members = bundled if isinstance(bundled, list) else []
    return {
        "if_name": name,
        "if_index": port.integer("ifnumber"),
        "if_alias": alias,
        "description": described if described != name else None,
        "interface_type": None if kind is None else TYPES.get(kind, f"ifType {kind}"),
        "mac_address": port.mac("mac"),
        "ip_addresses": port.addresses("ips"),
        "speed": speed or None,  # 0 says that there is none to tell
        "mtu": port.integer("ifmtu"),
        "duplex": DUPLEX.get(port.integer("ifportduplex") or 0),
        "admin_status": ADMIN_STATUS.get(port.integer("ifinternalstatus") or 0),
        "oper_status": OPER_STATUS.get(port.integer("ifstatus") or 0),
        "vlans": _vlans(port),
        "trunk": port.flag("trunk"),
        "virtual": True if kind in VIRTUAL_TYPES else None,
        "aggregates": distinct(numbered.get(str(one)) for one in members),
    }


def _vlans(port: Record) -> list[str]:
    found = []
    for vlan in port.records("vlans"):
        number, name = vlan.integer("number"), vlan.text("name")
        if number is not None and not 1 <= number <= 4094:
            vlan.wrong("number", "a VLAN number from 1 to 4094")
            number = None
        found.append(" ".join(filter(None, (str(number or ""), name))))
    return distinct(found)


def _networks(inventory: Inventory) -> Iterator[Observation]:
    """Agents tell an interface once for each of its addresses."""
    grouped: dict[tuple[str, str | None], list[Record]] = defaultdict(list)
    for one in inventory.content.records("networks"):
        name = one.text("description") or one.mac("mac") or one.address("ipaddress")
        if name is not None:
            grouped[name, one.mac("mac")].append(one)
    times = Counter(name for name, _ in grouped)
    for (name, mac), records in grouped.items():
        own = name if times[name] == 1 else f"{name} #{mac or ''}"
        attributes = {"if_name": own} | _network(records)
        yield from inventory.part(
            KIND, own, "part_of", "network_interface", records[0], own, attributes
        )


def _network(records: list[Record]) -> dict[str, Any]:
    first = records[0]
    addresses = [one.address(name) for one in records for name in ("ipaddress", "ipaddress6")]
    networks = [_prefix(one, version) for one in records for version in ("", "6")]
    status = (first.text("status") or "").casefold()
    return {
        "interface_type": first.text("type"),
        "mac_address": first.mac("mac"),
        "ip_addresses": distinct(addresses),
        "networks": distinct(networks),
        "gateway": next(filter(None, (one.address("ipgateway") for one in records)), None),
        "dhcp_server": next(filter(None, (one.address("ipdhcp") for one in records)), None),
        "speed": _speed(first),
        "mtu": first.integer("mtu"),
        "oper_status": OPER_WORDS.get(status),
        "virtual": first.flag("virtualdev"),
        "management": first.flag("management"),
        "aggregates": distinct((first.text("slaves") or "").replace(",", " ").split()),
        "vendor": first.text("manufacturer"),
        "model": first.text("model"),
        "driver": first.text("driver"),
        "firmware_version": first.text("firmware"),
        "wwn": first.text("wwn"),
        "ssid": first.text("wifi_ssid"),
    }


def _speed(network: Record) -> float | None:
    """0 says that there is none to tell, and so does -1, which some read without its sign."""
    speed = network.number("speed")
    return None if speed in (None, 0, UNSIGNED) else speed


def _prefix(network: Record, version: str) -> str | None:
    """The network an address is in; None where the mask is none, which agents do send."""
    address, mask = network.address(f"ipaddress{version}"), network.text(f"ipmask{version}")
    if address is None or mask is None:
        return None
    try:
        bits = mask if mask.isdigit() else _length(mask)
        return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))
    except ValueError:
        return None


def _length(mask: str) -> int:
    """The prefix length of a network mask."""
    parsed = ipaddress.ip_address(mask)
    length = int(parsed).bit_count()
    if int(parsed) != ((1 << length) - 1) << (parsed.max_prefixlen - length):
        raise ValueError
    return length
