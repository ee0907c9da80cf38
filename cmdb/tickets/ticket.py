"""Tickets as they stand, and what taking a step makes of one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cmdb.errors import (
    CMDBError,
    Forbidden,
    InvalidInput,
    MissingField,
    Rejected,
    UnknownName,
)
from cmdb.schema.records import Tie
from cmdb.tickets.clocks import Clock
from cmdb.tickets.forms import COMMON_FIELDS, empty, form_errors
from cmdb.tickets.parts import Assessment, Attachment, Panel, Task, Vote
from cmdb.tickets.process import SYSTEM, Process, Step


class IllegalStep(InvalidInput):
    """A step that the state of a ticket does not offer."""

    template = "{place}: '{step}' cannot be done while it is {state}; it can be: {offered}"


class GuardFails(InvalidInput):
    """What a step needs is not so."""

    template = "{place}: '{step}' must wait: {words}"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket as it stands. `version` is that of its process; `fields` are those that are filled;
    `clocks` are by name; moments are in seconds since 1970. `items` are CIs by key and `links`
    other tickets by number, each with its role. `answers` fill the form of what it was
    made from. `by` has opened it; `foreign` are its numbers in
    other systems. `seq` is the commit that last changed it.
    """

    number: str
    kind: str
    version: int
    state: str
    opened: float
    entered: float
    fields: Mapping[str, Any] = field(default_factory=dict)
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    items: tuple[Tie, ...] = ()
    links: tuple[Tie, ...] = ()
    panels: tuple[Panel, ...] = ()
    votes: tuple[Vote, ...] = ()
    tasks: tuple[Task, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    assessment: Assessment | None = None
    by: str = ""
    foreign: Mapping[str, str] = field(default_factory=dict)
    seq: int = 0

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.fields.get("title", ""))

    def tied(self, *roles: str) -> list[str]:
        """The keys of the CIs that have one of these roles in it, in their order."""
        return list(dict.fromkeys(tie.name for tie in self.items if tie.role in roles))

    def linked(self, *roles: str) -> list[str]:
        """The numbers of the tickets that it is linked to in one of these roles."""
        return list(dict.fromkeys(link.name for link in self.links if link.role in roles))


def opened(
    process: Process, number: str, values: Mapping[str, Any], roles: Collection[str], at: float
) -> Ticket:
    """A new ticket; Rejected with everything that is wrong with its values."""
    check_opening(process, roles)
    errors = opening_errors(process, values)
    if errors:
        raise Rejected(errors)
    filled = {name: value for name, value in values.items() if not empty(value)}
    first = process.states[0].name
    return Ticket(number, process.kind, process.version, first, at, at, filled)


def check_opening(process: Process, roles: Collection[str]) -> None:
    """Forbidden where these roles may not open a ticket."""
    _allow(roles, process.opening, f"open {process.kind} tickets")


def opening_errors(
    process: Process, values: Mapping[str, Any], *, whole: bool = True
) -> list[CMDBError]:
    """What is wrong with the values of a new ticket; if they are the `whole`, what is missing."""
    required = ("title", *process.required) if whole else ()
    return form_errors((*COMMON_FIELDS, *process.fields), values, f"new {process.kind}", required)


def edited(
    process: Process, ticket: Ticket, values: Mapping[str, Any], roles: Collection[str]
) -> Ticket:
    """The ticket with other values; None takes one away."""
    check_editing(process, ticket, roles)
    return _filled(process, ticket, values)


def check_editing(process: Process, ticket: Ticket, roles: Collection[str]) -> None:
    """Raise what keeps these roles from changing what a ticket says."""
    _allow(roles, process.editing, f"edit {process.kind} tickets")
    if process.state(ticket.state).kind == "closed":
        detail = "it is closed; reopen it, or open another"
        raise InvalidInput(place=ticket.number, detail=detail)


def moved(
    process: Process,
    ticket: Ticket,
    name: str,
    values: Mapping[str, Any],
    roles: Collection[str],
    facts: Mapping[str, Any],
    at: float,
) -> tuple[Ticket, Step]:
    """The ticket after a step, and the step, whose effects are to be done with it.

    `facts` are what guards may ask about beside fields. Raises everything that is wrong at once.
    """
    step = _step(process, ticket, name)
    _allow(roles, step.roles, f"do '{name}'")
    errors = _not_theirs(process, ticket, step, values, roles)
    after = ticket
    try:
        after = _filled(process, ticket, {**values, **step.sets})
    except Rejected as rejected:
        errors += rejected.errors
    given = {**after.fields, **values}
    for needed in step.requires:
        if empty(given.get(needed)):
            errors.append(MissingField(place=ticket.number, name=needed))
    for guard in step.guards:
        if not guard.holds({**facts, **after.fields}):
            errors.append(GuardFails(place=ticket.number, step=name, words=guard.words))
    if errors:
        raise Rejected(errors)
    after = replace(after, state=step.target, entered=at)
    return _clocked(process, after, at), step


def by_itself(process: Process, ticket: Ticket, at: float) -> Step | None:
    """The step that a ticket takes by itself now, as its time has come."""
    due = [(when, step) for when, step in timed_steps(process, ticket) if when <= at]
    return min(due, key=lambda one: one[0])[1] if due else None


def timed_steps(process: Process, ticket: Ticket) -> list[tuple[float, Step]]:
    """The steps that a ticket will take by itself, with the moments from which on."""
    found = []
    for step in process.offered(ticket.state):
        if step.after is not None:
            found.append((ticket.entered + step.after, step))
        moment = ticket.fields.get(step.at) if step.at is not None else None
        if isinstance(moment, str):
            found.append((datetime.fromisoformat(moment).timestamp(), step))
    return found


def ready(process: Process, ticket: Ticket, facts: Mapping[str, Any]) -> Step | None:
    """The step that a ticket takes by itself now, as all that it needs is there."""
    for step in process.offered(ticket.state):
        if step.automatic is None or not all(
            one.holds({**facts, **ticket.fields}) for one in step.automatic
        ):
            continue
        fields = {**ticket.fields, **step.sets}  # as when it is taken, so that it can be
        if not any(empty(fields.get(name)) for name in step.requires) and all(
            one.holds({**facts, **fields}) for one in step.guards
        ):
            return step
    return None


def clocked(process: Process, state: str, name: str, clock: Clock, at: float) -> Clock:
    """A clock as entering a state leaves it; what ends a ticket ends its clocks."""
    entered = process.state(state)
    match entered.clocks.get(name, "stop" if entered.kind == "closed" else None):
        case "pause":
            return clock.pause(at)
        case "resume":
            return clock.resume(at)
        case "stop":
            return clock.stop(at)
        case "restart":
            return clock.restart()
    return clock


def _clocked(process: Process, ticket: Ticket, at: float) -> Ticket:
    clocks = {
        name: clocked(process, ticket.state, name, clock, at)
        for name, clock in ticket.clocks.items()
    }
    return replace(ticket, clocks=clocks)


def _step(process: Process, ticket: Ticket, name: str) -> Step:
    known = {step.name for step in process.steps}
    if name not in known:
        raise UnknownName(place=ticket.number, kind="step", name=name, known=sorted(known))
    offered = process.offered(ticket.state)
    for step in offered:
        if step.name == name:
            return step
    names = ", ".join(f"'{step.name}'" for step in offered) or "nothing"
    raise IllegalStep(place=ticket.number, step=name, state=ticket.state, offered=names)


def _allow(roles: Collection[str], allowed: frozenset[str], permission: str) -> None:
    if allowed.isdisjoint(roles):
        named = ", ".join(sorted(allowed - {SYSTEM})) or "none"
        raise Forbidden(actor="this actor", permission=permission, roles=named)


def _not_theirs(
    process: Process,
    ticket: Ticket,
    step: Step,
    values: Mapping[str, Any],
    roles: Collection[str],
) -> list[CMDBError]:
    """The values beyond what a step requires, from who may take it but not edit the ticket."""
    if not process.editing.isdisjoint(roles):
        return []
    allowed = ", ".join(f"'{name}'" for name in step.requires) or "nothing"
    return [
        InvalidInput(
            place=ticket.number,
            detail=f"with '{step.name}' you may fill {allowed}, but not '{name}'; leave it out",
        )
        for name in values
        if name not in step.requires
    ]


def _filled(process: Process, ticket: Ticket, values: Mapping[str, Any]) -> Ticket:
    errors = _wrong(process, values, ticket.number)
    errors += [
        MissingField(place=ticket.number, name=name)
        for name in ("title", *process.required)
        if name in values and empty(values[name])
    ]
    if errors:
        raise Rejected(errors)
    fields = {**ticket.fields, **values}
    return replace(ticket, fields={n: v for n, v in fields.items() if not empty(v)})


def _wrong(process: Process, values: Mapping[str, Any], place: str) -> list[CMDBError]:
    return form_errors((*COMMON_FIELDS, *process.fields), values, place)
