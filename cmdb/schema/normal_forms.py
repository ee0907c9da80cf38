"""Normal forms of values that identify: equal things become equal texts, and noise becomes None.

A form maps one value to a text, or to None where the value says nothing about which thing it is:
placeholder serials, MAC addresses that are shared or made up, names that every machine has.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from typing import Any

PLACEHOLDERS = frozenset(
    re.sub(r"[\W_]+", "", line)
    for line in """
to be filled by o.e.m.
to be filled by oem
to be defined
default string
default
system serial number
system product name
system version
base board serial number
baseboard serial number
board serial number
chassis serial number
serial number
no serial number
no serial
serial
sernum
none
null
not specified
not available
not applicable
not settable
not present
unspecified
uninitialized
undefined
unknown
invalid
empty
blank
test
demo
tbd
oem
virtual machine
vmware
qemu
123456789
1234567890
0123456789
12345678
1234567
123456
12345
asset-1234567890
no asset tag
03000200-0400-0500-0006-000700080009
00020003-0004-0005-0006-000700080009
12345678-1234-5678-90ab-cddeefaabbcc
""".splitlines()
)
"""Serials and UUIDs that firmware ships with; compared without punctuation."""

COMMON_NAMES = frozenset({"localhost", "localdomain", "unknown", "none", "default", "router", ""})

SHARED_MACS = re.compile(
    r"00005e00(01|02)|00000c07ac|00000c9ff|0007b400|000000000000|0000000000e0|01005e"
)
"""VRRP and CARP (RFC 5798), HSRP 1 and 2, GLBP, and addresses that are no one's."""

VENDORS = {
    "hewlettpackard": "hp",
    "hewlettpackardenterprise": "hpe",
    "dellemc": "dell",
    "ibmlenovo": "lenovo",
    "ciscosystems": "cisco",
    "huaweitechnologies": "huawei",
    "junipernetworks": "juniper",
    "newh3c": "h3c",
    "h3ctechnologies": "h3c",
    "asustekcomputer": "asus",
    "asustek": "asus",
    "fujitsusiemens": "fujitsu",
    "supermicrocomputer": "supermicro",
    "microstarinternational": "msi",
}
LEGAL = re.compile(
    r"\b(inc|incorporated|corp|corporation|co|company|ltd|limited|llc|gmbh|ag|sa|srl|bv|nv|oy|ab|"
    r"plc|kk|as|spa|technology|group|international)\b\.?"
)


def folded(value: Any) -> str:
    """Text without differences of width, case and spaces (Unicode NFKC, casefold)."""
    return " ".join(unicodedata.normalize("NFKC", str(value)).casefold().split())


def text(value: Any) -> str | None:
    """Any text."""
    return folded(value) or None


def serial(value: Any) -> str | None:
    """A serial number; placeholders and repetitions of one sign say nothing."""
    bare = re.sub(r"[\W_]+", "", folded(value))
    if len(bare) < 3 or bare in PLACEHOLDERS or len(set(bare)) == 1:
        return None
    return bare


def vendor(value: Any) -> str | None:
    """A maker, without the legal form of the company."""
    plain = re.sub(r"[,()]", " ", folded(value))
    bare = re.sub(r"[\W_]+", "", LEGAL.sub(" ", plain)) or re.sub(r"[\W_]+", "", plain)
    return None if bare in PLACEHOLDERS else VENDORS.get(bare, bare) or None


def uuid(value: Any) -> str | None:
    """A system UUID. Tools differ in the byte order of its first three fields (SMBIOS 2.6)."""
    digits = re.sub(r"[^0-9a-f]", "", folded(value))
    if len(digits) != 32 or len(set(digits)) < 4 or digits in PLACEHOLDERS:
        return None
    pairs = [digits[i : i + 2] for i in range(0, 32, 2)]
    swapped = "".join(pairs[3::-1] + pairs[5:3:-1] + pairs[7:5:-1] + pairs[8:])
    return min(digits, swapped)


def mac(value: Any) -> str | None:
    """A globally administered unicast MAC address that belongs to one interface (IEEE 802)."""
    digits = re.sub(r"[^0-9a-f]", "", str(value).lower())
    if len(digits) != 12 or int(digits[1], 16) & 3 or SHARED_MACS.match(digits):
        return None
    return digits


def fqdn(value: Any) -> str | None:
    """A fully qualified domain name (RFC 1034): at least two labels."""
    name = folded(value).rstrip(".")
    first = name.partition(".")[0]
    if "." not in name or first in COMMON_NAMES or _is_address(name):
        return None
    return name


def hostname(value: Any) -> str | None:
    """The first label of a host's name."""
    name = folded(value).rstrip(".")
    if _is_address(name):
        return None
    first = name.partition(".")[0]
    return None if first in COMMON_NAMES else first


def address(value: Any) -> str | None:
    """An address that can be one host's: no loopback, link-local, multicast or unspecified one."""
    try:
        parsed = ipaddress.ip_interface(str(value)).ip
    except ValueError:
        return None
    if parsed.is_loopback or parsed.is_link_local or parsed.is_multicast or parsed.is_unspecified:
        return None
    return str(parsed)


def digits(value: Any) -> str | None:
    """Hexadecimal digits, such as an SNMP engine id or a fingerprint."""
    bare = re.sub(r"[^0-9a-f]", "", re.sub(r"0x", "", folded(value)))
    return bare if len(bare) >= 8 and len(set(bare)) > 2 else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


FORMS: dict[str, Callable[[Any], str | None]] = {
    "text": text,
    "serial": serial,
    "vendor": vendor,
    "uuid": uuid,
    "mac": mac,
    "fqdn": fqdn,
    "hostname": hostname,
    "address": address,
    "digits": digits,
}
"""The forms by the name an attribute gives."""
