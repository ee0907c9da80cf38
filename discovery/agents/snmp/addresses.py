"""Addresses set on interfaces (IP-MIB, RFC 4293, and what came before), and those learned."""

import ipaddress
from collections import defaultdict
from collections.abc import Iterator

from discovery.agents.snmp import mibs
from discovery.agents.snmp.walk import Value, Walk, mac, numbers

UNICAST, ANYCAST = 1, 2
"""IpAddressAddrType (RFC 4293); broadcast addresses are no one's."""

OCTETS = {1: 4, 2: 16, 3: 8, 4: 20}
"""InetAddressType (RFC 4001) → octets of an address; zoned ones end in their zone."""

Own = dict[int | None, dict[str, int | None]]
"""ifIndex → addresses with their prefix lengths; None stands for no known interface."""


def own(walk: Walk) -> Own:
    """The addresses of the device by interface."""
    found: Own = defaultdict(dict)
    for address, index, length in (*_modern(walk), *_ipv6(walk), *_classic(walk)):
        parsed = ipaddress.ip_address(address)
        if not parsed.is_unspecified and not parsed.is_multicast:
            found[index][str(parsed)] = length or found[index].get(str(parsed))
    known = {one for index, some in found.items() if index is not None for one in some}
    for address in known.intersection(found.get(None, ())):
        del found[None][address]
    return dict(found)


Address = tuple[str, int | None, int | None]


def _classic(walk: Walk) -> Iterator[Address]:
    """ipAddrTable."""
    indexes = walk.integers(mibs.IP_AD_ENT_IF_INDEX)
    masks = walk.column(mibs.IP_AD_ENT_NET_MASK)
    for row in dict.fromkeys((*walk.column(mibs.IP_AD_ENT_ADDR), *indexes)):
        octets = numbers(row)
        if octets is not None and len(octets) >= 4 and max(octets[:4]) < 256:
            address = ".".join(map(str, octets[:4]))
            yield address, indexes.get(row) or None, _length(masks.get(row))


def _length(mask: Value | None) -> int | None:
    """The prefix length of a network mask; None where it is none."""
    try:
        return ipaddress.IPv4Network(f"0.0.0.0/{mask}").prefixlen if isinstance(mask, str) else None
    except ValueError:
        return None


def _modern(walk: Walk) -> Iterator[Address]:
    """ipAddressTable, and the same of Cisco's before it was a standard."""
    kinds = walk.integers(mibs.IP_ADDRESS_TYPE)
    prefixes = walk.column(mibs.IP_ADDRESS_PREFIX)
    for column in (mibs.IP_ADDRESS_IF_INDEX, mibs.C_IP_ADDRESS_IF_INDEX):
        for row, index in walk.integers(column).items():
            address = inet_address(numbers(row) or [])
            if address is not None and kinds.get(row, UNICAST) in (UNICAST, ANYCAST):
                prefix = prefixes.get(row)
                last = numbers(str(prefix).rpartition(".")[2]) if isinstance(prefix, str) else None
                yield address, index or None, last[0] if last and last[0] else None


def inet_address(index: list[int]) -> str | None:
    """An address in an index: its type, its length, its octets."""
    if len(index) < 3 or index[0] not in OCTETS:
        return None
    size, octets = OCTETS[index[0]], index[2:]
    if index[1] != size or len(octets) < size or max(octets) > 255:
        return None
    plain = 4 if size in (4, 8) else 16
    return str(ipaddress.ip_address(bytes(octets[:plain])))


def _ipv6(walk: Walk) -> Iterator[Address]:
    """ipv6AddrTable (RFC 2465)."""
    for row, length in walk.integers(mibs.IPV6_ADDR_PREFIX_LENGTH).items():
        index = numbers(row) or []
        if len(index) == 17 and max(index[1:]) < 256:
            yield str(ipaddress.IPv6Address(bytes(index[1:]))), index[0], length


def learned(walk: Walk) -> dict[str, set[str]]:
    """The IP addresses by the hardware address they were last seen with: ARP and the like."""
    found: dict[str, set[str]] = defaultdict(set)
    for row, value in walk.column(mibs.IP_NET_TO_PHYSICAL_PHYS_ADDRESS).items():
        _learn(found, value, inet_address((numbers(row) or [])[1:]))
    for column in (mibs.IP_NET_TO_MEDIA_PHYS_ADDRESS, mibs.AT_PHYS_ADDRESS):
        for row, value in walk.column(column).items():
            octets = (numbers(row) or [])[-4:]
            if len(octets) == 4 and max(octets) < 256:
                _learn(found, value, ".".join(map(str, octets)))
    return dict(found)


def _learn(found: dict[str, set[str]], value: Value, address: str | None) -> None:
    hardware = mac(value)
    if hardware is not None and address is not None:
        found[hardware].add(address)
