"""Taking alerts in: what monitoring says becomes tickets, once however often it is said.

What a word says beside all that was heard of its alert before decides what becomes of the ticket,
so repeated, late and reordered words change nothing. Calls that come at once share a commit.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from cmdb.errors import NotFound, WrongSource
from cmdb.schema.records import Tie
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.alerting.matching import Match, form_of, matched
from cmdb.services.environment import Environment
from cmdb.services.gathering import Gatherer
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing.work import NOBODY, Work, commit
from cmdb.tickets.alerts import (
    CLEARED,
    FIRING,
    KIND,
    LIVE,
    UNMATCHED,
    Alert,
    Course,
    course_of,
    evidence_of,
    fields_of,
    moments,
)
from cmdb.tickets.configuration.alerts import AlertSource
from cmdb.tickets.process import SYSTEM
from cmdb.tickets.ticket import Ticket, moved

RAISES = "raises"
"""The role in which an alert is linked to the incident that it belongs to."""

MOST_IN_COMMIT = 1000


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the alerts of one call; `repeated` ones had been heard, or are out of date."""

    new: int = 0
    changed: int = 0
    repeated: int = 0
    unmatched: int = 0


@authorised(Permission.OBSERVE)
def alert_source(actor: Actor, env: Environment, name: str) -> AlertSource:
    """A source for which the actor may speak; NotFound where nobody has declared it."""
    _may_speak_for(actor, name)
    found = settings(env).alert_sources.get(name)
    if found is None or not found.active:
        raise NotFound(kind="alert source", name=name)
    return found


@authorised(Permission.OBSERVE)
def submit_alerts(actor: Actor, env: Environment, alerts: Sequence[Alert]) -> "Future[Taken]":
    """Have alerts of known sources taken in, with others that come meanwhile.

    It is done when they are committed.
    """
    for source in dict.fromkeys(one.source for one in alerts):
        _may_speak_for(actor, source)
    if not alerts:
        done: Future[Taken] = Future()
        done.set_result(Taken())
        return done
    return _GATHERER.submit(env, alerts, len(alerts))


def _may_speak_for(actor: Actor, source: str) -> None:
    if actor.source is not None and actor.source != source:
        raise WrongSource(actor=actor.name, source=actor.source, given=source)


@authorised(Permission.OBSERVE)
def take_alerts(actor: Actor, env: Environment, alerts: Sequence[Alert]) -> Taken:
    """Take alerts in; what became of them."""
    return submit_alerts(actor, env, alerts).result()


def _commit(env: Environment, calls: Sequence[Sequence[Alert]]) -> list[Taken]:
    sources = sorted({alert.source for alerts in calls for alert in alerts})
    reason = f"alerts of {', '.join(sources)}"[:200]
    return commit(NOBODY, env, reason, lambda work: _taken(work, calls))


_GATHERER: Gatherer[Sequence[Alert], Taken] = Gatherer("cmdb-alerts", _commit, MOST_IN_COMMIT)


def _taken(work: Work, calls: Sequence[Sequence[Alert]]) -> list[Taken]:
    """All that was gathered, as one commit."""
    known = work.load(alert.number for alerts in calls for alert in alerts)
    results, touched = [], dict[str, Ticket]()
    for alerts in calls:
        counts = {"new": 0, "changed": 0, "repeated": 0}
        for alert in alerts:
            before = touched.get(alert.number) or known.get(alert.number)
            after = heard(work, before, alert)
            counts["new" if before is None else "changed" if after else "repeated"] += 1
            if after is not None:
                touched[alert.number] = after
        results.append(Taken(**counts))
    done = touched | place(work, list(touched.values()))
    for ticket in done.values():
        work.put(ticket)
    lost = {number for number, one in done.items() if one.state == UNMATCHED}
    return [
        replace(taken, unmatched=len(lost.intersection(one.number for one in alerts)))
        for taken, alerts in zip(results, calls, strict=True)
    ]


def heard(work: Work, ticket: Ticket | None, alert: Alert) -> Ticket | None:
    """The alert's ticket after one more word on it; None where that says nothing new."""
    course = Course() if ticket is None else course_of(ticket.fields)
    after = course.heard(alert.firing, alert.at)
    if after == course:
        return None
    if ticket is None:
        version = work.settings.processes[KIND].version
        ticket = Ticket(alert.number, KIND, version, FIRING, work.at, work.at, by=alert.source)
    ticket = replace(ticket, fields=fields_of(alert, after, ticket.fields))
    return follow(work, ticket, after)


def expired(work: Work, ticket: Ticket, at: float) -> Ticket:
    """An alert of which nothing more was heard, as cleared at a moment."""
    course = course_of(ticket.fields).heard(False, at)
    return follow(work, replace(ticket, fields={**ticket.fields, **moments(course)}), course)


def follow(work: Work, ticket: Ticket, course: Course) -> Ticket:
    """The ticket in the state that follows from what was heard."""
    if ticket.state in LIVE:
        return ticket if course.firing else step(work, ticket, "clear")
    if not course.firing:
        return ticket
    if ticket.state == CLEARED and ticket.linked(RAISES):
        return step(work, ticket, "go_on")
    ticket = step(work, ticket, "fire")
    return replace(ticket, links=tuple(one for one in ticket.links if one.role != RAISES))


def step(work: Work, ticket: Ticket, name: str) -> Ticket:
    """The alert after a step that is taken by itself."""
    return moved(work.process(ticket), ticket, name, {}, {SYSTEM}, {}, work.at)[0]


def place(work: Work, tickets: Sequence[Ticket]) -> dict[str, Ticket]:
    """Those of the alerts that have no CI, with what they match; what fires is kept for review."""
    lacking = [one for one in tickets if not one.tied("affected")]
    if not lacking:
        return {}
    evidence = {one.number: evidence_of(one.fields) for one in lacking}
    found = matched(work.env, evidence.values())
    return {one.number: placed(work, one, found[form_of(evidence[one.number])]) for one in lacking}


def placed(work: Work, ticket: Ticket, match: Match) -> Ticket:
    """An alert with the CI that it is about; one that fires and has none is kept for review."""
    fields = {name: value for name, value in ticket.fields.items() if name != "candidates"}
    if match.key is not None:
        return replace(ticket, fields=fields, items=(Tie("affected", match.key),))
    if ticket.state != FIRING:
        return ticket
    if match.candidates:
        fields["candidates"] = list(match.candidates)
    return step(work, replace(ticket, fields=fields), "miss")
