"""Tickets of an older system, taken over as they ended or stand there, in bounded commits.

What is taken over is history: no step is taken, nobody is told, and no clock runs. The same number
there again is the same ticket here, so a repeated import changes what has changed and no more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from cmdb.errors import CMDBError, InvalidInput, Rejected
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.external_systems import check_name
from cmdb.services.numbers import refuse
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing.links import (
    found_items,
    fresh,
    keep_link,
    link_to,
    shown_reference,
    tied,
)
from cmdb.services.ticketing.targets import levels_of
from cmdb.services.ticketing.work import Work, commit
from cmdb.services.times import iso
from cmdb.tickets.clocks import Clock
from cmdb.tickets.foreign import Comment, ForeignTicket, Link, TicketMapping, mapping_faults
from cmdb.tickets.forms import form_errors
from cmdb.tickets.process import Process
from cmdb.tickets.ticket import Ticket, by_itself
from cmdb.tickets.translation import fields_of, translated

AT_ONCE = 200
"""So many rows are taken over by one commit."""

Row = tuple[str, Mapping[str, Any] | CMDBError]
"""Where it stands, and what it says or what is wrong with it."""


@dataclass(slots=True)
class ImportReport:
    """What an import has done. Rows with `errors` were left out; `warnings` are of rows that were
    taken over without what they name.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[CMDBError] = field(default_factory=list)
    warnings: list[CMDBError] = field(default_factory=list)

    def add(self, other: "ImportReport") -> None:
        """Count another report in."""
        self.created += other.created
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.errors += other.errors
        self.warnings += other.warnings


@authorised(Permission.ADMINISTER, everywhere=True)
def import_tickets(
    actor: Actor,
    env: Environment,
    rows: Iterable[Row],
    *,
    system: str,
    mapping: TicketMapping,
    dry_run: bool = False,
) -> ImportReport:
    """Take over tickets of a system; good rows go in, and everything wrong is told at once.

    Names of people and teams that nobody has here stay as they are. A CI that is unknown is told,
    and written on its ticket. Raises what is wrong with the mapping itself.
    """
    check_name(system, "system")
    refuse(mapping_faults(mapping, settings(env).processes, "mapping"))
    report, left = ImportReport(), iter(rows)
    while batch := list(islice(left, AT_ONCE)):
        if dry_run:
            report.add(_taken(Work(actor, env), batch, system, mapping))
            continue
        reason = f"took over tickets of {system}"
        report.add(commit(actor, env, reason, lambda work: _taken(work, batch, system, mapping)))
    return report


def _taken(work: Work, rows: list[Row], system: str, mapping: TicketMapping) -> ImportReport:
    """Take over some rows within a commit; a bad one leaves no trace."""
    report = ImportReport()
    for place, said in rows:
        try:
            if isinstance(said, CMDBError):
                raise said
            read = translated(mapping, work.settings.processes, said, place)
            _take(work, report, system, mapping, read, place)
        except Rejected as rejected:
            report.errors += rejected.errors
        except CMDBError as error:
            report.errors.append(error)
    return report


def _take(
    work: Work,
    report: ImportReport,
    system: str,
    mapping: TicketMapping,
    read: ForeignTicket,
    place: str,
) -> None:
    """Take over one row; everything is checked before anything is done."""
    link = link_to(work, system, read.id)
    before = None if link is None else work.load([link.number]).get(link.number)
    after = _made(work, read, place) if before is None else _renewed(work, before, read, place)
    keys, unknown = found_items(work, read.items, place)
    if unknown and mapping.strict:
        raise Rejected([error for _, error in unknown])
    after = tied(after, keys)
    if before is None:
        number = work.next_number(work.settings.processes[read.kind].prefix)
        after = replace(after, number=number, by=work.who, foreign={system: read.id})
        work.note(number, _history(system, read), public=False)
    names = [shown_reference(one) for one, _ in unknown]
    lost = [Comment(f"CI in {system}: {told}", id=f"ci {told}") for told in names]
    notes = fresh(link, [*read.comments, *lost])
    for one in notes:
        work.note(after.number, one.words(), public=one.public)
    taken = (*(link.taken if link else ()), *(one.digest for one in notes))
    at = read.times.get("updated")
    kept = Link(after.number, read.version, at, taken, link.answer if link else {})
    keep_link(work, system, read.id, kept)
    work.put(after)
    report.warnings += [error for _, error in unknown]
    if before is None:
        report.created += 1
    elif before == after and not notes:
        report.unchanged += 1
    else:
        report.changed += 1


def _made(work: Work, read: ForeignTicket, place: str) -> Ticket:
    """The ticket of a number that was not known, as it stands there."""
    process = work.settings.processes[read.kind]
    refuse(form_errors(fields_of(process), read.values, place, ("title",)))
    opened = read.times.get("opened", read.times.get("updated", work.at))
    first = process.states[0].name
    made = Ticket("", read.kind, process.version, first, opened, opened, dict(read.values))
    return _stopped(work, _settled(process, _stated(process, made, read), work.at))


def _renewed(work: Work, before: Ticket, read: ForeignTicket, place: str) -> Ticket:
    if before.kind != read.kind:
        detail = f"it is {before.number} here, of kind {before.kind}; it cannot become {read.kind}"
        raise InvalidInput(place=place, detail=detail)
    process = work.process(before)
    fields = {**before.fields, **read.values}
    opened = read.times.get("opened", before.opened)
    after = replace(before, fields=fields, opened=opened)
    if read.state:
        after = _settled(process, _stated(process, after, read), work.at)
    return after


def _stated(process: Process, ticket: Ticket, read: ForeignTicket) -> Ticket:
    """The ticket in the state that it has there, since when it has it."""
    states = {one.name: one for one in process.states}
    targets = {one.name: one.target for one in process.steps}
    name = read.state if read.state in states else targets.get(read.state, ticket.state)
    ended = {"resolved": ("resolved", "closed"), "closed": ("closed", "resolved")}
    known = [*ended.get(states[name].kind, ()), "updated", "opened"]
    since = next((read.times[one] for one in known if one in read.times), ticket.entered)
    if name == ticket.state and ticket.number:
        since = ticket.entered
    return replace(ticket, state=name, entered=since)


def _settled(process: Process, ticket: Ticket, now: float) -> Ticket:
    """The ticket where time alone has taken it since, such as closed long after it was resolved."""
    for _ in process.states:
        step = by_itself(process, ticket, now)
        if step is None or step.after is None:
            break
        ticket = replace(ticket, state=step.target, entered=ticket.entered + step.after)
    return ticket


def _stopped(work: Work, ticket: Ticket) -> Ticket:
    """The ticket with clocks that count nothing of its past, where it has not ended."""
    process = work.settings.processes[ticket.kind]
    if process.state(ticket.state).kind == "closed":
        return ticket
    days, started = work.settings.days, min(ticket.opened, work.at)
    clocks = {
        name: Clock(level.target(days[level.calendar]), started, ((started, work.at),), work.at)
        for name, level in levels_of(work, ticket).items()
    }
    return replace(ticket, clocks=clocks)


def _history(system: str, read: ForeignTicket) -> str:
    """What is written on a ticket that was taken over."""
    times = ", ".join(f"{name} {iso(at)}" for name, at in read.times.items())
    return f"taken over from {system}, where it is {read.id}" + (f": {times}" if times else "")
