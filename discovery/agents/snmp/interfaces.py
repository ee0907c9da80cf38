"""Network interfaces (IF-MIB, RFC 2863): each with what other tables say of it."""

import ipaddress
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cmdb.identity.observation import Observation
from discovery.agents.snmp import addresses, mibs
from discovery.agents.snmp.report import Report
from discovery.agents.snmp.walk import Walk

KIND = "interface"

ADMIN_STATUS = {1: "up", 2: "down", 3: "testing"}
OPER_STATUS = dict(
    enumerate(
        ("up", "down", "testing", "unknown", "dormant", "not_present", "lower_layer_down"), start=1
    )
)
DUPLEX = {1: "unknown", 2: "half", 3: "full"}
"""ifAdminStatus and ifOperStatus (RFC 2863), dot3StatsDuplexStatus (RFC 3635)."""

TYPES = {
    1: "other",
    **dict.fromkeys((6, 7, 26, 62, 69, 117), "ethernet"),
    22: "serial",
    23: "ppp",
    24: "loopback",
    53: "virtual",
    56: "fibrechannel",
    71: "wifi",
    131: "tunnel",
    **dict.fromkeys((135, 136), "vlan"),
    150: "mpls",
    161: "aggregate",
    209: "bridge",
}
"""ifType (IANA) of what is common; of others the number is told."""

VIRTUAL = frozenset({24, 53, 131, 135, 136, 150, 161, 166, 209})
PLUGGED = frozenset({6, 7, 26, 56, 62, 69, 117})
"""Types without hardware of their own, and of ports one can plug something into."""

NO_HARDWARE_ADDRESS = frozenset({24, 131})
AGGREGATE = 161
SPEED_UNTOLD = 2**32 - 1
"""An ifSpeed that says to look at ifHighSpeed."""


@dataclass(slots=True)
class Interface:
    """One row: `name` is what no other interface of the device is called."""

    index: int
    name: str
    described: str | None = None
    if_type: int | None = None
    mac: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    vlans: list[str] = field(default_factory=list)
    trunk: bool | None = None
    aggregates: list[str] = field(default_factory=list)


def interfaces(walk: Walk) -> dict[int, Interface]:
    """All interfaces by ifIndex."""
    named, described = walk.texts(mibs.IF_NAME), walk.texts(mibs.IF_DESCR)
    types, macs = walk.integers(mibs.IF_TYPE), walk.macs(mibs.IF_PHYS_ADDRESS)
    columns = (mibs.IF_INDEX, mibs.IF_DESCR, mibs.IF_TYPE, mibs.IF_NAME, mibs.IF_OPER_STATUS)
    rows = {row: None for one in columns for row in walk.column(one) if row.isdecimal()}
    facts = _facts(walk)
    found = {
        int(row): Interface(
            index=int(row),
            name=named.get(row) or described.get(row) or row,
            described=described.get(row),
            if_type=types.get(row),
            mac=macs.get(row),
            facts=facts.get(row, {}),
        )
        for row in sorted(rows, key=int)
    }
    _tell_apart(found.values())
    _bundle(walk, found)
    return found


def _tell_apart(found: Iterable[Interface]) -> None:
    """Names that several have get what tells them apart: their description, else their index."""
    times = Counter(one.name.casefold() for one in found)
    for one in found:
        if times[one.name.casefold()] > 1:
            one.name = f"{one.name} #{one.index}"


def _facts(walk: Walk) -> dict[str, dict[str, Any]]:
    """What the columns say, by row."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    columns: dict[str, dict[str, Any]] = {
        "if_alias": walk.texts(mibs.IF_ALIAS),
        "mtu": {row: mtu for row, mtu in walk.integers(mibs.IF_MTU).items() if 0 < mtu < 2**31 - 1},
        "speed": _speeds(walk),
    }
    words = (
        ("admin_status", mibs.IF_ADMIN_STATUS, ADMIN_STATUS),
        ("oper_status", mibs.IF_OPER_STATUS, OPER_STATUS),
        ("duplex", mibs.DOT3_DUPLEX, DUPLEX),
    )
    for name, column, meanings in words:
        columns[name] = {row: meanings.get(one) for row, one in walk.integers(column).items()}
    for name, values in columns.items():
        for row, value in values.items():
            found[row][name] = value
    return found


def _speeds(walk: Walk) -> dict[str, float]:
    """Speeds in Mbit/s; 0 says that there is none to tell."""
    slow = {
        row: speed / 10**6
        for row, speed in walk.integers(mibs.IF_SPEED).items()
        if 0 < speed < SPEED_UNTOLD
    }
    fast = {row: float(one) for row, one in walk.integers(mibs.IF_HIGH_SPEED).items() if one > 0}
    return slow | fast


def _bundle(walk: Walk, found: dict[int, Interface]) -> None:
    """Say of aggregates which interfaces they bundle (IEEE 802.3ad, ifStackTable)."""
    members: dict[int, list[int]] = defaultdict(list)
    for row, bundle in walk.integers(mibs.AGGREGATE_OF_PORT).items():
        if row.isdecimal() and bundle and bundle != int(row):
            members[bundle].append(int(row))
    for row in walk.column(mibs.IF_STACK_STATUS):
        upper, _, lower = row.partition(".")
        if upper.isdecimal() and lower.isdecimal() and lower != "0":
            above = found.get(int(upper))
            if above is not None and above.if_type == AGGREGATE:
                members[int(upper)].append(int(lower))
    for bundle, ports in members.items():
        if bundle in found:
            names = (found[port].name for port in sorted(set(ports)) if port in found)
            found[bundle].aggregates = list(names)


def observations(
    report: Report, found: dict[int, Interface], own: addresses.Own
) -> Iterator[Observation]:
    """Each interface, as a part of the device."""
    for one in found.values():
        attributes = _attributes(one, own.get(one.index, {}))
        section = f"ifTable.{one.index}"
        yield from report.part(KIND, one.name, "network_interface", section, one.name, attributes)


def _attributes(one: Interface, own: dict[str, int | None]) -> dict[str, Any]:
    networks = {
        str(ipaddress.ip_network(f"{address}/{length}", strict=False)): None
        for address, length in own.items()
        if length is not None and 0 < length <= ipaddress.ip_address(address).max_prefixlen
    }
    kind = one.if_type
    return {
        **one.facts,
        "if_name": one.name,
        "if_index": one.index,
        "description": one.described if one.described != one.name else None,
        "interface_type": None if kind is None else TYPES.get(kind, f"ifType {kind}"),
        "mac_address": one.mac,
        "ip_addresses": list(own),
        "networks": list(networks),
        "vlans": one.vlans,
        "trunk": one.trunk,
        "aggregates": one.aggregates,
        "virtual": True if kind in VIRTUAL else None,
    }


def hardware_addresses(found: dict[int, Interface]) -> list[str]:
    """The hardware addresses of the device, each once."""
    macs = (one.mac for one in found.values() if one.if_type not in NO_HARDWARE_ADDRESS)
    return list(dict.fromkeys(mac for mac in macs if mac is not None))


def ports(found: dict[int, Interface]) -> int | None:
    """How many ports one can plug something into."""
    return sum(one.if_type in PLUGGED for one in found.values()) or None
