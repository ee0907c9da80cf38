"""Whether observed codes and names are as the rules of their types say. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cmdb.errors import (
    CMDBError,
    CodeInUse,
    CodeRepeated,
    PatternDisagrees,
    PatternMismatch,
    WrongValue,
    shown,
)
from cmdb.identity.observation import ObservedItem
from cmdb.schema.codes import CodeRule
from cmdb.schema.model import Catalog
from cmdb.schema.patterns import Pattern

Slot = tuple[str, str]
"""The attribute that holds a code, and the code."""


class Holder(NamedTuple):
    """A CI that carries a code."""

    number: int
    key: str


@dataclass(slots=True)
class InUse:
    """Which CIs carry which codes, and which CI each item is.

    `own` maps the key of an item to the number of its CI; items of one CI may share its code, an
    item without one is a CI of its own. `next_free` gives the next code for a type and values, None
    where it cannot be told.
    """

    holders: Mapping[Slot, Sequence[Holder]] = field(default_factory=dict)
    own: Mapping[str, int] = field(default_factory=dict)
    next_free: Callable[[str, Mapping[str, Any]], str | None] = lambda type_name, values: None


def codes_of(catalog: Catalog, items: Iterable[ObservedItem]) -> set[Slot]:
    """The codes that items carry."""
    return {
        (rule.attribute, code)
        for one in items
        if (rule := catalog.codes.get(one.type)) is not None
        and (code := one.attributes.get(rule.attribute)) is not None
    }


def code_errors(catalog: Catalog, items: Iterable[ObservedItem], in_use: InUse) -> list[CMDBError]:
    """What is wrong with the codes and names of items, whose attributes are in normal form.

    An item that carries no code is no error: codes are given to who asks for them.
    """
    checker = _Checker(in_use)
    errors: list[CMDBError] = []
    for seen in items:
        pattern = catalog.name_patterns.get(seen.type)
        if pattern is not None and seen.name is not None:
            errors += checker.name_errors(seen, pattern)
        rule = catalog.codes.get(seen.type)
        code = None if rule is None else seen.attributes.get(rule.attribute)
        if rule is not None and code is not None:
            errors += checker.errors(seen, rule, code)
    return errors


class _Checker:
    """One batch; remembers which codes were given where."""

    def __init__(self, in_use: InUse) -> None:
        self.in_use = in_use
        self.first: dict[Slot, ObservedItem] = {}

    def errors(self, seen: ObservedItem, rule: CodeRule, code: str) -> Iterator[CMDBError]:
        parsed, name = rule.parsed, f"attribute '{rule.attribute}'"
        parts = parsed.match(code)

        def right(values: Mapping[str, Any]) -> str:
            return self.in_use.next_free(seen.type, values) or parsed.example()

        yield from _form_errors(seen, parsed, name, code, right)
        if parts is None:
            return

        def free() -> str:
            values = parsed.values(parts)
            return self.in_use.next_free(seen.type, values) or f"'cmdb code give {seen.type}'"

        place, own = _place(seen), self.in_use.own.get(seen.key)
        first = self.first.setdefault((rule.attribute, code), seen)
        if first.key != seen.key and (own is None or own != self.in_use.own.get(first.key)):
            yield CodeRepeated(
                place=place, name=name, value=shown(code), first=_place(first), free=free()
            )
        holders = self.in_use.holders.get((rule.attribute, code), ())
        other = next((one for one in holders if one.number != own), None)
        if other is not None:
            yield CodeInUse(place=place, name=name, value=shown(code), other=other.key, free=free())

    def name_errors(self, seen: ObservedItem, pattern: Pattern) -> Iterator[CMDBError]:
        def right(values: Mapping[str, Any]) -> str:
            found: list[CMDBError] = []
            parts = pattern.parts(values, "", found)
            example = {} if pattern.number is None else {"number": pattern.number.example()}
            return pattern.example() if found else pattern.joined({**parts, **example})

        return _form_errors(seen, pattern, "name", seen.name or "", right)


def _form_errors(
    seen: ObservedItem,
    pattern: Pattern,
    name: str,
    value: str,
    right: Callable[[Mapping[str, Any]], str],
) -> Iterator[CMDBError]:
    """What a code or name has that its pattern or the item's attributes do not allow."""
    place = _place(seen)
    parts = pattern.match(value)
    if parts is None:
        yield PatternMismatch(
            place=place,
            name=name,
            value=shown(value),
            pattern=shown(pattern.text),
            right=right(seen.attributes),
        )
        return
    for one in pattern.fields.values():
        actual = seen.attributes.get(one.name)
        if actual is None:
            continue
        attribute = f"attribute '{one.name}'"
        try:
            written = one.written(actual)
        except ValueError as error:
            yield WrongValue(place=place, name=attribute, value=shown(actual), expected=str(error))
            continue
        if written != parts[one.name]:
            yield PatternDisagrees(
                place=place,
                name=name,
                value=shown(value),
                field=attribute,
                said=shown(parts[one.name]),
                actual=shown(actual),
                right=right({**pattern.values(parts), **seen.attributes}),
            )


def _place(seen: ObservedItem) -> str:
    """Where an item stood, with its key where that does not show it."""
    return seen.place if seen.key in seen.place else f"{seen.place} '{seen.key}'"
