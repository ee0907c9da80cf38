"""Whether codes and names are as the rules of their types say. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from cmdb.errors import CMDBError, PatternDisagrees, PatternMismatch, WrongValue, shown
from cmdb.identity.observation import ObservedItem
from cmdb.schema.model import Catalog
from cmdb.schema.patterns import Pattern


class Code(NamedTuple):
    """A code, and the attribute that holds it; no two CIs carry the same."""

    attribute: str
    text: str

    @property
    def name(self) -> str:
        """How the store names it."""
        return f"{self.attribute}:{self.text}"


def code_of(catalog: Catalog, seen: ObservedItem) -> Code | None:
    """The code of a thing whose type has a code rule."""
    rule = catalog.codes.get(seen.type)
    text = None if rule is None else seen.attributes.get(rule.attribute)
    return None if rule is None or text is None else Code(rule.attribute, text)


def form_errors(catalog: Catalog, seen: ObservedItem) -> Iterator[CMDBError]:
    """What a thing's name and code have that their patterns or its attributes do not allow.

    Attributes must be in normal form. No code is no error: codes are given to who asks for them.
    """
    pattern = catalog.name_patterns.get(seen.type)
    if pattern is not None and seen.name is not None:
        yield from _errors(seen, pattern, "name", seen.name)
    code = code_of(catalog, seen)
    if code is not None:
        rule = catalog.codes[seen.type]
        yield from _errors(seen, rule.parsed, f"attribute '{code.attribute}'", code.text)


def place_of(seen: ObservedItem) -> str:
    """Where an item stood, with its key where that does not show it."""
    return seen.place if seen.key in seen.place else f"{seen.place} '{seen.key}'"


def _errors(seen: ObservedItem, pattern: Pattern, name: str, value: str) -> Iterator[CMDBError]:
    known = {n: v for n, v in seen.attributes.items() if n in pattern.fields and v is not None}
    place = place_of(seen)
    unfit: list[CMDBError] = []
    written = pattern.parts(known, place, unfit)
    yield from (one for one in unfit if isinstance(one, WrongValue))  # missing ones say nothing
    parts = pattern.match(value)
    if parts is None:
        right = pattern.joined({**pattern.example(), **written})
        yield PatternMismatch(
            place=place,
            name=name,
            value=shown(value),
            pattern=shown(pattern.text),
            right=shown(right),
        )
        return
    for attribute, text in written.items():
        if text != parts[attribute]:
            yield PatternDisagrees(
                place=place,
                name=name,
                value=shown(value),
                field=f"attribute '{attribute}'",
                said=shown(parts[attribute]),
                actual=shown(known[attribute]),
            )
