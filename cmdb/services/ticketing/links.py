"""The ties of tickets to their counterparts in other systems, and to the CIs that these name."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from cmdb.errors import CMDBError, Conflict, InvalidInput
from cmdb.identity.changes import Document
from cmdb.schema.records import Tie
from cmdb.services.ports import ItemQuery
from cmdb.services.ticketing.values import FIRST_ROLE, keys_of
from cmdb.services.ticketing.work import Work
from cmdb.tickets.foreign import Comment, Link, link_name, link_of
from cmdb.tickets.ticket import Ticket

KIND = "external_ticket"

Unknown = tuple[Any, CMDBError]
"""A reference to a CI that nobody knows, or that may be several, and what is wrong with it."""


class LinkedAlready(Conflict):
    """A ticket of another system that another ticket of ours stands for."""

    template = "{kind} '{name}' is already ticket {number} here"


def link_to(work: Work, system: str, number: str) -> Link | None:
    """What is known of a ticket of another system."""
    document = work.document(KIND, link_name(system, number))
    return None if document is None else link_of(document.body)


def keep_link(work: Work, system: str, number: str, link: Link) -> None:
    """Have this known of a ticket of another system."""
    work.keep(Document(KIND, link_name(system, number), link.body()))


def bind(work: Work, ticket: Ticket) -> None:
    """Have a ticket found by its numbers in other systems; LinkedAlready where another one is."""
    for system, number in ticket.foreign.items():
        known = link_to(work, system, number)
        if known is None:
            keep_link(work, system, number, Link(ticket.number))
        elif known.number != ticket.number:
            raise LinkedAlready(kind=f"ticket of {system}", name=number, number=known.number)


def fresh(link: Link | None, comments: Iterable[Comment]) -> list[Comment]:
    """The comments that were not taken before."""
    taken = set(link.taken) if link is not None else set()
    return [
        one for one in {one.digest: one for one in comments}.values() if one.digest not in taken
    ]


def found_items(
    work: Work, references: Sequence[Any], place: str
) -> tuple[list[str], list[Unknown]]:
    """The keys of the CIs that are meant, and what is unknown.

    A reference is a text, such as a key or `source:key`, or the attributes that one CI alone has.
    """
    texts = [(one, place) for one in references if isinstance(one, str)]
    by_text = keys_of(work, texts)
    keys, unknown = list[str](), list[Unknown]()
    for one in references:
        found = by_text[one] if isinstance(one, str) else _with_attributes(work, one, place)
        if isinstance(found, CMDBError):
            unknown.append((one, found))
        else:
            keys.append(found)
    return keys, unknown


def _with_attributes(work: Work, attributes: dict[str, Any], place: str) -> str | CMDBError:
    plain = all(isinstance(one, str | int | float | bool) for one in attributes.values())
    found = work.env.store.find_items(ItemQuery(attributes=attributes, limit=2)) if plain else []
    if len(found) == 1:
        return found[0].key
    told = shown_reference(attributes)
    detail = f"{'several' if found else 'no'} configuration items have {told}; name one by its key"
    return InvalidInput(place=place, detail=detail)


def shown_reference(reference: Any) -> str:
    """A reference as people read it."""
    if isinstance(reference, dict):
        return ", ".join(f"{name}={value}" for name, value in sorted(reference.items()))
    return str(reference)


def tied(ticket: Ticket, keys: Iterable[str]) -> Ticket:
    """The ticket with these CIs too, in the usual role of its kind."""
    role = FIRST_ROLE.get(ticket.kind, "affected")
    known = {tie.name for tie in ticket.items}
    added = tuple(Tie(role, key) for key in dict.fromkeys(keys) if key not in known)
    return replace(ticket, items=(*ticket.items, *added))
