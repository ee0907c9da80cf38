"""A ticket as it is shown: with its labels, its clocks as of now, and what may be done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from cmdb.services.actor import EVERYTHING, Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing.access import offered_fields, roles_in, works_on_tickets
from cmdb.services.ticketing.sight import content_of, sight
from cmdb.services.times import iso
from cmdb.services.users import own
from cmdb.tickets.clocks import Calendars, Clock, standing
from cmdb.tickets.forms import COMMON_FIELDS
from cmdb.tickets.parts import Task, missing
from cmdb.tickets.process import SYSTEM, FormField, Process
from cmdb.tickets.ticket import Ticket

LANGUAGES = {"en": "label", "zh": "label_zh"}


@authorised(Permission.FOLLOW)
def view_ticket(
    actor: Actor, env: Environment, ticket: Ticket, language: str = "en"
) -> dict[str, Any]:
    """A ticket that a service has given, JSON-ready; what the actor may not see left out."""
    return view_tickets(actor, env, [ticket], language)[0]


@authorised(Permission.FOLLOW)
def view_tickets(
    actor: Actor, env: Environment, tickets: Sequence[Ticket], language: str = "en"
) -> list[dict[str, Any]]:
    """The same of many tickets."""
    in_force, now = settings(env), env.clock()
    label = LANGUAGES.get(language, "label")
    processes = [in_force.versions[one.kind, one.version] for one in tickets]
    parts = [(p, content_of(one)) for p, one in zip(processes, tickets, strict=True)]
    kept = sight(actor, env, parts)
    return [
        _viewed(actor, one, process, kept.of(process, content), in_force.working_times, now, label)
        for one, (process, content) in zip(tickets, parts, strict=True)
    ]


def _viewed(
    actor: Actor,
    ticket: Ticket,
    process: Process,
    seen: Mapping[str, Any],
    calendars: Calendars,
    now: float,
    label: str,
) -> dict[str, Any]:
    state = process.state(ticket.state)
    roles = roles_in(actor, ticket) - {SYSTEM}
    steps = [one for one in process.offered(ticket.state) if not one.roles.isdisjoint(roles)]
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "title": ticket.title,
        "state": ticket.state,
        "state_label": getattr(state, label),
        "open": state.kind != "closed",
        "opened": iso(ticket.opened),
        "entered": iso(ticket.entered),
        "by": ticket.by,
        "fields": {k: v for k, v in sorted(seen["fields"].items()) if k != "title"},
        "answers": dict(ticket.answers),
        "items": [{"key": one.name, "role": one.role} for one in seen["items"]],
        "hidden_items": len({one.name for one in {*ticket.items}.difference(seen["items"])}),
        "links": [{"number": one.name, "role": one.role} for one in seen["links"]],
        "clocks": {
            name: _clock(clock, now, calendars) for name, clock in sorted(ticket.clocks.items())
        },
        "steps": [
            {"name": one.name, "label": getattr(one, label), "requires": list(one.requires)}
            for one in steps
        ],
        "approvals": {
            "panels": [asdict(one) for one in ticket.panels],
            "votes": [{**asdict(one), "at": iso(one.at)} for one in ticket.votes],
            "missing": missing(ticket.panels, ticket.votes),
        },
        "tasks": [_task(one) for one in ticket.tasks],
        "attachments": [{**asdict(one), "at": iso(one.at)} for one in ticket.attachments],
        "assessment": _assessment(actor, ticket),
        "foreign": dict(ticket.foreign),
        "version": ticket.seq,
    }


def _task(one: Task) -> dict[str, Any]:
    times = {name: getattr(one, name) for name in ("at", "added")}
    return {**asdict(one), **{name: iso(at) if at else None for name, at in times.items()}}


def _assessment(actor: Actor, ticket: Ticket) -> dict[str, Any] | None:
    """What was assessed; in numbers for who may see all that these count."""
    one = ticket.assessment
    if one is None or not works_on_tickets(actor):
        return None
    summary = dict(one.summary) if actor.scope == EVERYTHING else {}
    return {"seq": one.seq, "at": iso(one.at), "summary": summary}


def _clock(clock: Clock, now: float, calendars: Calendars) -> dict[str, Any]:
    """A clock in seconds of working time, and when its target is, or was, reached."""
    spent, due = standing(clock, now, calendars)
    state = "stopped" if clock.stopped is not None else "paused" if clock.paused else "running"
    return {
        "target": clock.target.seconds,
        "used": spent,
        "calendar": clock.target.calendar,
        "state": state,
        "started": iso(clock.started),
        "stopped": None if clock.stopped is None else iso(clock.stopped),
        "due": iso(due) if isfinite(due) else None,
        "breached": spent > clock.target.seconds,
    }


@authorised(Permission.REQUEST)
def forms(actor: Actor, env: Environment, language: str = "en") -> list[dict[str, Any]]:
    """The kinds of ticket that the actor may open, with the fields that he may fill then.

    `common` are those that all kinds have, `fields` those of the kind.
    """
    label = LANGUAGES.get(language, "label")
    roles = actor.roles | {"requester"}
    return [
        {
            "kind": process.kind,
            "prefix": process.prefix,
            "version": process.version,
            "required": ["title", *process.required],
            **{
                part: [_field(one, label) for one in offered_fields(actor, process) if one in known]
                for part, known in (("common", COMMON_FIELDS), ("fields", process.fields))
            },
        }
        for process in settings(env).processes.values()
        if not process.opening.isdisjoint(roles)
    ]


@authorised(Permission.REQUEST)
def catalogue(actor: Actor, env: Environment, language: str = "en") -> list[dict[str, Any]]:
    """The items of the service catalogue that the actor may order, with their forms."""
    label = LANGUAGES.get(language, "label")
    teams = own(env, actor).teams
    return [
        {
            "item": item.name,
            "label": getattr(item, label),
            "description": item.description_zh if language == "zh" else item.description,
            "approval": item.approval,
            "required": list(item.required),
            "form": [_field(one, label) for one in item.form],
        }
        for item in settings(env).catalogue.values()
        if item.orderable(actor.roles | {"requester"}, teams)
    ]


def _field(field: FormField, label: str) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.type,
        "label": getattr(field, label),
        "choices": list(field.choices),
        "many": field.many,
    }
