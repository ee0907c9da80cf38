"""The system group and what stands beside it: names, engine id, hardware addresses of its own."""

import re
from typing import Any

from cmdb.schema import normal_forms
from discovery.agents.snmp import mibs
from discovery.agents.snmp.walk import Walk, decoded, mac, text

HOSTNAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?", re.ASCII)

MAC_SUBTYPE, NETWORK_ADDRESS_SUBTYPE = 4, 5
"""LldpChassisIdSubtype (IEEE 802.1AB)."""


def system(walk: Walk) -> dict[str, Any]:
    """What the agent says of itself as a whole."""
    name = walk.text(mibs.SYS_NAME)
    host = hostname(name)
    address = walk.address
    return {
        "hostname": host,
        "fqdn": name.strip(".") if name and host and normal_forms.fqdn(name) else None,
        "description": walk.text(mibs.SYS_DESCR),
        "sys_object_id": walk.text(mibs.SYS_OBJECT_ID),
        "snmp_engine_id": engine_id(walk),
        "chassis_id": local_chassis(walk),
        "snmp_location": walk.text(mibs.SYS_LOCATION),
        "snmp_contact": walk.text(mibs.SYS_CONTACT),
        "management_ip": address,
        "memory": _memory(walk),
        "site": walk.site,
    }


def hostname(name: str | None) -> str | None:
    """The name without domain, where it can be a host's name at all (RFC 1123)."""
    if name is None or not HOSTNAME.fullmatch(name):
        return None
    first = name.partition(".")[0]
    return name if first.isdigit() else first


def engine_id(walk: Walk) -> str | None:
    """snmpEngineID in hexadecimal; one as short as 4 octets names a maker only (RFC 3411)."""
    found = walk.values.get(mibs.ENGINE_ID)
    return found.hex() if isinstance(found, bytes) and 5 <= len(found) <= 32 else None


def local_chassis(walk: Walk) -> str | None:
    """The chassis id that the device announces by LLDP."""
    for subtype, id in (
        (mibs.LLDP_LOC_CHASSIS_SUBTYPE, mibs.LLDP_LOC_CHASSIS_ID),
        (mibs.LLDP_V2_LOC_CHASSIS_SUBTYPE, mibs.LLDP_V2_LOC_CHASSIS_ID),
    ):
        found = walk.values.get(id)
        if isinstance(found, bytes) and found:
            return lldp_id(walk.integer(subtype), found)
    return None


def lldp_id(subtype: int | None, octets: bytes) -> str | None:
    """A chassis or port id of LLDP as text: a MAC address, a network address, or a name."""
    if subtype == MAC_SUBTYPE or (len(octets) == 6 and not decoded(octets).isprintable()):
        found = mac(octets)
        if found is not None or subtype == MAC_SUBTYPE:
            return found or text(octets)
    if subtype == NETWORK_ADDRESS_SUBTYPE and octets[:1] == b"\x01" and len(octets) == 5:
        return ".".join(map(str, octets[1:]))
    return text(octets)


def _memory(walk: Walk) -> int | None:
    """Main memory; agents count in KiB (RFC 2790)."""
    size = walk.integer(mibs.HR_MEMORY)
    return round(size / 1024) or None if size and size > 0 else None
