"""Opening tickets: by people, from templates of standard changes, from the service catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cmdb.errors import CMDBError, Forbidden, InvalidInput, Rejected, UnknownName
from cmdb.schema.records import Tie
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import refuse, tried
from cmdb.services.ports import Receipt
from cmdb.services.ticketing import inform
from cmdb.services.ticketing.access import REQUESTER, NotOffered, not_offered, works_on_tickets
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.links import bind
from cmdb.services.ticketing.making import made
from cmdb.services.ticketing.steps import settle
from cmdb.services.ticketing.values import fields_of, links_of, template_of, ties_of
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.configuration.catalogue import begun
from cmdb.tickets.forms import form_errors
from cmdb.tickets.parts import Task
from cmdb.tickets.ticket import Ticket, check_opening, opening_errors

Filled = tuple[dict[str, Any], tuple[Task, ...]]
"""The values of a new ticket, and its tasks."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What somebody says who opens a ticket.

    `items` are `{"key", "role"}`, `links` are `{"number", "role"}`. `answers` fill the form of the
    item of the service catalogue that a request names. `foreign` are numbers in other systems.
    """

    kind: str
    values: Mapping[str, Any]
    items: Iterable[Mapping[str, Any]] = ()
    links: Iterable[Mapping[str, Any]] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    foreign: Mapping[str, str] = field(default_factory=dict)


@authorised(Permission.REQUEST)
def open_ticket(
    actor: Actor, env: Environment, opening: Opening, receipt: Receipt | None = None
) -> Ticket:
    """Open a ticket; everything wrong is told. Its requester is the actor.

    Who works on tickets may say who else it is, and fill any field; others what the form offers.
    """

    def do(work: Work) -> str:
        ticket = opened_by(work, opening)
        settle(work, ticket.number)
        return ticket.number

    number = commit(actor, env, f"opened {opening.kind}", do, receipt)
    return current(env, number)


def opened_by(work: Work, opening: Opening) -> Ticket:
    """The ticket that somebody opens, within a commit; its people are told."""
    kind, processes = opening.kind, work.settings.processes
    if kind not in processes:
        raise UnknownName(place="ticket", kind="kind of ticket", name=kind, known=processes)
    process, roles = processes[kind], {*work.actor.roles, REQUESTER}
    check_opening(process, roles)
    errors = _not_theirs(work, opening, f"new {kind}")
    items = tried(errors, lambda: ties_of(work, kind, opening.items), None)
    links = tried(errors, lambda: links_of(work, "", opening.links), tuple[Tie, ...]())
    filled = tried(errors, lambda: _filled(work, opening, items), None)
    values, tasks = filled or (dict(opening.values), ())
    values = tried(errors, lambda: fields_of(work, process, values, f"new {kind}"), values)
    refuse(opening_errors(process, values, whole=filled is not None) + errors)
    parts = {"answers": dict(opening.answers), "foreign": dict(opening.foreign), "tasks": tasks}
    ticket = made(work, kind, values, roles, items=items or (), links=links, **parts)
    bind(work, ticket)
    inform.tell(work, "ticket_opened", ticket, inform.followers(ticket))
    inform.announce(work, "ticket_opened", ticket)
    return ticket


def _filled(work: Work, opening: Opening, items: Iterable[Tie] | None) -> Filled:
    """The values with what follows from the template or the item of the catalogue they name."""
    kind, values = opening.kind, dict(opening.values)
    if work.actor.user in work.people:
        values.setdefault("requester", work.actor.user)
    if kind == "request" and values.get("item"):
        return _from_catalogue(work, values, opening.answers), ()
    if opening.answers:
        detail = "only items of the catalogue have a form to answer"
        raise InvalidInput(place=f"new {kind}", detail=detail)
    if kind == "change" and values.get("template"):
        return _from_template(work, values, items)
    return values, ()


def _not_theirs(work: Work, opening: Opening, place: str) -> list[CMDBError]:
    """What only who works on tickets may say."""
    errors = not_offered(work.actor, work.settings.processes[opening.kind], opening.values, place)
    if opening.foreign and not works_on_tickets(work.actor):
        errors.append(NotOffered(place=place, name="foreign", offered="'links'"))
    return errors


def _from_template(work: Work, values: dict[str, Any], items: Iterable[Tie] | None) -> Filled:
    template = template_of(work, str(values["template"]), items, "new change")
    tasks = begun(template.tasks, work.at)
    return {**template.values(), **values, "category": "standard"}, tasks


def _from_catalogue(
    work: Work, values: dict[str, Any], answers: Mapping[str, Any]
) -> dict[str, Any]:
    catalogue = work.settings.catalogue
    name = str(values["item"])
    if name not in catalogue:
        raise UnknownName(
            place="new request", kind="item of the service catalogue", name=name, known=catalogue
        )
    item, user = catalogue[name], work.people.get(work.actor.user)
    if not item.orderable(work.actor.roles | {REQUESTER}, user.teams if user else ()):
        roles = ", ".join((*item.roles, *item.teams)) or "nobody now"
        raise Forbidden(actor=work.actor.name, permission=f"order '{name}'", roles=roles)
    errors = form_errors(item.form, answers, f"answers to '{name}'", item.required)
    if errors:
        raise Rejected(errors)
    filled = {"title": item.label, **({"team": item.team} if item.team else {})}
    return {**filled, **values}
