"""What LLDP (IEEE 802.1AB) and CDP say is at the other end of each port."""

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from discovery.agents.snmp import mibs, system
from discovery.agents.snmp.interfaces import Interface
from discovery.agents.snmp.walk import Value, Walk, mac, numbers, text

SERIAL_IN_NAME = re.compile(r"([^()]+)\(([0-9A-Za-z]{8,})\)")
"""How NX-OS names itself in CDP."""

PORT_MAC_SUBTYPE = 3
"""LldpPortIdSubtype (IEEE 802.1AB)."""

REPEATER, BRIDGE, WLAN, ROUTER, TELEPHONE = 1, 2, 3, 4, 5
"""Bits of LldpSystemCapabilitiesMap (IEEE 802.1AB), the first one the highest."""

CDP_ROUTER, CDP_BRIDGE, CDP_SWITCH, CDP_PHONE = 0x01, 0x06, 0x08, 0x80
"""Bits of cdpCacheCapabilities."""


@dataclass(slots=True)
class Neighbour:
    """What a device at the other end of a port says of itself."""

    section: str
    port: str | None
    chassis: str | None = None
    mac: str | None = None
    name: str | None = None
    addresses: list[str] = field(default_factory=list)
    remote_port: str | None = None
    description: str | None = None
    model: str | None = None
    serial: str | None = None
    kind: str = "unclassified"

    @property
    def known(self) -> str | None:
        """What it is known by: what changes least comes first."""
        own = self.addresses[0] if self.addresses else None
        return self.mac or self.name or self.chassis or own

    @property
    def link(self) -> tuple[str | None, str | None]:
        """The port and the name or address at its other end: two protocols may tell one link."""
        name = (self.name or "").partition(".")[0].casefold()
        return self.port, name or self.known


def announced(walk: Walk, interfaces: dict[int, Interface]) -> list[Neighbour]:
    """All neighbours that LLDP or CDP names, each link once."""
    found: dict[tuple[str | None, str | None], Neighbour] = {}
    for one in (*_lldp(walk, interfaces), *_lldp_v2(walk, interfaces), *_cdp(walk, interfaces)):
        if one.known is None:
            continue
        first = found.setdefault(one.link, one)
        first.model = first.model or one.model
        first.addresses += [new for new in one.addresses if new not in first.addresses]
    return list(found.values())


def _lldp(walk: Walk, interfaces: dict[int, Interface]) -> Iterator[Neighbour]:
    addresses = _management(walk)
    local = local_ports(walk, interfaces)
    columns = {n: walk.column(f"{mibs.LLDP_REM}.{n}") for n in range(4, 13)}
    for row in dict.fromkeys(row for one in columns.values() for row in one):
        parts = numbers(row) or []
        if len(parts) >= 2:
            values = {n: one.get(row) for n, one in columns.items()}
            port = local.get(parts[-2])
            yield _lldp_neighbour(f"lldpRemTable.{row}", port, values, addresses.get(row, []))


def _lldp_v2(walk: Walk, interfaces: dict[int, Interface]) -> Iterator[Neighbour]:
    """The same by LLDP-V2-MIB; a row begins with time, ifIndex and destination."""
    columns = {n - 1: walk.column(f"{mibs.LLDP_V2_REM}.{n}") for n in range(5, 14)}
    for row in dict.fromkeys(row for one in columns.values() for row in one):
        parts = numbers(row) or []
        if len(parts) == 4:
            values = {n: one.get(row) for n, one in columns.items()}
            port = interfaces[parts[1]].name if parts[1] in interfaces else None
            yield _lldp_neighbour(f"lldpV2RemTable.{row}", port, values, [])


def _lldp_neighbour(
    section: str, port: str | None, row: dict[int, Value | None], addresses: list[str]
) -> Neighbour:
    """A neighbour from the columns of lldpRemTable by their numbers there."""
    chassis, remote = row[5], row[7]
    subtype = row[4] if isinstance(row[4], int) else None
    port_subtype = row[6] if isinstance(row[6], int) else None
    id = system.lldp_id(subtype, chassis) if isinstance(chassis, bytes) else text(chassis)
    remote_id = _port_id(port_subtype, remote) if isinstance(remote, bytes) else text(remote)
    described = text(row[8])
    return Neighbour(
        section,
        port,
        chassis=id,
        mac=mac(chassis) if subtype in (None, system.MAC_SUBTYPE) else None,
        name=text(row[9]),
        addresses=addresses or ([id] if id and _is_address(id) else []),
        remote_port=described if _is_hardware(remote_id) and described else remote_id or described,
        description=text(row[10]),
        kind=_kind(row[12] if row[12] else row[11]),
    )


def _port_id(subtype: int | None, octets: bytes) -> str | None:
    return mac(octets) if subtype == PORT_MAC_SUBTYPE else text(octets)


def _is_hardware(id: str | None) -> bool:
    return id is not None and mac(id.encode()) is not None


def _is_address(id: str) -> bool:
    try:
        return ipaddress.ip_address(id) is not None
    except ValueError:
        return False


def _kind(capabilities: Value | None) -> str:
    """The CI type that the capabilities of LLDP tell."""
    if not isinstance(capabilities, bytes) or not capabilities:
        return "unclassified"
    bits = {bit for bit in range(8) if capabilities[0] & (0x80 >> bit)}
    if TELEPHONE in bits:
        return "phone"
    if WLAN in bits and ROUTER not in bits:
        return "access_point"
    return "network_device" if bits & {BRIDGE, ROUTER} else "unclassified"


def local_ports(walk: Walk, interfaces: dict[int, Interface]) -> dict[int, str]:
    """The names of LLDP's local ports; their numbers often are not those of interfaces."""
    named = {one.name.casefold(): one.name for one in interfaces.values()}
    described = {one.described.casefold(): one.name for one in interfaces.values() if one.described}
    by_mac = {one.mac: one.name for one in interfaces.values() if one.mac}
    ids, descriptions = walk.column(mibs.LLDP_LOC_PORT_ID), walk.texts(mibs.LLDP_LOC_PORT_DESC)
    found = {index: one.name for index, one in interfaces.items()}
    for row, value in ids.items():
        if row.isdecimal():
            texts = [one.casefold() for one in (text(value), descriptions.get(row)) if one]
            said = next((named.get(one) or described.get(one) for one in texts), None)
            hardware = mac(value)
            own = said or (by_mac.get(hardware) if hardware else None)
            fallback = descriptions.get(row) or system.lldp_id(None, _octets(value))
            found[int(row)] = own or found.get(int(row)) or fallback or row
    return found


def _octets(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _management(walk: Walk) -> dict[str, list[str]]:
    """The management addresses of LLDP's neighbours, by their rows."""
    found: dict[str, list[str]] = defaultdict(list)
    for index in walk.column(mibs.LLDP_REM_MAN_ADDR):
        parts = numbers(index) or []
        kind, octets = parts[3:4], parts[5:] if len(parts) > 5 else parts[4:]
        if kind in ([1], [2]) and len(octets) == (4 if kind == [1] else 16) and max(octets) < 256:
            row = ".".join(map(str, parts[:3]))
            found[row].append(str(ipaddress.ip_address(bytes(octets))))
    return found


def _cdp(walk: Walk, interfaces: dict[int, Interface]) -> Iterator[Neighbour]:
    columns = {n: walk.column(f"{mibs.CDP}.{n}") for n in (4, 5, 6, 7, 8, 9, 17)}
    for row in dict.fromkeys(row for one in columns.values() for row in one):
        parts = numbers(row) or []
        if not parts:
            continue
        value = {n: one.get(row) for n, one in columns.items()}
        interface = interfaces.get(parts[0])
        name = text(value[17]) or text(value[6])
        hardware = mac(value[6])
        if name and hardware is None and mac(name[-12:].encode()) and name.startswith("SEP"):
            hardware = mac(name[-12:].encode())
        serial = SERIAL_IN_NAME.fullmatch(name or "")
        if serial is not None:
            name = serial[1].strip()
        yield Neighbour(
            f"cdpCacheTable.{row}",
            interface.name if interface else str(parts[0]),
            mac=hardware,
            name=None if _is_hardware(name) else name,
            addresses=_cdp_addresses(value[4]),
            remote_port=text(value[7]),
            description=text(value[5]),
            model=text(value[8]),
            serial=serial[2] if serial else None,
            kind=_cdp_kind(value[9]),
        )


def _cdp_addresses(value: Value | None) -> list[str]:
    if isinstance(value, bytes) and len(value) in (4, 16) and any(value):
        return [str(ipaddress.ip_address(value))]
    return []


def _cdp_kind(value: Value | None) -> str:
    bits = int.from_bytes(value[-4:], "big") if isinstance(value, bytes) else 0
    if bits & CDP_PHONE:
        return "phone"
    network = bits & (CDP_ROUTER | CDP_BRIDGE | CDP_SWITCH)
    return "network_device" if network else "unclassified"
