"""SNMP against recordings of real devices (the package `snmpsim-data`): what of them is found.

What is in a recording is told by its lines alone, read here without the agent: its name is
sysName; an interface is a row of ifTable; an address one of ipAdEntAddr; a neighbour is a row of
lldpRemTable or cdpCacheTable, and found when one is told by what the row says of it. Maker, model,
version and serial number stand in `snmp_truth.csv`: a person looked for them in each recording, in
what objects of the maker, ENTITY-MIB and sysDescr say; `|` stands between spellings that are all
right. A value counts only where it occurs in the recording, which is checked, and is right when it
is one of these, but for case, spaces and a `v` before a version.
"""

import bz2
import csv
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks.measuring import Row, Table
from cmdb.errors import CMDBError
from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.schema import normal_forms
from discovery.agents import snmp
from discovery.agents.snmp import recordings

SIZES = (116,)
"""How many recordings, the smallest files first."""

BARS = {
    "name": 0.99,
    "interfaces": 0.99,
    "addresses": 0.99,
    "neighbours": 0.97,
    "vendor": 0.97,
    "model": 0.90,
    "version": 0.90,
    "serial": 0.90,
}
FACTS = ("vendor", "model", "version", "serial")
VERSIONS = ("software_version", "os_version", "firmware_version", "kernel")

SYS_NAME = "1.3.6.1.2.1.1.5.0"
IF_INDEX, AD_ENT_ADDR = "1.3.6.1.2.1.2.2.1.1.", "1.3.6.1.2.1.4.20.1.1."
LLDP, CDP = "1.0.8802.1.1.2.1.4.1.1.", "1.3.6.1.4.1.9.9.23.1.2.1.1."
HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2})*")
TRUTH = Path(__file__).with_name("snmp_truth.csv")


@dataclass(slots=True)
class Content:
    """What the lines of a recording say; `neighbours` by table and row, each with its texts."""

    name: str | None = None
    interfaces: set[int] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    neighbours: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    texts: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Result:
    """How many of each kind there are, how many of them were found, and which were not."""

    there: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BARS, 0))
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BARS, 0))
    missed: list[Row] = field(default_factory=list)
    recordings: int = 0
    errors: int = 0
    seconds: float = 0.0

    def add(self, recording: str, kind: str, wanted: Any, right: bool, told: Any = None) -> None:
        """Count one value."""
        self.there[kind] += 1
        self.found[kind] += right
        if not right:
            said = {"wanted": str(wanted)[:60], "told": str(told)[:60]}
            self.missed.append({"recording": recording, "kind": kind, **said})

    def share(self, kind: str) -> float:
        """The share that was found."""
        return self.found[kind] / (self.there[kind] or 1)


def measure(size: int) -> Iterator[Table]:
    """What was found, with its bars, and what was missed."""
    result = found(chosen(size))
    rows = [
        {
            "what": kind,
            "in recordings": result.there[kind],
            "found": result.found[kind],
            "share": f"{result.share(kind):.4f}",
            "bar": f"{bar:.2f}",
        }
        for kind, bar in BARS.items()
    ]
    title = f"SNMP: {result.recordings} recordings of real devices, {result.errors} errors"
    yield Table("snmp.found", f"{title}, {result.seconds:.0f} s", rows)
    if result.missed:
        yield Table("snmp.missed", "What was not found, or found otherwise", result.missed)


def chosen(most: int) -> list[Path]:
    """The recordings with the smallest files."""
    folder = Path(str(files("snmpsim_data").joinpath("data")))
    paths = [one for one in folder.rglob("*.snmprec*") if one.is_file()]
    return sorted(paths, key=lambda one: (one.stat().st_size, one.name))[:most]


def name_of(path: Path) -> str:
    """What the table of truth calls a recording."""
    return re.sub(r"\.snmprec(\.bz2)?$", "", str(path).rpartition("/data/")[2])


def found(paths: list[Path]) -> Result:
    """What the agent finds in recordings."""
    result = Result(recordings=len(paths))
    for path in paths:
        name = name_of(path)
        content = lines(path)
        start = time.perf_counter()
        told = list(snmp.parse(recordings.read(path)))
        result.seconds += time.perf_counter() - start
        result.errors += sum(isinstance(one, CMDBError) for one in told)
        items = [one for one in told if isinstance(one, ObservedItem)]
        _structure(result, name, content, items)
        _neighbours(result, name, content, items, told)
        _facts(result, name, content, items[0])
    return result


def _structure(result: Result, name: str, content: Content, items: list[ObservedItem]) -> None:
    device = items[0]
    if content.name:
        result.add(name, "name", content.name, _plain(device.name) == _plain(content.name))
    ports = [one for one in items if one.type == "network_interface"]
    indexes = {one.attributes["if_index"] for one in ports}
    for index in content.interfaces:
        result.add(name, "interfaces", index, index in indexes)
    told = set(device.attributes.get("ip_addresses", ()))
    told |= {ip for one in ports for ip in one.attributes.get("ip_addresses", ())}
    for address in content.addresses:
        result.add(name, "addresses", address, address in told)


def _neighbours(
    result: Result, name: str, content: Content, items: list[ObservedItem], told: list[Any]
) -> None:
    linked = {
        one.to_key
        for one in told
        if isinstance(one, ObservedRelation) and one.type == "connects_to"
    }
    known = set()
    for item in items:
        if item.key in linked:
            attributes = item.attributes
            values = [item.name, attributes.get("chassis_id"), attributes.get("hostname")]
            values += [*attributes.get("mac_addresses", ()), *attributes.get("ip_addresses", ())]
            known |= {_plain(one) for one in values if one}
    for row, texts in content.neighbours.items():
        result.add(name, "neighbours", f"{row} {sorted(texts)}", not texts.isdisjoint(known))


def _facts(result: Result, name: str, content: Content, device: ObservedItem) -> None:
    attributes = device.attributes
    told = {
        "vendor": [attributes.get("vendor")],
        "model": [attributes.get("model"), attributes.get("part_number")],
        "version": [attributes.get(one) for one in VERSIONS],
        "serial": [attributes.get("serial_number")],
    }
    for fact in FACTS:
        spellings = [one for one in truth()[name][fact].split("|") if one]
        if not spellings:
            continue
        if fact == "vendor":
            wanted = {normal_forms.vendor(one) for one in spellings}
            right = normal_forms.vendor(told[fact][0] or "") in wanted
        else:
            if not any(_plain(one) in text for one in spellings for text in content.texts):
                raise ValueError(f"{name}: {spellings} are not in the recording")
            plain = {_version(one) for one in spellings}
            right = any(_version(one) in plain for one in told[fact] if one)
        result.add(name, fact, truth()[name][fact], right, told[fact])


@cache
def truth() -> dict[str, dict[str, str]]:
    """What a person read in each recording."""
    with TRUTH.open(newline="") as file:
        return {row["recording"]: row for row in csv.DictReader(file)}


def lines(path: Path) -> Content:
    """What the lines of a recording say."""
    content = Content()
    opener: Any = bz2.open if path.suffix == ".bz2" else open
    with opener(path, "rb") as file:
        for line in file:
            oid, _, rest = line.decode("latin-1").rstrip("\r\n").partition("|")
            tag, _, raw = rest.partition("|")
            _take(content, oid, tag.partition(":")[0], raw)
    return content


def _take(content: Content, oid: str, tag: str, raw: str) -> None:
    if oid.startswith(IF_INDEX):
        content.interfaces.add(int(oid[len(IF_INDEX) :]))
    elif oid.startswith(AD_ENT_ADDR):
        address = oid[len(AD_ENT_ADDR) :]
        if re.fullmatch(r"(\d+\.){3}\d+", address) and address != "0.0.0.0":
            content.addresses.add(address)
    if tag not in ("4", "4x") or (tag == "4x" and not HEXADECIMAL.fullmatch(raw)):
        return
    octets = bytes.fromhex(raw) if tag == "4x" else raw.encode("latin-1")
    said = _plain(_decoded(octets))
    if 1 < len(said) < 600:
        content.texts.add(said)
    if oid == SYS_NAME:
        content.name = _decoded(octets).strip("\0 ")
    elif oid.startswith((LLDP, CDP)):
        table = LLDP if oid.startswith(LLDP) else CDP
        column, _, row = oid[len(table) :].partition(".")
        identities = {LLDP: ("5", "9"), CDP: ("4", "6")}[table]
        if column in identities and octets:
            content.neighbours[f"{table}{row}"] |= _identities(octets, said)


def _identities(octets: bytes, said: str) -> set[str]:
    """In which forms a neighbour may be told that a row names by these octets."""
    found = {said, said.partition("(")[0], said.partition(".")[0]}
    if len(octets) == 6:
        found.add(octets.hex(":"))
    if len(octets) == 4:
        found.add(".".join(map(str, octets)))
    if len(octets) == 5 and octets[0] == 1:
        found.add(".".join(map(str, octets[1:])))
    return {one for one in found if one}


def _decoded(octets: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return octets.decode(encoding)
    return octets.decode("latin-1")


def _plain(text: str | None) -> str:
    return " ".join(re.sub(r"[\x00-\x1f]", " ", text or "").split()).casefold().strip("\"' ")


def _version(text: str) -> str:
    return re.sub(r"^v(?=\d)", "", _plain(text))
