"""Tickets of an older system, taken over as they ended or stand there, in bounded commits.

What is taken over is history: no step is taken, nobody is told, and no clock runs. The same number
there again is the same ticket here, so a repeated import changes what has changed there and no
more: what was changed here since the last import stays and is told, unless it is overwritten.
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
from cmdb.tickets.merging import merged
from cmdb.tickets.process import Process
from cmdb.tickets.ticket import Ticket, by_itself
from cmdb.tickets.translation import fields_of, translated

AT_ONCE = 200
"""So many rows are taken over by one commit."""


class KeptHere(InvalidInput):
    """What an imported row says otherwise than it was left here after the last import."""

    template = (
        "{place}: {parts} of {number} stay as they are here; import with 'overwrite' to take over"
        " what it says"
    )


Row = tuple[str, Mapping[str, Any] | CMDBError]
"""Where it stands, and what it says or what is wrong with it."""


@dataclass(slots=True)
class ImportReport:
    """What an import has done. Rows with `errors` were left out; `warnings` are of rows that were
    taken over without what they name, or with what stays here: so many were `kept` in part.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    errors: list[CMDBError] = field(default_factory=list)
    warnings: list[CMDBError] = field(default_factory=list)

    def add(self, other: "ImportReport") -> None:
        """Count another report in."""
        self.created += other.created
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.kept += other.kept
        self.errors += other.errors
        self.warnings += other.warnings


@dataclass(frozen=True, slots=True)
class Way:
    """How rows are taken over: of which system, by which mapping."""

    system: str
    mapping: TicketMapping
    overwrite: bool


@authorised(Permission.ADMINISTER, everywhere=True)
def import_tickets(
    actor: Actor,
    env: Environment,
    rows: Iterable[Row],
    *,
    system: str,
    mapping: TicketMapping,
    dry_run: bool = False,
    overwrite: bool = False,
) -> ImportReport:
    """Take over tickets of a system; good rows go in, and everything wrong is told at once.

    What was changed here since the last import stays, unless they are to `overwrite` it; so does
    all where a row is older than the last word.

    Names of people and teams that nobody has here stay as they are. A CI that is unknown is told,
    and written on its ticket. Raises what is wrong with the mapping itself.
    """
    check_name(system, "system")
    refuse(mapping_faults(mapping, settings(env).processes, "mapping"))
    report, left, way = ImportReport(), iter(rows), Way(system, mapping, overwrite)
    while batch := list(islice(left, AT_ONCE)):
        if dry_run:
            report.add(_taken(Work(actor, env), batch, way))
            continue
        reason = f"took over tickets of {system}"
        report.add(commit(actor, env, reason, lambda work: _taken(work, batch, way)))
    return report


def _taken(work: Work, rows: list[Row], way: Way) -> ImportReport:
    """Take over some rows within a commit; a bad one leaves no trace."""
    report = ImportReport()
    for place, said in rows:
        try:
            if isinstance(said, CMDBError):
                raise said
            read = translated(way.mapping, work.settings.processes, said, place)
            _take(work, report, way, read, place)
        except Rejected as rejected:
            report.errors += rejected.errors
        except CMDBError as error:
            report.errors.append(error)
    return report


def _take(work: Work, report: ImportReport, way: Way, read: ForeignTicket, place: str) -> None:
    """Take over one row; everything is checked before anything is done."""
    link = link_to(work, way.system, read.id) or Link("")
    before = work.load([link.number]).get(link.number) if link.number else None
    keys, unknown = found_items(work, read.items, place)
    wanted = _made(work, read, place) if before is None else _renewed(work, before, read, place)
    older = not way.overwrite and link.older(read.version, read.times.get("updated"))
    after, stay = tied(wanted, keys), list[str]()
    if before is not None and not way.overwrite:
        said = None if older else link.said
        after, new, stay = merged(work.process(before), before, wanted, read.values, keys, said)
        after = tied(after, new)
    if unknown and way.mapping.strict:
        raise Rejected([error for _, error in unknown])
    if before is None:
        number = work.next_number(work.settings.processes[read.kind].prefix)
        after = replace(after, number=number, by=work.who, foreign={way.system: read.id})
        work.note(number, _history(way.system, read), public=False)
    names = [shown_reference(one) for one, _ in unknown]
    lost = [Comment(f"CI in {way.system}: {told}", id=f"ci {told}") for told in names]
    notes = fresh(link, [*read.comments, *lost])
    for one in notes:
        work.note(after.number, one.words(), public=one.public)
    link = replace(link, number=after.number, taken=(*link.taken, *(one.digest for one in notes)))
    if not older:
        link = _followed(link, wanted, read, keys)
    keep_link(work, way.system, read.id, link)
    work.put(after)
    report.warnings += [error for _, error in unknown]
    if stay:
        parts = ", ".join(f"'{name}'" for name in stay)
        report.warnings.append(KeptHere(place=place, parts=parts, number=after.number))
        report.kept += 1
    if before is None:
        report.created += 1
    elif before == after and not notes:
        report.unchanged += 1
    else:
        report.changed += 1


def _followed(link: Link, wanted: Ticket, read: ForeignTicket, keys: list[str]) -> Link:
    """What is known of the other side after a row."""
    version = link.version if read.version is None else read.version
    at = read.times.get("updated", link.at)
    said = link.said.and_then(read.values, wanted.state if read.state else "", keys)
    return replace(link, version=version, at=at, said=said)


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
