"""The values of one SNMP agent by OID, however they were had, and how its texts are read."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cmdb.identity.names import readable

Value = int | bytes | str
"""A number; the octets of a string; an OID or an IP address, in dotted form."""

MAX_TEXT = 4096
MAKERS = "1.3.6.1.4.1."
GB2312_PAIRS = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xf7][\xa1-\xfe])*")
FILLED = re.compile(r"(?: 00){3,}$")
"""The end of a text that somebody filled with zeros, and another wrote in hexadecimal."""

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")

NOTHING = frozenset(
    {"", "-", "--", "n/a", "na", "none", "null", "(null)", "(none)", "unknown", "unknow", "unset"}
    | {"not available", "not set", "not specified", "undefined", "uninitialized", "unspecified"}
    | {"to be filled by o.e.m.", "default string", "invalid", "noinstance", "empty"}
)
"""Texts that say nothing."""


@dataclass
class Walk:
    """The values of an agent. `address` is where it answered; `name` is of a recording's file.

    `complete` says that nothing that was asked for failed to come.
    """

    values: Mapping[str, Value]
    address: str | None = None
    name: str = "walk"
    site: str | None = None
    complete: bool = True
    evidence: dict[str, str] = field(default_factory=dict)

    def add(self, values: Mapping[str, Value]) -> None:
        """Add values that came later."""
        self.values = {**self.values, **values}
        self.__dict__.pop("_sorted", None)
        self.__dict__.pop("enterprises", None)

    @cached_property
    def _sorted(self) -> list[str]:
        """All OIDs as texts in order: those below one of them are neighbours."""
        return sorted(self.values)

    def below(self, oid: str) -> Iterator[tuple[str, Value]]:
        """What follows an OID, and its value; in the order of texts."""
        start, end = f"{oid}.", f"{oid}/"  # "/" comes after "."
        for found in self._sorted[bisect_left(self._sorted, start) :]:
            if found >= end:
                return
            yield found[len(start) :], self.values[found]

    @cached_property
    def enterprises(self) -> list[str]:
        """The enterprise numbers of makers below which there are values."""
        found: list[str] = []
        place = bisect_left(self._sorted, MAKERS)
        while place < len(self._sorted) and self._sorted[place].startswith(MAKERS):
            found.append(self._sorted[place][len(MAKERS) :].partition(".")[0])
            place = bisect_left(self._sorted, f"{MAKERS}{found[-1]}/")
        return sorted(found, key=int)

    def column(self, oid: str) -> dict[str, Value]:
        """The values of a column by index, in the order of their indexes."""
        found = list(self.below(oid))
        return dict(sorted(found, key=lambda one: numbers(one[0]) or []))

    def texts(self, oid: str) -> dict[str, str]:
        """The texts of a column that say something, by index."""
        return {i: said for i, one in self.column(oid).items() if (said := text(one))}

    def integers(self, oid: str) -> dict[str, int]:
        """The numbers of a column by index."""
        return {i: one for i, one in self.column(oid).items() if isinstance(one, int)}

    def macs(self, oid: str) -> dict[str, str]:
        """The hardware addresses of a column by index."""
        return {i: said for i, one in self.column(oid).items() if (said := mac(one))}

    def text(self, oid: str) -> str | None:
        """The text at an OID, if it says something."""
        return text(self.values.get(oid))

    def integer(self, oid: str) -> int | None:
        """The number at an OID."""
        found = self.values.get(oid)
        return found if isinstance(found, int) else None

    def first(self, oid: str) -> str | None:
        """The text at an OID, or else the first of a column that says something."""
        own = self.text(oid)
        return own or next(iter(self.texts(oid).values()), None)


def decoded(octets: bytes) -> str:
    """Octets as text: UTF-8, or what devices in China or in Western Europe write instead."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        encoding = "gb18030" if GB2312_PAIRS.fullmatch(octets) else "latin-1"
        return octets.decode(encoding, "replace")


def text(value: Value | None) -> str | None:
    """A value as one line of text; None where it says nothing."""
    if value is None:
        return None
    raw = decoded(value) if isinstance(value, bytes) else str(value)
    line = readable(" ".join(CONTROL.sub(" ", raw[:MAX_TEXT]).split())).strip(" \"'")
    line = FILLED.sub("", line)
    return None if line.casefold() in NOTHING else line


def mac(value: Value | None) -> str | None:
    """A hardware address: six octets, or the same as text, which some agents write."""
    if not isinstance(value, bytes):
        return None
    digits = value.hex() if len(value) == 6 else ""
    if not digits and 12 <= len(value) <= 17:
        digits = re.sub(r"[:\-. ]", "", decoded(value)).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or not digits.strip("0") or not digits.strip("f"):
        return None
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def numbers(index: str) -> list[int] | None:
    """The sub-identifiers of an index; None when it is none."""
    parts = index.split(".")
    return [int(one) for one in parts] if all(map(str.isdecimal, parts)) else None
