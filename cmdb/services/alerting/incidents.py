"""The incidents of alerts: opened, joined, merged, enriched, and resolved when all is over."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from cmdb.impact.propagation import Propagation
from cmdb.impact.states import DOWN
from cmdb.schema.records import Tie
from cmdb.services.alerting.causes import Cause
from cmdb.services.alerting.intake import RAISES
from cmdb.services.alerting.looking import Look
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing import inform
from cmdb.services.ticketing.facts import is_open
from cmdb.services.ticketing.making import BY_ITSELF, made
from cmdb.services.ticketing.steps import advance, settle
from cmdb.services.ticketing.work import Work
from cmdb.services.times import iso
from cmdb.tickets.alerts import KIND
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket

INCIDENT, MARK = "incident", "from_alerts"
UNTOUCHED = frozenset({"recorded", "classified", "assigned"})
"""States in which nobody has taken an incident up, so that it may become part of another."""

MOST_OPEN, MOST_TIED, MOST_SERVICES, MOST_CHANGES = 200, 100, 10, 5
DAY = 86_400.0
Group = tuple[Cause, Sequence[Ticket]]


def open_incidents(look: Look) -> list[Ticket]:
    """The incidents that alerts have opened and that are not resolved, the oldest first."""
    query = TicketQuery(
        kinds=frozenset({INCIDENT}),
        open=True,
        fields={MARK: True},
        sort="opened",
        descending=True,
        limit=MOST_OPEN,
    )
    found = map(ticket_of, look.env.store.tickets.find(query))
    return [one for one in reversed(list(found)) if one.state != "resolved"]


def enter(
    work: Work, look: Look, cause: Cause, alerts: Sequence[Ticket], known: Sequence[str]
) -> str:
    """Put alerts into the incident of their cause: the oldest of those known, or a new one."""
    key = look.snapshot.key(cause.ci)
    main = _standing(work, key, known)
    keys = list(dict.fromkeys(one for alert in alerts for one in alert.tied("affected")))
    if main is None:
        main = _opened(work, look, cause, alerts, keys)
    else:
        main = _joined(work, look, main, cause, alerts, keys)
    for alert in alerts:
        links = [one for one in alert.links if one.role != RAISES]
        work.put(replace(alert, links=(*links, Tie(RAISES, main.number))))
    return main.number


def _standing(work: Work, key: str, known: Sequence[str]) -> Ticket | None:
    """The first incident that still stands, of those known; or one that has the same cause."""
    query = TicketQuery(
        kinds=frozenset({INCIDENT}),
        open=True,
        fields={MARK: True},
        items=frozenset({key}),
        roles=frozenset({"cause"}),
        sort="opened",
    )
    same = [one.number for one in work.env.store.tickets.find(query)]
    for ticket in work.load([*known, *same]).values():
        if is_open(work, ticket) and ticket.state != "resolved":
            return ticket
    return None


def _opened(
    work: Work, look: Look, cause: Cause, alerts: Sequence[Ticket], keys: Sequence[str]
) -> Ticket:
    values = {"title": _title(look, cause, alerts), "urgency": _urgency(alerts), MARK: True}
    ties = _ties(look.snapshot.key(cause.ci), keys)
    ticket = made(work, INCIDENT, values, BY_ITSELF, items=ties)
    work.note(ticket.number, _said(look, cause, alerts, keys), public=False)
    inform.announce(work, "ticket_opened", ticket)
    settle(work, ticket.number)
    return work.ticket(ticket.number)


def _joined(
    work: Work,
    look: Look,
    main: Ticket,
    cause: Cause,
    alerts: Sequence[Ticket],
    keys: Sequence[str],
) -> Ticket:
    """An incident with more alerts; what is known of its cause follows until somebody works on it.

    Its urgency follows the worst of them.
    """
    key = look.snapshot.key(cause.ci)
    before = main.tied("cause")
    moves = main.state in UNTOUCHED and before != [key] and len(cause.explains) > 1
    tied = [*main.tied("affected"), *keys]
    ties = _ties(key if moves or not before else before[0], tied)
    others = tuple(one for one in main.items if one.role not in ("affected", "cause"))
    fields = dict(main.fields)
    fields["urgency"] = min(int(fields.get("urgency", 3)), _urgency(alerts))
    if moves:
        fields["title"] = _title(look, cause, alerts)
        work.note(main.number, _said(look, cause, alerts, keys), public=False)
    return work.put(replace(main, items=(*ties, *others), fields=fields))


def merge(work: Work, main: str, other: str) -> None:
    """Let an incident go into another, whose alerts are already there."""
    ticket = work.load([other]).get(other)
    if ticket is None or ticket.state not in UNTOUCHED:
        return
    links = tuple(dict.fromkeys((*ticket.links, Tie("duplicate_of", main))))
    ticket = work.put(replace(ticket, links=links))
    advance(work, ticket, "merge", {"merged_into": main}, BY_ITSELF)


def recover(work: Work, look: Look, numbers: Iterable[str], ended: Collection[str]) -> None:
    """Resolve incidents of whose alerts none is left, beside those that this commit ends."""
    for number, incident in work.load(numbers).items():
        if incident.kind != INCIDENT or not incident.fields.get(MARK):
            continue
        query = TicketQuery(kinds=frozenset({KIND}), open=True, linked=number, limit=len(ended) + 1)
        left = [one.number for one in work.env.store.tickets.find(query)]
        steps = [step.name for step in work.process(incident).offered(incident.state)]
        if not set(left).difference(ended) and "recover" in steps:
            text = f"All alerts have cleared by {iso(look.now)}."
            work.note(number, text, public=True)
            advance(work, incident, "recover", {"solution": text}, BY_ITSELF)
            settle(work, number)


def _ties(cause: str, keys: Sequence[str]) -> tuple[Tie, ...]:
    affected = list(dict.fromkeys(keys))[:MOST_TIED]
    return (Tie("cause", cause), *(Tie("affected", key) for key in affected))


def _urgency(alerts: Sequence[Ticket]) -> int:
    return min((int(one.fields.get("priority", 3)) for one in alerts), default=3)


def _title(look: Look, cause: Cause, alerts: Sequence[Ticket]) -> str:
    key = look.snapshot.key(cause.ci)
    own = [one for one in alerts if key in one.tied("affected")]
    if len(cause.explains) == 1 and own:
        return f"{own[0].title}"[:500]
    return f"{look.snapshot.name(cause.ci)}: probable cause of alerts on other CIs"[:500]


def _said(look: Look, cause: Cause, alerts: Sequence[Ticket], keys: Sequence[str]) -> str:
    """What is known of the cause, for who works on it."""
    snapshot = look.snapshot
    lines = [f"{len(alerts)} alerts on {len(keys)} CIs."]
    if cause.ranked:
        ranked = (f"{snapshot.key(ci)} {score:.0%}" for ci, score in cause.ranked)
        lines.append(f"Probable causes: {', '.join(ranked)}; not in the model {cause.outside:.0%}.")
    hit = Propagation(snapshot, {cause.ci: DOWN}).numbers
    types = snapshot.graph.columns(hit)[0]
    services = [snapshot.key(one) for one in hit[snapshot.service_types[types]].tolist()]
    if services:
        more = f" and {len(services) - MOST_SERVICES} more" if len(services) > MOST_SERVICES else ""
        lines.append(f"Services hit: {', '.join(services[:MOST_SERVICES])}{more}.")
    own = [one for one in look.changes if one.ci == cause.ci and look.now - one.at < DAY]
    if own:
        latest = sorted(own, key=lambda one: -one.at)[:MOST_CHANGES]
        told = "; ".join(" ".join(filter(None, (iso(o.at), o.ref, o.detail))) for o in latest)
        lines.append(f"Recent changes of {snapshot.key(cause.ci)}: {told}.")
    return "\n".join(lines)
