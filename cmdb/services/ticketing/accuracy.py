"""How often root cause analysis was right on the organisation's own incidents."""

from datetime import UTC, datetime

from cmdb.errors import CMDBError
from cmdb.reports.root_cause_accuracy import Verdict
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.root_cause import Complaint, root_cause
from cmdb.services.ticketing.evidence import confirmed_causes
from cmdb.services.times import iso
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket

MOST_CANDIDATES = 100


@authorised(Permission.READ, everywhere=True)
def root_cause_verdicts(actor: Actor, env: Environment, *, limit: int = 200) -> list[Verdict]:
    """For the latest incidents with a confirmed cause: where it stood in the ranking.

    Each is asked on the graph of now, with only what had happened before it was opened: its own
    cause, and what came later, tell nothing.
    """
    verdicts = []
    for record in confirmed_causes(env)[:limit]:
        made = _verdict(actor, env, ticket_of(record))
        if made is not None:
            verdicts.append(made)
    return verdicts


def _verdict(actor: Actor, env: Environment, ticket: Ticket) -> Verdict | None:
    snapshot = env.snapshot()
    causes = {snapshot.number(key) for key in ticket.tied("cause")} - {None}
    since = iso(ticket.opened)
    symptoms = [
        Complaint(key, None, since)
        for key in ticket.tied("affected")
        if (number := snapshot.number(key)) is not None and snapshot.in_graph(number)
    ]
    if not symptoms or not causes:
        return None
    try:
        answer = root_cause(
            actor, env, symptoms, limit=MOST_CANDIDATES, snapshot=snapshot, until=ticket.opened
        )
    except CMDBError:
        return None
    scores = answer.diagnosis.scores
    ranked = list(scores)[:MOST_CANDIDATES]
    rank = next((place for place, ci in enumerate(ranked, 1) if ci in causes), None)
    period = f"{datetime.fromtimestamp(ticket.opened, UTC):%Y-%m}"
    return Verdict(ticket.number, period, rank, max(scores.values(), default=0.0))
