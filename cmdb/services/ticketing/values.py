"""Values that people give for the fields and ties of tickets, as tickets keep them."""

from collections.abc import Iterable, Mapping
from typing import Any

from cmdb.errors import CMDBError, InvalidInput, NotFound, UnknownName
from cmdb.schema.records import Tie
from cmdb.services.items import seer
from cmdb.services.numbers import refuse
from cmdb.services.references import resolve
from cmdb.services.ticketing.work import Work
from cmdb.tickets.process import Process
from cmdb.tickets.ticket import COMMON_FIELDS, Ticket

ITEM_ROLES = (
    *("affected", "cause", "changed", "requested", "inspected", "covered", "documented"),
    *("impacted", "not_impacted"),
)
"""What a CI may be in a ticket. `impacted` and `not_impacted` correct what is computed."""

FIRST_ROLE = {
    "incident": "affected",
    "problem": "affected",
    "change": "changed",
    "release": "changed",
    "request": "requested",
    "inspection": "inspected",
    "emergency_plan": "covered",
    "article": "documented",
    "alert": "affected",
}
"""The role of a CI in a ticket of a kind, where none is said."""

LINK_ROLES = (
    *("parent", "duplicate_of", "caused_by", "resolves", "part_of", "converted_to"),
    *("documents", "related_to", "raises"),
)
"""What another ticket may be to a ticket: its parent, what it resolves, …"""

Given = Mapping[str, Any]


def fields_of(work: Work, process: Process, values: Given, place: str) -> dict[str, Any]:
    """The values with references to CIs as keys; raises everything that names what is not there."""
    types = {one.name: one.type for one in (*COMMON_FIELDS, *process.fields)}
    made, errors = dict(values), list[CMDBError]()
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and one.strip():
                errors += _wrong(work, types.get(name, ""), one, f"{place}, '{name}'")
    references = {
        name: value
        for name, value in values.items()
        if types.get(name) == "ci" and isinstance(value, str) and value.strip()
    }
    keys = keys_of(work, [(value, f"{place}, '{name}'") for name, value in references.items()])
    errors += [one for one in keys.values() if isinstance(one, CMDBError)]
    refuse(errors)
    return made | {name: keys[value] for name, value in references.items()}


def _wrong(work: Work, kind: str, value: str, place: str) -> list[CMDBError]:
    known: Iterable[str]
    if kind == "person":
        known = work.people
        if value not in known or not work.people[value].active:
            active = [name for name, one in work.people.items() if one.active]
            return [UnknownName(place=place, kind="user", name=value, known=active)]
    elif kind == "team":
        known = work.teams
        if value not in known:
            return [UnknownName(place=place, kind="team", name=value, known=known)]
    elif kind == "ticket" and value not in work.load([value]):
        return [NotFound(kind="ticket", name=value)]
    return []


def keys_of(work: Work, references: list[tuple[str, str]]) -> dict[str, str | CMDBError]:
    """The keys of the CIs that references mean, as far as the actor may see them."""
    if not references:
        return {}
    return resolve(work.env.store, references, seer(work.env, work.actor))


def ties_of(work: Work, kind: str, given: Iterable[Given]) -> tuple[Tie, ...]:
    """Ties to CIs from `{"key", "role"}`; raises everything that is wrong with them."""
    given = list(given)
    places = [f"items[{position}]" for position in range(len(given))]
    first = FIRST_ROLE.get(kind, "affected")
    named = [(str(one.get("key", "")), place) for one, place in zip(given, places, strict=True)]
    keys = keys_of(work, named)
    made, errors = [], list[CMDBError]()
    for one, (reference, place) in zip(given, named, strict=True):
        role, key = one.get("role") or first, keys[reference]
        if role not in ITEM_ROLES:
            errors.append(UnknownName(place=place, kind="role", name=role, known=ITEM_ROLES))
        if isinstance(key, CMDBError):
            errors.append(key)
        else:
            made.append(Tie(role, key))
    refuse(errors)
    return tuple(dict.fromkeys(made))


def links_of(work: Work, number: str, given: Iterable[Given]) -> tuple[Tie, ...]:
    """Links to tickets from `{"number", "role"}`; raises everything that is wrong with them."""
    made, errors = [], list[CMDBError]()
    for position, one in enumerate(given):
        place, role = f"links[{position}]", one.get("role") or "related_to"
        other = str(one.get("number", ""))
        if role not in LINK_ROLES:
            errors.append(UnknownName(place=place, kind="role", name=role, known=LINK_ROLES))
        try:
            work.seen(other)
        except CMDBError as error:
            errors.append(error)
        if other == number or (role == "parent" and number in _above(work, other)):
            detail = f"'{other}' cannot be above itself; name another ticket"
            errors.append(InvalidInput(place=place, detail=detail))
        made.append(Tie(role, other))
    refuse(errors)
    return tuple(dict.fromkeys(made))


def _above(work: Work, number: str) -> set[str]:
    """A ticket and all its parents."""
    seen: set[str] = set()
    waiting = [number]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            found: dict[str, Ticket] = work.load([one])
            waiting += found[one].linked("parent") if one in found else []
    return seen
