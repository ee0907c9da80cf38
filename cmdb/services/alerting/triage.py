"""Triage: alerts that fire are suppressed, noted, or folded into incidents by their cause.

It works from what the store says, and by commits in which every alert is looked at again. So it is
right however many workers there are and whenever they die.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from cmdb.errors import Conflict
from cmdb.impact.states import AT_RISK, DOWN
from cmdb.services.alerting import incidents
from cmdb.services.alerting.causes import Cause, causes_of
from cmdb.services.alerting.intake import RAISES, expired, place, step
from cmdb.services.alerting.looking import Look
from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing.work import NOBODY, Work, commit
from cmdb.tickets.alerts import CLEARED, FIRING, KIND, LIVE, SUPPRESSED, UNMATCHED, course_of
from cmdb.tickets.configuration.alerts import rule_for
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket

AT_ONCE, PAGE, MOST = 500, 1000, 20_000
"""Alerts of one commit, so that others can commit soon; read at a time; and of one pass."""

WAITING = frozenset({FIRING, SUPPRESSED})


@dataclass(frozen=True, slots=True)
class Sorted:
    """What becomes of alerts that are due: to be suppressed, only noted, or folded."""

    suppressed: list[Ticket]
    noted: list[Ticket]
    folded: list[Ticket]


def triage_alerts(env: Environment) -> int:
    """Do all that is due with alerts by now; how many were changed."""
    look, done = Look(env), 0
    try:
        done += _end(look)
        due = [one for one in _in_state(look, FIRING) if _counts(look, one)]
        due += [one for one in _in_state(look, SUPPRESSED) if not look.suppressed(one)]
        found = _sorted(look, due)
        done += _all(look, found.suppressed, "suppress", frozenset({FIRING}))
        done += _all(look, found.noted, "look_at", WAITING)
        done += _fold(look, found.folded)
    except Conflict:  # somebody was quicker; the next pass sees what is left
        pass
    return done


def match_again(env: Environment) -> int:
    """Look whether alerts that nobody knew what to do with can be matched by now; how many."""
    look, done = Look(env), 0
    for part in _parts(list(_in_state(look, UNMATCHED))):
        done += commit(NOBODY, env, "matching alerts", partial(_match, alerts=part))
    return done


def _match(work: Work, alerts: Sequence[Ticket]) -> int:
    firing = [
        step(work, one, "match")
        for one in work.load(one.number for one in alerts).values()
        if one.state == UNMATCHED
    ]
    found = [one for one in place(work, firing).values() if one.items]
    for one in found:
        work.put(one)
    return len(found)


def expire_alerts(env: Environment) -> int:
    """Clear alerts of which nothing was heard for as long as their rule says; how many."""
    look, done = Look(env), 0

    def do(work: Work, part: Sequence[Ticket]) -> int:
        found = work.load(one.number for one in part).values()
        still = [one for one in found if one.state in LIVE and _is_expired(look, one)]
        for one in still:
            work.put(expired(work, one, look.rule(one).expired_from(course_of(one.fields))))
        return len(still)

    for name in look.settings.alert_sources:
        if rule_for(look.settings.alert_rules.values(), name).expire_hours is not None:
            query = TicketQuery(
                kinds=frozenset({KIND}),
                states=LIVE,
                fields={"source": name},
                sort="changed",
                limit=PAGE,
            )
            found = map(ticket_of, env.store.tickets.find(query))
            old = [one for one in found if _is_expired(look, one)]
            for part in _parts(old):
                done += commit(NOBODY, env, "alerts that expired", partial(do, part=part))
    return done


def _is_expired(look: Look, alert: Ticket) -> bool:
    return look.rule(alert).expired_from(course_of(alert.fields)) <= look.now


def _in_state(look: Look, state: str) -> Iterator[Ticket]:
    """The alerts in a state, the oldest first."""
    query = TicketQuery(kinds=frozenset({KIND}), states=frozenset({state}), limit=PAGE)
    for _ in range(MOST // PAGE):
        found = look.env.store.tickets.find(query)
        yield from map(ticket_of, found)
        if len(found) < PAGE:
            return
        query = replace(query, after=(found[-1].opened, found[-1].number))


def _counts(look: Look, alert: Ticket) -> bool:
    return look.rule(alert).damping.counts_from(course_of(alert.fields), look.now) <= look.now


def _is_over(look: Look, alert: Ticket) -> bool:
    return look.rule(alert).damping.over_from(course_of(alert.fields), look.now) <= look.now


def _sorted(look: Look, alerts: Iterable[Ticket]) -> Sorted:
    found = Sorted([], [], [])
    for one in alerts:
        if one.state == FIRING and look.suppressed(one):
            found.suppressed.append(one)
        elif one.fields.get("severity") not in look.rule(one).severities:
            found.noted.append(one)
        else:
            found.folded.append(one)
    return found


def _parts(alerts: Sequence[Ticket]) -> Iterator[Sequence[Ticket]]:
    for start in range(0, len(alerts), AT_ONCE):
        yield alerts[start : start + AT_ONCE]


def _all(look: Look, alerts: Sequence[Ticket], name: str, states: frozenset[str]) -> int:
    """Take a step with alerts that are still in one of these states."""

    def do(work: Work, part: Sequence[Ticket]) -> int:
        found = work.load(one.number for one in part).values()
        still = [one for one in found if one.state in states]
        for one in still:
            work.put(step(work, one, name))
        return len(still)

    return sum(
        commit(NOBODY, look.env, f"alerts: {name}", partial(do, part=part))
        for part in _parts(alerts)
    )


def _end(look: Look) -> int:
    """End alerts that have been quiet long enough, and the incidents that have none left."""

    def do(work: Work, part: Sequence[Ticket]) -> int:
        found = work.load(one.number for one in part).values()
        still = [one for one in found if one.state == CLEARED and _is_over(look, one)]
        for one in still:
            work.put(step(work, one, "end"))
        closing = [one for one in still if look.rule(one).auto_close]
        numbers = dict.fromkeys(n for one in closing for n in one.linked(RAISES))
        incidents.recover(work, look, numbers, {one.number for one in still})
        return len(still)

    over = [one for one in _in_state(look, CLEARED) if _is_over(look, one)]
    return sum(
        commit(NOBODY, look.env, "alerts that are over", partial(do, part=part))
        for part in _parts(over)
    )


def _fold(look: Look, alerts: Sequence[Ticket]) -> int:
    """Put alerts into incidents, one for each cause; open ones are asked about, too."""
    if not alerts:
        return 0
    by_key: dict[str, list[Ticket]] = defaultdict(list)
    alarmed: dict[int, float] = {}

    def hear(key: str, since: float) -> None:
        number = look.number(key)
        if number is not None:
            alarmed[number] = min(since, alarmed.get(number, since))

    for one in alerts:
        for key in one.tied("affected"):
            by_key[key].append(one)
            hear(key, course_of(one.fields).since)
    known = incidents.open_incidents(look)
    for incident in known:
        for key in incident.tied("affected"):
            hear(key, incident.opened)
    done = 0
    for cause in causes_of(look, alarmed):
        mine = [one for ci in cause.explains for one in by_key.pop(look.snapshot.key(ci), ())]
        done += _enter(look, cause, mine, _within(look, cause, known))
    left = [one for rest in by_key.values() for one in rest]
    return done + _all(look, left, "look_at", WAITING)  # of CIs that are in no graph


def _within(look: Look, cause: Cause, known: Sequence[Ticket]) -> list[Ticket]:
    """The open incidents that have this cause, or most of whose CIs it explains."""
    key = look.snapshot.key(cause.ci)
    hit = look.reached({cause.ci: DOWN}, AT_RISK)
    found = []
    for one in known:
        numbers = [look.number(affected) for affected in one.tied("affected")]
        within = sum(number in cause.explains for number in numbers)
        same = key in one.tied("cause")
        if same or (within * 2 > len(numbers) and _below(look, one, hit)):
            found.append(one)
    return found


def _below(look: Look, incident: Ticket, hit: set[int]) -> bool:
    """Whether the cause of an incident is itself hit, or nobody works on it yet."""
    causes = [look.number(key) for key in incident.tied("cause")]
    return incident.state in incidents.UNTOUCHED or any(one in hit for one in causes)


def _enter(look: Look, cause: Cause, alerts: Sequence[Ticket], known: Sequence[Ticket]) -> int:
    """The alerts of one cause, and what of other incidents is now known to be the same."""
    if not alerts and len(known) < 2:
        return 0
    working = [one for one in known if one.state not in incidents.UNTOUCHED]
    ordered = [one.number for one in (*working, *known)]

    def do(work: Work, part: Sequence[Ticket]) -> tuple[str, int]:
        found = work.load(one.number for one in part).values()
        still = [step(work, one, "look_at") for one in found if one.state in WAITING]
        main = incidents.enter(work, look, cause, still, ordered) if still else ""
        return main, len(still)

    main, done = "", 0
    for part in _parts(alerts):
        entered, count = commit(NOBODY, look.env, "alerts of one cause", partial(do, part=part))
        main, done = entered or main, done + count
    if not main and not ordered:  # another worker has done it
        return done
    main = main or ordered[0]
    for other in known:
        if other.number != main and other.state in incidents.UNTOUCHED:
            done += _merge(look, cause, main, other.number)
    return done


def _merge(look: Look, cause: Cause, main: str, other: str) -> int:
    """Move the alerts of an incident to another, and then let it go into that."""
    query = TicketQuery(kinds=frozenset({KIND}), open=True, linked=other, limit=AT_ONCE)

    def move(work: Work) -> int:
        found = work.load(one.number for one in look.env.store.tickets.find(query)).values()
        mine = [one for one in found if other in one.linked(RAISES)]
        if mine:
            incidents.enter(work, look, cause, mine, [main])
        else:
            incidents.merge(work, main, other)
        return len(mine)

    moved = 0
    while part := commit(NOBODY, look.env, f"{other} into {main}", move):
        moved += part
    return moved
