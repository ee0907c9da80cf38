"""Retention: alerts that are long over are removed, as there are very many; the log keeps them."""

from collections.abc import Sequence
from functools import partial

from cmdb.schema.records import TicketRecord
from cmdb.services.alerting.intake import RAISES
from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing.work import NOBODY, Work, commit
from cmdb.tickets.alerts import KIND, RESOLVED
from cmdb.tickets.configuration.alerts import DAY, rule_for

AT_ONCE, MOST = 500, 20_000
"""Alerts of one commit, so that others can commit soon; and of one pass, of each source."""


def remove_old_alerts(env: Environment) -> int:
    """Remove the alerts that are over for longer than their rule says; how many.

    Those of an incident that is open stay.
    """
    in_force, done = settings(env), 0
    for source in in_force.alert_sources:
        days = rule_for(in_force.alert_rules.values(), source).keep_days
        if days is not None:
            done += _remove(env, source, env.clock() - days * DAY)
    return done


def _remove(env: Environment, source: str, until: float) -> int:
    """Remove those of a source that did not change since a moment, the oldest first."""
    done, after = 0, None
    for _ in range(0, MOST, AT_ONCE):
        query = TicketQuery(
            kinds=frozenset({KIND}),
            states=frozenset({RESOLVED}),
            fields={"source": source},
            sort="changed",
            after=after,
            limit=AT_ONCE,
        )
        found = env.store.tickets.find(query)
        old = [one for one in found if one.changed <= until]
        if old:
            reason = f"alerts of {source} that are long over"
            done += commit(NOBODY, env, reason, partial(_gone, records=old))
        if len(old) < AT_ONCE:
            break
        after = (old[-1].changed, old[-1].number)
    return done


def _gone(work: Work, records: Sequence[TicketRecord]) -> int:
    """Remove what is still as it was read, and whose incident is over."""
    versions = {one.number: one.seq for one in records}
    same = [one for one in work.load(versions).values() if one.seq == versions[one.number]]
    incidents = work.load(number for one in same for number in one.linked(RAISES))
    unfinished = {
        n for n, one in incidents.items() if work.process(one).state(one.state).kind != "closed"
    }
    over = [one for one in same if unfinished.isdisjoint(one.linked(RAISES))]
    for one in over:
        work.remove(one.number)
    return len(over)
