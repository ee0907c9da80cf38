"""Values that people give for the fields and ties of tickets, as tickets keep them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cmdb.errors import CMDBError, InvalidInput, NotFound, UnknownName
from cmdb.schema.records import Tie
from cmdb.services.items import seer
from cmdb.services.numbers import refuse
from cmdb.services.references import moved, resolve
from cmdb.services.ticketing.work import Work
from cmdb.tickets.configuration.catalogue import ChangeTemplate
from cmdb.tickets.forms import COMMON_FIELDS
from cmdb.tickets.process import FormField, Process
from cmdb.tickets.ticket import Ticket

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
    fields = (*COMMON_FIELDS, *process.fields)
    types = {one.name: one.type for one in fields}
    made, errors = dict(values), not_there(work, fields, values, place)
    references = {
        name: value if isinstance(value, list) else [value]
        for name, value in values.items()
        if types.get(name) == "ci"
    }
    named = [
        (one, f"{place}, '{name}'")
        for name, ones in references.items()
        for one in ones
        if isinstance(one, str) and one.strip()
    ]
    keys = keys_of(work, named)
    wrong = ((keys[name], where) for name, where in named)
    errors += [moved(one, where) for one, where in wrong if isinstance(one, CMDBError)]
    refuse(errors)
    for name, ones in references.items():
        found = [keys.get(one, one) if isinstance(one, str) else one for one in ones]
        made[name] = found if isinstance(values[name], list) else found[0]
    return made


def not_there(
    work: Work, fields: Iterable[FormField], values: Given, place: str
) -> list[CMDBError]:
    """What names people, teams and tickets that are not there."""
    types, errors = {one.name: one.type for one in fields}, list[CMDBError]()
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and one.strip():
                errors += _wrong(work, types.get(name, ""), one, f"{place}, '{name}'")
    return errors


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
    elif kind == "ticket":
        return _unseen(work, value, place)
    return []


def _unseen(work: Work, number: str, place: str) -> list[CMDBError]:
    """What is wrong where there is no such ticket, or none that the actor may see."""
    try:
        work.seen(number)
    except NotFound:
        return [UnknownName(place=place, kind="ticket", name=number, known=())]
    return []


def template_of(work: Work, name: str, items: Iterable[Tie] | None, place: str) -> ChangeTemplate:
    """The template of standard changes of a name; raises what keeps it from being used for CIs.

    Without `items` it is not known for which.
    """
    templates, catalog = work.settings.change_templates, work.env.catalog()
    if name not in templates:
        raise UnknownName(place=place, kind="change template", name=name, known=templates)
    template = templates[name]
    if items is None:
        return template
    known = work.env.store.items({tie.name for tie in items}).values()
    today = datetime.fromtimestamp(work.at, UTC).date()
    wrong = [one for one in known if not template.usable(today, catalog.ancestors[one.type])]
    if wrong or not known:
        keys = ", ".join(f"'{one.key}'" for one in wrong) or "nothing"
        detail = f"the template '{name}' is not for {keys}; open a normal change"
        raise InvalidInput(place=place, detail=detail)
    return template


def check_template(work: Work, ticket: Ticket, given: Given, *, tied: bool = True) -> None:
    """Raise what keeps a change from being a standard one by the template that is given.

    Unless it is `tied`, its CIs are not known.
    """
    if ticket.kind == "change" and given.get("template"):
        items = ticket.items if tied else None
        template_of(work, str(given["template"]), items, ticket.number)


def keys_of(work: Work, references: list[tuple[str, str]]) -> dict[str, str | CMDBError]:
    """The keys of the CIs that references mean, as far as the actor may see them."""
    if not references:
        return {}
    return resolve(work.env.store, references, seer(work.env, work.actor))


def ties_of(
    work: Work, kind: str, given: Iterable[Given], before: Iterable[Tie] = ()
) -> tuple[Tie, ...]:
    """Ties to CIs from `{"key", "role"}`; raises everything that is wrong with them.

    What was tied `before` may stay so, also where the CI is no more.
    """
    given, stay = list(given), {tie.name for tie in before}
    places = [f"items[{position}]" for position in range(len(given))]
    first = FIRST_ROLE.get(kind, "affected")
    named = [(str(one.get("key", "")), place) for one, place in zip(given, places, strict=True)]
    keys = keys_of(work, named)
    made, errors = [], list[CMDBError]()
    for one, (reference, place) in zip(given, named, strict=True):
        role, key = one.get("role") or first, keys[reference]
        if isinstance(key, CMDBError) and reference in stay:
            key = reference
        if role not in ITEM_ROLES:
            errors.append(UnknownName(place=place, kind="role", name=role, known=ITEM_ROLES))
        if isinstance(key, CMDBError):
            errors.append(moved(key, place))
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
        errors += _unseen(work, other, place)
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
