"""Normal forms of values that identify: equal things become equal texts, and noise becomes None.

A form maps one value to a text, or to None where the value says nothing about which thing it is:
placeholder serials, MAC addresses that are shared or made up, names that every machine has. The
same values come again and again, so the forms remember the last ones.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cmdb.schema.well_known import (
    COMMON_NAMES,
    PLACEHOLDER_UUIDS,
    PLACEHOLDERS,
    SHARED_MACS,
    VENDORS,
    bare,
    without_legal_form,
)

COUNTED = "01234567890123456789"
ADDRESS_IN_NAME = re.compile(r"(?<!\d)\d{1,3}([-.])\d{1,3}\1\d{1,3}\1\d{1,3}(?!\d)")
"""As in `ip-10-0-0-5` or `10.0.0.5.dhcp`: such a name belongs to the address."""

UUID_DIGITS = re.compile(r"(?:[0-9a-f][-: ]*){32}\W*$")
NO_DIGIT = re.compile(r"[^0-9a-f]")
OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
PLAIN_IPV4 = re.compile(rf"{OCTET}(?:\.{OCTET}){{3}}", re.ASCII)
"""An address as it is written everywhere: parsing it again would change nothing."""

NO_HOST = re.compile(r"127\.|169\.254\.|2(?:2[4-9]|3\d)\.|0\.0\.0\.0$")
"""How loopback, link-local, multicast and unspecified addresses begin (RFC 6890)."""

remembered = lru_cache(maxsize=1 << 15, typed=True)


@remembered
def folded(value: Any) -> str:
    """Text without differences of width, case and spaces (Unicode NFKC, casefold)."""
    text = str(value)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = unicodedata.normalize("NFKC", text.casefold())  # casefold can undo the first
    return " ".join(text.casefold().split())


def text(value: Any) -> str | None:
    """Any text."""
    return folded(value) or None


@remembered
def serial(value: Any) -> str | None:
    """A serial number; placeholders, repetitions of one sign and 1234… say nothing."""
    plain = bare(folded(value))
    if len(plain) < 3 or len(set(plain)) == 1 or plain in PLACEHOLDERS or plain in COUNTED:
        return None
    return plain


@remembered
def vendor(value: Any) -> str | None:
    """A maker by its usual name, without the legal form of the company.

    Hewlett-Packard, HP and HPE are one: the firmware of servers tells the name from before 2015.
    """
    plain = without_legal_form(folded(value))
    return VENDORS.get(plain) or (None if plain in PLACEHOLDERS else plain or None)


@remembered
def uuid(value: Any) -> str | None:
    """A system UUID. Tools differ in the byte order of its first three fields (SMBIOS 2.6)."""
    found = UUID_DIGITS.search(folded(value))
    if found is None:
        return None
    digits = NO_DIGIT.sub("", found[0])
    pairs = [digits[i : i + 2] for i in range(0, 32, 2)]
    swapped = "".join(pairs[3::-1] + pairs[5:3:-1] + pairs[7:5:-1] + pairs[8:])
    if len(set(digits)) < 4 or not PLACEHOLDER_UUIDS.isdisjoint((digits, swapped)):
        return None
    return min(digits, swapped)


@remembered
def mac(value: Any) -> str | None:
    """A globally administered unicast MAC address that belongs to one interface (IEEE 802)."""
    digits = NO_DIGIT.sub("", folded(value))
    if len(digits) != 12 or int(digits[1], 16) & 3 or SHARED_MACS.match(digits):
        return None
    return digits


@remembered
def fqdn(value: Any) -> str | None:
    """A fully qualified domain name (RFC 1034): at least two labels, and not made of an address."""
    name = folded(value).strip(". ")
    first = name.partition(".")[0]
    if "." not in name or first in COMMON_NAMES or _names_address(name):
        return None
    return name


@remembered
def hostname(value: Any) -> str | None:
    """The first label of a host's name, where that is not made of an address."""
    name = folded(value).strip(". ")
    first = name.partition(".")[0].strip()
    made_up = first in COMMON_NAMES or _names_address(name) or _names_address(first)
    return None if made_up else first


@remembered
def address(value: Any) -> str | None:
    """An address that can be one host's: no loopback, link-local, multicast or unspecified one."""
    plain = folded(value)
    if PLAIN_IPV4.fullmatch(plain):
        return None if NO_HOST.match(plain) else plain
    try:
        parsed = ipaddress.ip_interface(plain).ip
    except ValueError:
        return None
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if parsed.is_loopback or parsed.is_link_local or parsed.is_multicast or parsed.is_unspecified:
        return None
    return str(parsed)


@remembered
def digits(value: Any) -> str | None:
    """Hexadecimal digits, such as an SNMP engine id or a fingerprint."""
    plain = NO_DIGIT.sub("", folded(value).replace("0x", ""))
    return plain if len(plain) >= 8 and len(set(plain)) > 2 else None


@remembered
def engine_id(value: Any) -> str | None:
    """An SNMP engine id (RFC 3411), unless it is made from an address that many networks have."""
    plain = digits(value)
    if plain is not None and len(plain) == 18 and int(plain[0], 16) & 8 and plain[8:10] == "01":
        octets = ".".join(str(int(plain[i : i + 2], 16)) for i in range(10, 18, 2))
        if ipaddress.ip_address(octets).is_private:
            return None
    return plain


@remembered
def chassis(value: Any) -> str | None:
    """An LLDP chassis id (IEEE 802.1AB): a MAC address in any spelling, or a name."""
    plain = folded(value)
    if re.fullmatch(r"(?:[0-9a-f]{2}[:.\- ]?){5}[0-9a-f]{2}", plain):
        return NO_DIGIT.sub("", plain)
    return plain or None


def _names_address(name: str) -> bool:
    if ADDRESS_IN_NAME.search(name):
        return True
    if ":" not in name:  # as in every other address
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


Form = Callable[[Any], str | None]

FORMS: dict[str, Form] = {
    "text": text,
    "serial": serial,
    "vendor": vendor,
    "uuid": uuid,
    "mac": mac,
    "fqdn": fqdn,
    "hostname": hostname,
    "address": address,
    "digits": digits,
    "engine_id": engine_id,
    "chassis": chassis,
}
"""The forms by the name an attribute gives."""
