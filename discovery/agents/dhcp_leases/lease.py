"""One lease, whichever server gave it."""

import ipaddress
import re
from dataclasses import dataclass

from cmdb.errors import WrongValue, shown

_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9.])?", re.ASCII)
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a file, and what it is called."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Lease:
    """An address that a client was given, from `at` to `ends`, in seconds since 1970."""

    address: str
    mac: str | None
    client_id: str | None
    name: str | None
    at: float | None
    ends: float | None
    active: bool
    place: str

    @property
    def client(self) -> str:
        """What tells one client from another."""
        return self.mac or self.client_id or self.address


def lease(
    address: str,
    mac: str | None,
    place: str,
    *,
    client_id: str | None = None,
    name: str | None = None,
    at: float | None = None,
    ends: float | None = None,
    active: bool = True,
) -> Lease | WrongValue:
    """A lease of texts; what is wrong with the address. Other texts that are none say nothing."""
    try:
        plain = str(ipaddress.ip_address(address))
    except ValueError:
        expected = "an IP address"
        return WrongValue(place=place, name="the address", value=shown(address), expected=expected)
    hardware = (mac or "").lower()
    known = hardware if _MAC.fullmatch(hardware) and hardware.strip("0:") else None
    named = name if name and _NAME.fullmatch(name) else None
    return Lease(plain, known, client_id or None, named, at, ends, active, place)
