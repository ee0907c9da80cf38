"""What a switch tells of VLANs and of the addresses it learned (BRIDGE-MIB, Q-BRIDGE-MIB)."""

from collections import defaultdict
from collections.abc import Iterator

from discovery.agents.snmp import mibs
from discovery.agents.snmp.interfaces import Interface
from discovery.agents.snmp.walk import Value, Walk, numbers

LEARNED = 3
"""dot1dTpFdbStatus of an address that was learned, not set or the bridge's own."""

TRUNKING = 1
MOST_VLAN = 4094


def vlan_names(walk: Walk) -> dict[int, str | None]:
    """The VLANs of the device with their names."""
    found: dict[int, str | None] = {}
    for row, name in walk.texts(mibs.VTP_VLAN_NAME).items():
        _vlan(found, row, name)
    for column in (mibs.VLAN_CURRENT_EGRESS, mibs.VLAN_EGRESS):
        for row in walk.column(column):
            _vlan(found, row, None)
    for row, name in walk.texts(mibs.VLAN_NAME).items():
        _vlan(found, row, name)
    return dict(sorted(found.items()))


def _vlan(found: dict[int, str | None], row: str, name: str | None) -> None:
    number = (numbers(row) or [0])[-1]
    if 0 < number <= MOST_VLAN:
        found[number] = name or found.get(number)


def set_vlans(walk: Walk, interfaces: dict[int, Interface]) -> None:
    """Say of each interface which VLANs it carries."""
    names = vlan_names(walk)
    tagged: dict[int, set[int]] = defaultdict(set)
    carried: dict[int, set[int]] = defaultdict(set)
    ports = port_interfaces(walk)
    for egress, untagged in (
        (mibs.VLAN_EGRESS, mibs.VLAN_UNTAGGED),
        (mibs.VLAN_CURRENT_EGRESS, mibs.VLAN_CURRENT_UNTAGGED),
    ):
        plain = walk.column(untagged)
        for row, value in walk.column(egress).items():
            number = (numbers(row) or [0])[-1]
            bare = set(_ports(plain.get(row)))
            for port in _ports(value):
                index = ports.get(port, port)
                carried[index].add(number)
                if port not in bare:
                    tagged[index].add(number)
    for row, number in walk.integers(mibs.PVID).items():
        if row.isdecimal() and number:
            carried[ports.get(int(row), int(row))].add(number)
    for row, number in walk.integers(mibs.VM_VLAN).items():
        if row.isdecimal() and number:
            carried[int(row)].add(number)
    trunks = {row for row, on in walk.integers(mibs.VLAN_TRUNK_STATUS).items() if on == TRUNKING}
    for index, found in carried.items():
        if index in interfaces:
            known = sorted(one for one in found if 0 < one <= MOST_VLAN)
            interfaces[index].vlans = [f"{one} {names.get(one) or ''}".strip() for one in known]
            interfaces[index].trunk = bool(tagged[index]) or str(index) in trunks or None
    for row in trunks:
        if row.isdecimal() and int(row) in interfaces:
            interfaces[int(row)].trunk = True


def _ports(octets: Value | None) -> Iterator[int]:
    """The ports in a PortList (RFC 4363): one bit each, the first one the highest."""
    if isinstance(octets, bytes):
        for place, octet in enumerate(octets):
            for bit in range(8):
                if octet & (0x80 >> bit):
                    yield place * 8 + bit + 1


def port_interfaces(walk: Walk) -> dict[int, int]:
    """Bridge port → ifIndex."""
    found = walk.integers(mibs.BRIDGE_PORT_IF_INDEX)
    return {int(row): index for row, index in found.items() if row.isdecimal() and index > 0}


def learned(walk: Walk) -> dict[int, set[str]]:
    """The hardware addresses that were learned at each interface, by ifIndex."""
    found: dict[int, set[str]] = defaultdict(set)
    ports = port_interfaces(walk)
    for port_column, status_column in (
        (mibs.FDB_PORT, mibs.FDB_STATUS),
        (mibs.Q_FDB_PORT, mibs.Q_FDB_STATUS),
    ):
        statuses = walk.integers(status_column)
        for row, port in walk.integers(port_column).items():
            octets = (numbers(row) or [])[-6:]
            if len(octets) < 6 or max(octets) > 255 or port <= 0:
                continue
            if statuses.get(row, LEARNED) == LEARNED:
                found[ports.get(port, port)].add(bytes(octets).hex(":"))
    return dict(found)
