"""The root cause of an incident: ranked causes, with what lies along the way from each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cmdb.errors import InvalidInput
from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.states import DOWN
from cmdb.root_cause.answer import Answer
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.root_cause import Complaint, root_cause
from cmdb.services.ticketing.access import within
from cmdb.services.ticketing.finding import get_ticket
from cmdb.services.times import iso
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket

MOST_SYMPTOMS, MOST_CHILDREN = 200, 500
MOST_TOLD, MOST_SERVICES = 10, 20
EXPLAINED = 3
"""For so many of the likeliest causes it is told what lies along the way."""


@dataclass(frozen=True, slots=True)
class Along:
    """What is known along the way from one cause to the symptoms.

    `services` are what its failure hits of business and technical services; `changes` were made on
    the CIs of the paths; `known_errors` and `past` are of the same cause or the same CIs.
    """

    key: str
    services: list[dict[str, Any]]
    changes: list[Ticket]
    known_errors: list[Ticket]
    past: list[Ticket]


@dataclass(frozen=True, slots=True)
class TicketDiagnosis:
    """The ranked causes, and what is known along the way from the likeliest of them."""

    answer: Answer
    along: list[Along]


@authorised(Permission.TICKETS)
def diagnose_ticket(
    actor: Actor, env: Environment, number: str, healthy: Sequence[str] = (), *, limit: int = 10
) -> TicketDiagnosis:
    """What most likely caused an incident and its children: their affected CIs are the symptoms."""
    ticket = get_ticket(actor, env, number)
    symptoms = _symptoms(actor, env, ticket)
    if not symptoms:
        detail = "it names no affected CI; tie those that are not well"
        raise InvalidInput(place=number, detail=detail)
    answer = root_cause(actor, env, symptoms, healthy, limit=limit)
    along = [_along(actor, env, answer, one, number) for one in _likeliest(answer)]
    return TicketDiagnosis(answer, along)


def _symptoms(actor: Actor, env: Environment, ticket: Ticket) -> list[Complaint]:
    """The affected CIs in the graph, each since the first ticket that names it was opened."""
    query = TicketQuery(linked=ticket.number, limit=MOST_CHILDREN)
    records = env.store.tickets.find(within(actor, env, query))
    children = [one for one in map(ticket_of, records) if ticket.number in one.linked("parent")]
    since: dict[str, float] = {}
    for one in (ticket, *children):
        for key in one.tied("affected"):
            since[key] = min(one.opened, since.get(key, one.opened))
    snapshot = env.snapshot()
    numbers = {key: snapshot.number(key) for key in since}
    known = [key for key, n in numbers.items() if n is not None and snapshot.in_graph(n)]
    return [Complaint(key, None, iso(since[key])) for key in known[:MOST_SYMPTOMS]]


def _likeliest(answer: Answer) -> list[int]:
    return [ci for ci in answer.diagnosis.scores if answer.sees(ci)][:EXPLAINED]


def _along(actor: Actor, env: Environment, answer: Answer, ci: int, number: str) -> Along:
    snapshot = answer.diagnosis.snapshot
    radius = BlastRadius(snapshot, {ci: DOWN}, answer.at, answer.visible)
    cause = snapshot.key(ci)
    on_paths = dict.fromkeys([cause])
    for symptom in answer.diagnosis.candidates([ci])[0].explains:
        on_paths.update(dict.fromkeys(map(snapshot.key, radius.explainer.path(symptom))))

    def found(keys: list[str], **query: Any) -> list[Ticket]:
        asked = TicketQuery(
            items=frozenset(keys), sort="opened", descending=True, limit=MOST_TOLD, **query
        )
        tickets = map(ticket_of, env.store.tickets.find(within(actor, env, asked)))
        return [one for one in tickets if one.number != number]

    month = (env.clock() - 30 * 86_400.0, env.clock())
    incidents = {"kinds": frozenset({"incident"}), "open": False}
    return Along(
        cause,
        list(radius.rows_of(radius.services(MOST_SERVICES))),
        found(list(on_paths), kinds=frozenset({"change"}), opened=month),
        found(list(on_paths), kinds=frozenset({"problem"}), fields={"known_error": True}),
        found([cause], roles=frozenset({"cause"}), **incidents),
    )
