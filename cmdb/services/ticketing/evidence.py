"""What tickets tell of root causes: changes made, failures that were confirmed, how types fail."""

from collections import Counter
from collections.abc import Iterable
from math import inf

from cmdb.impact.snapshot import Snapshot
from cmdb.root_cause.evidence import CHANGE, FAILURE
from cmdb.root_cause.priors import TYPE_ODDS
from cmdb.schema.records import TicketRecord
from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.recent_changes import Happening
from cmdb.tickets.record import ticket_of

DAY = 86_400.0
CHANGES_DAYS, FAILURES_DAYS = 14, 365
MOST = 2000
"""So many changes, and so many confirmed causes, the latest ones, are looked at."""

DONE = frozenset({"implementing", "implemented", "rolled_back", "in_review", "closed"})
"""States of a change in which it has touched its CIs."""

CAUSE = frozenset({"cause"})
SHRINK = 50.0
"""So many failures of its own an organisation must have seen to be believed by half."""


def ticket_happenings(env: Environment, until: float = inf) -> list[Happening]:
    """Changes that were made of late, and confirmed causes of incidents, before a moment."""
    found = []
    for record in _changes(env):
        change = ticket_of(record)
        at = change.entered if change.state == "implementing" else change.opened
        for key in change.tied("changed") if at < until else ():
            found.append(Happening(key, at, CHANGE, change.number, change.title))
    for record in confirmed_causes(env):
        if record.opened < until:
            for key in _causes(record):
                title = record.title
                found.append(Happening(key, record.opened, FAILURE, record.number, title))
    return found


def _changes(env: Environment) -> list[TicketRecord]:
    now = env.clock()
    query = TicketQuery(
        kinds=frozenset({"change"}),
        states=DONE,
        opened=(now - 30 * DAY, now),
        sort="changed",
        descending=True,
        limit=MOST,
    )
    return [one for one in env.store.tickets.find(query) if one.changed > now - CHANGES_DAYS * DAY]


def confirmed_causes(env: Environment) -> list[TicketRecord]:
    """Incidents that ended and of which somebody has said which CI was the cause; latest first."""
    now = env.clock()
    query = TicketQuery(
        kinds=frozenset({"incident"}),
        open=False,
        roles=CAUSE,
        opened=(now - FAILURES_DAYS * DAY, now),
        sort="opened",
        descending=True,
        limit=MOST,
    )
    return env.store.tickets.find(query)


def _causes(record: TicketRecord) -> list[str]:
    return [tie.name for tie in record.items if tie.role in CAUSE]


def learned_odds(env: Environment, snapshot: Snapshot, until: float = inf) -> dict[str, float]:
    """How often types fail by themselves, compared with others: as seen here, where enough was.

    The odds of a type are its share of the confirmed causes over its share of the CIs, drawn
    towards what is usual as if that had been seen `SHRINK` times.
    """
    keys = [key for one in confirmed_causes(env) if one.opened < until for key in _causes(one)]
    numbers = [number for key in keys if (number := snapshot.number(key)) is not None]
    if not numbers:
        return {}
    failed = Counter(snapshot.item(number).type for number in numbers)
    usual = {name: _usual(snapshot, name) for name in snapshot.types.words}
    counts = dict(zip(snapshot.types.words, snapshot.type_counts.tolist(), strict=False))
    whole = sum(usual[name] * count for name, count in counts.items())
    total = len(numbers)
    odds = {}
    for name, count in counts.items():
        expected = usual[name] * count / whole if whole else 0.0
        if expected > 0:
            share = (failed[name] + SHRINK * expected) / (total + SHRINK)
            odds[name] = usual[name] * share / expected
    return odds


def _usual(snapshot: Snapshot, name: str) -> float:
    chain: Iterable[str] = snapshot.catalog.ancestors.get(name, (name,))
    return next((TYPE_ODDS[one] for one in chain if one in TYPE_ODDS), 1.0)
