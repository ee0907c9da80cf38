"""Sources: how far each is trusted, what its keys mean, and which one wins for which attribute."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from cmdb.errors import InvalidInput, UnknownField, UnknownName, WrongValue, shown
from cmdb.schema.model import Catalog

EVERY = "*"
MAX_NAME = 128
USUAL_RANK = 100
FIELDS = ("type", "name", "status", "network_root", "redundancy")
"""What a source says beside attributes, and a precedence may name."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source of claims.

    `rank` is how far it is trusted where no precedence says otherwise: the greater wins. With
    `records` two keys of the source are two things; without, keys are only sightings, such as
    addresses. After `freshness` seconds of silence (None: the type's limit) a value yields to a
    fresher source; after `fades` seconds (None: never) its relations count no more. Where
    it `may_erase`, its null is a value. What a `withdrawn` source said does not count.
    """

    name: str
    description: str = ""
    rank: int = USUAL_RANK
    records: bool = True
    freshness: int | None = None
    fades: int | None = None
    may_erase: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Precedence:
    """Which sources win, best first, for an attribute (or `*`) of a type and those below it."""

    type: str
    attribute: str
    sources: tuple[str, ...]

    @property
    def name(self) -> str:
        """What no other precedence is called."""
        return f"{self.type}.{self.attribute}"


BUILTIN = (
    Source("manual", "What people enter by hand; wins over every other.", rank=1000),
    Source("csv", "CSV files that people keep.", rank=150),
    Source("xlsx", "Excel workbooks that people keep.", rank=150),
    Source("estate", "Estate files."),
    Source("netbox", "NetBox."),
    Source("glpi", "GLPI Agent: a machine's own inventory.", rank=90, records=False),
    Source("snmp", "SNMP agents of devices.", rank=80, records=False),
    Source("kubernetes", "Kubernetes: what a cluster says of itself.", rank=85),
    Source("prometheus", "What Prometheus watches.", rank=45, records=False),
    Source("dhcp_leases", "Leases of DHCP servers.", rank=40, records=False),
    Source("dns_zone", "Zone files of name servers.", rank=40, records=False),
    Source(
        "connections",
        "Connection tables of hosts: what listens, and what it is connected with.",
        rank=45,
        records=False,
        fades=90 * 86_400,
    ),
    Source("nmap", "What a scan of the network shows.", rank=50, records=False),
)


class Sources:
    """All declared sources and precedences; a source nobody declared is an ordinary one."""

    def __init__(
        self, declared: Iterable[Source] = (), precedences: Iterable[Precedence] = ()
    ) -> None:
        self.declared = {one.name: one for one in (*BUILTIN, *declared)}
        self.precedences = {(one.type, one.attribute): one for one in precedences}
        self._undeclared: dict[str, Source] = {}
        self._ranks: dict[tuple[str, str], dict[str, int]] = {}

    def __getitem__(self, name: str) -> Source:
        found = self.declared.get(name) or self._undeclared.get(name)
        if found is None:
            found = self._undeclared[name] = Source(name)
        return found

    def ranks(self, catalog: Catalog, type_name: str, attribute: str) -> dict[str, int]:
        """The place of each named source for an attribute of a type, the greater the better.

        The nearest type's word counts; on one type, that about the attribute before that about
        all. Sources it does not name come after those it names.
        """
        if not self.precedences:
            return {}
        place = (type_name, attribute)
        if place not in self._ranks:
            self._ranks[place] = self._find(catalog, type_name, attribute)
        return self._ranks[place]

    def _find(self, catalog: Catalog, type_name: str, attribute: str) -> dict[str, int]:
        for ancestor in catalog.ancestors.get(type_name, ()):
            for name in (attribute, EVERY):
                found = self.precedences.get((ancestor, name))
                if found is not None:
                    return {s: len(found.sources) - i for i, s in enumerate(found.sources)}
        return {}


SOURCE, PRECEDENCE = "source", "precedence"
"""The kinds of document in which a store keeps them."""


def sources_of(
    declared: Iterable[dict[str, Any]], precedences: Iterable[dict[str, Any]]
) -> Sources:
    """The built-in sources with those that were declared, given as they were stored."""
    return Sources(
        (Source(**one) for one in declared),
        (Precedence(one["type"], one["attribute"], tuple(one["sources"])) for one in precedences),
    )


def source_to_dict(source: Source) -> dict[str, Any]:
    """A source as JSON-ready data."""
    return asdict(source)


def check_source_name(name: str, place: str, field: str = "it") -> None:
    """Refuse what is no name of a source, which ends at the colon where a claim is named."""
    if not name.strip() or not name.isprintable() or len(name) > MAX_NAME or ":" in name:
        allowed = f"1 to {MAX_NAME} printable characters without a colon"
        raise WrongValue(place=place, name=field, value=shown(name), expected=allowed)


def source_from_dict(data: Any, place: str = "source") -> Source:
    """A source from data; raises InvalidInput that names the field."""
    _check_fields(data, Source, place)
    expected: dict[type, str] = {
        str: "a string",
        int: "a whole number, at least 0",
        bool: "true or false",
    }
    kinds: dict[str, type] = {
        **dict.fromkeys(("name", "description"), str),
        **dict.fromkeys(("rank", "freshness", "fades"), int),
        **dict.fromkeys(("records", "may_erase", "withdrawn"), bool),
    }
    for name, kind in kinds.items():
        value = data.get(name)
        good = type(value) is kind and (type(value) is not int or 0 <= value < 2**53)
        if not good and (value is not None or name == "name"):
            raise WrongValue(place=place, name=name, value=shown(value), expected=expected[kind])
    check_source_name(data["name"], place, "name")
    return Source(**{k: v for k, v in data.items() if v is not None})


def precedence_from_dict(data: Any, catalog: Catalog, place: str = "precedence") -> Precedence:
    """A precedence from data, checked against the catalog."""
    _check_fields(data, Precedence, place)
    for name in ("type", "attribute"):
        if not isinstance(data.get(name), str):
            raise WrongValue(
                place=place, name=name, value=shown(data.get(name)), expected="a string"
            )
    sources = data.get("sources")
    if not isinstance(sources, list | tuple) or not all(isinstance(s, str) for s in sources):
        raise WrongValue(
            place=place, name="sources", value=shown(sources), expected="a list of source names"
        )
    if len(set(sources)) < len(sources):
        raise InvalidInput(place=place, detail="a source stands twice in 'sources'")
    made = Precedence(data["type"], data["attribute"], tuple(sources))
    catalog.ci_type(made.type, place)
    known = {n for t in catalog.below(made.type) for n in catalog.attributes[t]}
    if made.attribute not in (EVERY, *FIELDS) and made.attribute not in known:
        raise UnknownName(place=place, kind="attribute", name=made.attribute, known=known)
    return made


def _check_fields(data: Any, kind: type, place: str) -> None:
    if not isinstance(data, dict):
        raise WrongValue(place=place, name="it", value=shown(data), expected="an object")
    known = kind.__dataclass_fields__  # type: ignore[attr-defined]
    for name in data:
        if name not in known:
            raise UnknownField(place=place, kind="field", name=str(name), known=known)
