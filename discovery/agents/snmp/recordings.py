"""Files of recorded agents: `.snmprec` (snmpsim), and what `snmpwalk -On` (Net-SNMP) prints.

Either may be packed by gzip or bzip2. Only what the agent would ask for is kept, so that a file of
millions of lines takes little memory.
"""

import bz2
import gzip
import io
import ipaddress
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from cmdb.errors import UnreadableInput
from discovery.agents.snmp import families, mibs
from discovery.agents.snmp.walk import Value, Walk

OPENERS: dict[str, Callable[..., Any]] = {".bz2": bz2.open, ".gz": gzip.open}
SUFFIXES = re.compile(r"(\.(snmprec|snmpwalk|walk|txt))?(\.(bz2|gz))?$", re.IGNORECASE)
MAX_LINE = 1 << 20
MOST_VALUES = 4_000_000

RECORDED = re.compile(rb"\.?((?:\d+\.)+\d+)\|(\d+)([xe]?)(:\w+)?\|(.*)", re.DOTALL)
WALKED = re.compile(rb"\.?((?:\d+\.)+\d+) = (?:([A-Za-z0-9 -]+): ?)?(.*)", re.DOTALL)

OCTETS, OID, ADDRESS = 4, 6, 64
NUMBERS = frozenset({2, 65, 66, 67, 70, 71})
"""Tags of ASN.1 and of SMIv2 (RFC 2578) as snmpsim writes them."""

INITIAL = re.compile(rb"(?:^|,)(?:initial|value)=([^,]*)")
"""Where the value stands in a line that snmpsim is to vary."""

WORDS = {b"INTEGER", b"Integer32", b"Gauge32", b"Counter32", b"Counter64", b"Unsigned32"}
ENUMERATED = re.compile(rb"-?\d+|.*\((-?\d+)\)", re.DOTALL)


def read(path: Path | str) -> Walk:
    """The walk in a file; UnreadableInput when there is none."""
    place = Path(path)
    opener = OPENERS.get(place.suffix.lower(), open)
    name = SUFFIXES.sub("", place.name)
    values: dict[str, Value] = {}
    try:
        with opener(place, "rb") as file:
            lines = iter(partial(io.BufferedReader(file).readline, MAX_LINE), b"")
            for oid, value in _values(lines):
                values[oid] = value
                if len(values) > MOST_VALUES:
                    raise UnreadableInput(place=str(path), detail="it holds too many values")
    except (OSError, EOFError, ValueError) as error:
        raise UnreadableInput(place=str(path), detail=f"it cannot be read: {error}") from None
    if not values:
        detail = "it holds no SNMP values; give a .snmprec file, or what 'snmpwalk -On' printed"
        raise UnreadableInput(place=str(path), detail=detail)
    return Walk(values, _address(name), name)


def _address(name: str) -> str | None:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return None


class Wanted:
    """Tells quickly whether a line has an OID that begins with one of some.

    They are kept by their first seven numbers, of which the last tells the MIB or the maker.
    """

    def __init__(self, oids: Iterable[str]) -> None:
        starts: dict[bytes, list[bytes]] = defaultdict(list)
        for one in oids:
            starts[_start(one.encode())].append(one.encode())
        self._starts = {start: tuple(found) for start, found in starts.items()}

    def __call__(self, line: bytes) -> bool:
        """Whether it has one."""
        at = 1 if line.startswith(b".") else 0
        found = self._starts.get(_start(line, at))
        return found is not None and line.startswith(found, at)


def _start(line: bytes, at: int = 0) -> bytes:
    if line.startswith((b"1.3.6.1.2.1.", b"1.3.6.1.4.1."), at):
        return line[at : line.find(b".", at + 12)]
    return line[at : at + 6]


@cache
def wanted() -> Wanted:
    """What the agent asks for."""
    scalars = (*mibs.SYSTEM_GROUP, *mibs.SCALARS)
    tables = (*mibs.COLUMNS, *mibs.OF_MAKERS)
    return Wanted((*scalars, *(f"{one}." for one in tables), *families.objects()))


def _values(lines: Iterator[bytes]) -> Iterator[tuple[str, Value]]:
    """The values of either form; a text of a walk may go on in the next lines."""
    pending: tuple[str, bytes, bytes] | None = None
    asked = wanted()
    for line in lines:
        if not asked(line):
            if pending is not None and not line.lstrip(b".").startswith(b"1."):
                pending = (pending[0], pending[1], pending[2] + line)
            elif pending is not None:
                yield from _walked(*pending)
                pending = None
            continue
        if pending is not None:
            yield from _walked(*pending)
            pending = None
        if recorded := RECORDED.fullmatch(line.rstrip(b"\r\n")):
            oid, tag, form, varied, raw = recorded.groups()
            initial = INITIAL.search(raw) if varied else None
            value = _recorded(int(tag), form, initial[1] if initial else raw)
            if value is not None:
                yield oid.decode(), value
        elif walked := WALKED.fullmatch(line):
            pending = (walked[1].decode(), walked[2] or b"STRING", walked[3])
    if pending is not None:
        yield from _walked(*pending)


def _recorded(tag: int, form: bytes, raw: bytes) -> Value | None:
    try:
        if form == b"x":
            raw = bytes.fromhex(raw.decode())
        elif form == b"e":
            raw = raw.decode("unicode_escape").encode("latin-1")
        if tag == OCTETS:
            return raw
        if tag == ADDRESS:
            if form == b"x" or len(raw) == 4:
                return str(ipaddress.IPv4Address(raw))
            return str(ipaddress.IPv4Address(raw.decode().strip()))
        if tag == OID:
            return raw.decode().strip().lstrip(".")
        if tag in NUMBERS:
            return int(raw)
    except ValueError:
        return None
    return None


def _walked(oid: str, word: bytes, raw: bytes) -> Iterator[tuple[str, Value]]:
    """A value as Net-SNMP prints it."""
    raw = raw.rstrip(b"\r\n")
    convert = CONVERTERS.get(word, _number if word in WORDS else None)
    try:
        value = None if convert is None else convert(raw)
    except ValueError:
        return
    if value is not None and not raw.startswith(b"No Such"):
        yield oid, value


BITS = re.compile(rb"[^0-9A-Fa-f ].*", re.DOTALL)
"""The names of bits, which follow their octets."""


def _number(raw: bytes) -> int | None:
    found = ENUMERATED.match(raw)
    return None if found is None else int(found[1] or found[0])


def _octets(raw: bytes) -> bytes:
    return bytes.fromhex(re.sub(rb"[^0-9A-Fa-f]", b"", raw).decode())


def _string(raw: bytes) -> bytes:
    quoted = raw.startswith(b'"') and raw.endswith(b'"') and len(raw) > 1
    return re.sub(rb"\\(.)", rb"\1", raw[1:-1]) if quoted else raw


CONVERTERS: dict[bytes, Callable[[bytes], Value | None]] = {
    b"STRING": _string,
    b"Hex-STRING": _octets,
    b"BITS": lambda raw: _octets(BITS.sub(b"", raw)),
    b"OID": lambda raw: raw.decode().strip().lstrip("."),
    b"IpAddress": lambda raw: str(ipaddress.IPv4Address(raw.decode().strip())),
    b"Timeticks": _number,
    b"Network Address": _octets,
}
