"""What identifies a thing of which only some values are known, and not even its type.

The rules are those of identification; what holds only within a host, and what clones share, tells
nothing here.
"""

from collections.abc import Iterable, Mapping

from cmdb.identity.identifiers import PLACED, Value, place_digest, values_of
from cmdb.schema.declarations import Identifier
from cmdb.schema.model import Catalog, Forms
from cmdb.schema.normal_forms import address, folded

Known = Mapping[str, Iterable[str]]
"""Values by attribute."""


def probes(catalog: Catalog, known: Known) -> list[Value]:
    """What identifies whatever has these values, strongest first."""
    given = {name: list(values) for name, values in known.items() if name != "site"}
    site = next(iter(known.get("site", ())), None)
    placed = {**given, "site": site}
    found: dict[int, Value] = {}
    for rule, forms in _rules(catalog).items():
        if all(given.get(name) for name in rule.attributes):
            for value in values_of(rule, forms, placed, None):
                found.setdefault(value.digest(), value)
    return sorted(found.values(), key=lambda one: one.strength)


def places(known: Known) -> dict[str, int]:
    """The digests of the addresses, within the site that is named, if any."""
    site = folded(next(iter(known.get("site", ())), ""))
    plain = (address(one) for one in known.get(PLACED, ()))
    return {one: place_digest(site, one) for one in plain if one is not None}


def _rules(catalog: Catalog) -> dict[Identifier, Forms]:
    """Every rule once, with the normal forms of its attributes in a type that has it."""
    found: dict[Identifier, Forms] = {}
    for rules in catalog.identifying.values():
        for rule, forms in rules:
            if not rule.within and not rule.clonable:
                found.setdefault(rule, forms)
    return found
