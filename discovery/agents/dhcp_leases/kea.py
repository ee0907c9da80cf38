"""Leases of Kea: its CSV files for IPv4 and IPv6; the last row of an address counts."""

import csv
from collections.abc import Iterator

from cmdb.errors import CMDBError, WrongValue, shown
from discovery.agents.dhcp_leases.lease import Document, Lease, lease

IN_FORCE = "0"
"""The state of a lease that is neither declined nor reclaimed."""


def recognises(text: str) -> bool:
    """Whether the first line names the columns of Kea."""
    return text.startswith("address,") and "valid_lifetime" in text.partition("\n")[0]


def leases(document: Document) -> Iterator[Lease | CMDBError]:
    """All rows, oldest first."""
    rows = csv.DictReader(document.text.splitlines(), strict=False)
    for row in rows:
        place = f"{document.name}, line {rows.line_num}"
        ends, lifetime = _number(row.get("expire")), _number(row.get("valid_lifetime"))
        if ends is None or lifetime is None:
            value = shown(row.get("expire") or "")
            expected = "a number of seconds, as is 'valid_lifetime'"
            yield WrongValue(place=place, name="'expire'", value=value, expected=expected)
            continue
        yield lease(
            row.get("address") or "",
            row.get("hwaddr"),
            place,
            client_id=row.get("client_id") or row.get("duid"),
            name=row.get("hostname"),
            at=ends - lifetime,
            ends=ends,
            active=row.get("state", IN_FORCE) == IN_FORCE and lifetime > 0,
        )


def _number(text: str | None) -> float | None:
    good = text and text.isascii() and text.isdecimal() and len(text) < 12
    return float(text) if text and good else None
