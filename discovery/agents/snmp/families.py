"""What is known of the makers of devices: the families of `rules/makers`, kept as data.

A family is told by the enterprise number in sysObjectID (RFC 3418). It says who made the device,
what kind it is, and where its model, version and serial number stand: at which objects of its own
MIBs, and in which words of sysDescr. OIDs are given below 1.3.6.1.4.1. A list of objects is in
order of preference; one is an OID (or a column, of which the first value counts), and after `~` a
regular expression of which the first group is the value. `*` stands for one number.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from discovery.agents.snmp.mibs import ENTERPRISES
from discovery.agents.snmp.walk import Walk, text

FACTS = ("model", "version", "serial")
"""What families tell where it stands; also the names of groups in patterns for sysDescr."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact stands: at an OID or below it, and which part of the text it is."""

    oid: str
    part: re.Pattern[str] | None = None

    def value(self, walk: Walk) -> str | None:
        """The fact, where the device tells it there."""
        for found in self._texts(walk):
            if self.part is None:
                return found
            if (matched := self.part.search(found)) is not None:
                return text((matched[1] or "").encode())
        return None

    def _texts(self, walk: Walk) -> Iterator[str]:
        start, star, rest = self.oid.partition(".*")
        if not star:
            own = walk.text(self.oid)
            if own:
                yield own
            yield from walk.texts(self.oid).values()
            return
        pattern = re.compile(rf"\d+{re.escape(rest)}(\.[\d.]+)?")
        for index, value in walk.column(start).items():
            if pattern.fullmatch(index) and (said := text(value)):
                yield said


@dataclass(frozen=True, slots=True)
class Family:
    """The devices of a maker. `types` are CI types by the beginning of sysObjectID, `words` by
    what is said of the device, `ci_type` is that of the others.

    Without a vendor it is of software that runs on devices of any maker.
    """

    vendor: str | None
    enterprises: tuple[str, ...]
    ci_type: str | None
    types: tuple[tuple[str, str], ...]
    words: tuple[tuple[re.Pattern[str], str], ...]
    platforms: tuple[tuple[re.Pattern[str], str], ...]
    places: dict[str, tuple[Place, ...]]
    descriptions: tuple[re.Pattern[str], ...]

    def value(self, fact: str, walk: Walk) -> str | None:
        """A fact at one of the objects of the maker."""
        found = (place.value(walk) for place in self.places.get(fact, ()))
        return next(filter(None, found), None)

    def type_of(self, object_id: str) -> str | None:
        """The CI type that sysObjectID tells, the longest beginning first."""
        for start, ci_type in self.types:
            if f"{object_id}.".startswith(f"{start}."):
                return ci_type
        return None


def family_of(object_id: str | None) -> Family | None:
    """The family to whose enterprise number an OID belongs."""
    enterprise = enterprise_of(object_id)
    return None if enterprise is None else by_enterprise(enterprise)


def by_enterprise(number: str) -> Family | None:
    """The family of an enterprise number."""
    return _by_enterprise().get(number)


def enterprise_of(object_id: str | None) -> str | None:
    """The enterprise number in an OID."""
    found = re.match(r"1\.3\.6\.1\.4\.(?:1\.)?(\d+)", object_id or "")
    return None if found is None or found[1] == "0" else found[1]


def present(walk: Walk) -> list[Family]:
    """The families whose objects the device has, whatever its sysObjectID."""
    known = _by_enterprise()
    return [known[number] for number in walk.enterprises if number in known]


@cache
def objects(*chosen: Family) -> tuple[str, ...]:
    """The OIDs at which facts stand, of these families or of all; those with `*` up to it."""
    known = {
        place.oid.partition("*")[0]
        for one in chosen or families()
        for places in one.places.values()
        for place in places
    }
    return tuple(sorted(known))


@cache
def _by_enterprise() -> dict[str, Family]:
    return {number: one for one in families() for number in one.enterprises}


@cache
def families() -> tuple[Family, ...]:
    """All families of the rules."""
    found: list[Family] = []
    for file in sorted(
        files(__package__).joinpath("rules", "makers").iterdir(), key=lambda one: one.name
    ):
        if file.name.endswith(".yaml"):
            entries = yaml.safe_load(file.read_text("utf-8"))
            found += [_family(one, f"{file.name}: {one.get('vendor')}") for one in entries]
    return tuple(found)


FIELDS = frozenset(
    {"vendor", "enterprises", "type", "types", "words", "platforms", "description", *FACTS}
)


def _family(raw: dict[str, Any], place: str) -> Family:
    unknown = raw.keys() - FIELDS
    if unknown or "vendor" not in raw:
        raise ValueError(f"{place}: unknown {sorted(unknown)}, or no vendor")
    types = ((f"{ENTERPRISES}.{start}", kind) for start, kind in raw.get("types", {}).items())
    return Family(
        vendor=raw["vendor"],
        enterprises=tuple(str(one) for one in raw.get("enterprises", ())),
        ci_type=raw.get("type"),
        types=tuple(sorted(types, key=lambda one: len(one[0]), reverse=True)),
        words=_named(raw.get("words", {})),
        platforms=_named(raw.get("platforms", {})),
        places={fact: tuple(_place(str(one)) for one in raw.get(fact, ())) for fact in FACTS},
        descriptions=tuple(re.compile(one) for one in raw.get("description", ())),
    )


def _named(patterns: dict[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(one, re.IGNORECASE), name) for one, name in patterns.items())


def _place(written: str) -> Place:
    oid, _, part = written.partition("~")
    oid = oid.strip()
    whole = oid if oid.startswith(("1.3.6.", "1.2.840.")) else f"{ENTERPRISES}.{oid}"
    return Place(whole, re.compile(part.strip()) if part.strip() else None)
