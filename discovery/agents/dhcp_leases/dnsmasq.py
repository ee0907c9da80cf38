"""Leases of dnsmasq: a line each, with expiry, hardware address, address, name and client id."""

import re
from collections.abc import Iterator

from cmdb.errors import CMDBError, WrongValue, shown
from discovery.agents.dhcp_leases.lease import Document, Lease, lease

_LINE = re.compile(r"(\d{1,11}) ((?:\d\d-)?[0-9a-fA-F:*]+|\S+) ([0-9a-fA-F.:]+) (\S+)(?: (\S+))?")


def recognises(text: str) -> bool:
    """Whether the first line is one of dnsmasq."""
    first = next((one for one in text.splitlines() if one.strip()), "")
    return _LINE.fullmatch(first.strip()) is not None or first.startswith("duid ")


def leases(document: Document) -> Iterator[Lease | CMDBError]:
    """All leases. The file is written anew, so that all that it holds are in force."""
    for number, line in enumerate(document.text.splitlines(), 1):
        place = f"{document.name}, line {number}"
        if not line.strip() or line.startswith("duid "):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            expected = "a lease of five words"
            yield WrongValue(place=place, name="it", value=shown(line), expected=expected)
            continue
        ends = float(match[1]) or None  # 0 is for ever
        name = None if match[4] == "*" else match[4]
        client = None if match[5] == "*" else match[5]
        mac = match[2].rpartition("-")[2]
        yield lease(match[3], mac, place, client_id=client, name=name, ends=ends)
