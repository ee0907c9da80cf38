"""Incidents that are one: on the same CI, or in the blast radius of one failure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from cmdb.impact.propagation import Propagation
from cmdb.impact.snapshot import Snapshot
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt, TicketQuery
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing import inform
from cmdb.services.ticketing.access import within
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.impact import failing
from cmdb.services.ticketing.values import links_of
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.configuration.recurrence import CorrelationRule
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket

MINUTE = 60.0
MOST_COMPARED = 1000
"""So many open tickets, the latest ones, are compared."""


@dataclass(frozen=True, slots=True)
class Group:
    """Tickets that are proposed as one, by a rule: the parent is the one that explains most."""

    rule: str
    parent: Ticket
    children: list[Ticket]


@authorised(Permission.TICKETS)
def correlations(actor: Actor, env: Environment) -> list[Group]:
    """What is proposed now, of the tickets that the actor may see; each child stands once."""
    found: dict[str, Group] = {}
    taken: set[str] = set()
    for rule in settings(env).correlation_rules.values():
        if not rule.active:
            continue
        query = TicketQuery(
            kinds=frozenset(rule.kinds),
            open=True,
            sort="opened",
            descending=True,
            limit=MOST_COMPARED,
        )
        tickets = map(ticket_of, env.store.tickets.find(within(actor, env, query)))
        free = [one for one in tickets if not one.linked("parent") and one.number not in taken]
        for group in grouped(env.snapshot(), rule, free):
            taken.update(one.number for one in group.children)
            number = group.parent.number
            known = found.get(number, replace(group, children=[]))
            found[number] = replace(known, children=[*known.children, *group.children])
    return list(found.values())


def grouped(snapshot: Snapshot, rule: CorrelationRule, tickets: Iterable[Ticket]) -> list[Group]:
    """The groups of tickets by one rule."""
    listed = sorted(tickets, key=lambda one: (one.opened, one.number))
    covered = _on_the_same(listed) if rule.by == "ci" else _in_the_radius(snapshot, listed)
    span = rule.minutes * MINUTE
    by_number = {one.number: one for one in listed}
    made, taken = [], set[str]()
    for number in sorted(covered, key=lambda one: (-len(covered[one]), by_number[one].opened, one)):
        if number in taken:
            continue
        parent = by_number[number]
        children = [
            by_number[one]
            for one in sorted(covered[number] - taken - {number})
            if abs(by_number[one].opened - parent.opened) <= span
        ]
        if children:
            taken.update(one.number for one in (parent, *children))
            made.append(Group(rule.name, parent, children))
    return made


def _on_the_same(tickets: list[Ticket]) -> dict[str, set[str]]:
    """For each ticket those that have a CI with it."""
    by_key: dict[str, set[str]] = defaultdict(set)
    for one in tickets:
        for key in one.tied("affected", "cause"):
            by_key[key].add(one.number)
    covered: dict[str, set[str]] = defaultdict(set)
    for numbers in by_key.values():
        for number in numbers:
            covered[number] |= numbers
    return covered


def _in_the_radius(snapshot: Snapshot, tickets: list[Ticket]) -> dict[str, set[str]]:
    """For each ticket those all of whose CIs are hit when its CIs are down."""
    failed = {one.number: failing(snapshot, one) for one in tickets}
    radii: dict[frozenset[int], set[int]] = {}
    for numbers in failed.values():
        if numbers and frozenset(numbers) not in radii:
            hit = Propagation(snapshot, numbers).numbers.tolist()
            radii[frozenset(numbers)] = {*hit, *numbers}
    return {
        number: {
            other
            for other, hit in failed.items()
            if hit and radii[frozenset(numbers)].issuperset(hit)
        }
        for number, numbers in failed.items()
        if numbers
    }


@authorised(Permission.TICKETS)
def join(
    actor: Actor,
    env: Environment,
    parent: str,
    children: Iterable[str],
    receipt: Receipt | None = None,
) -> Ticket:
    """Take tickets as one: they get the parent, which tells them when it ends."""
    listed = list(dict.fromkeys(children))

    def do(work: Work) -> None:
        above = work.seen(parent)
        for number in listed:
            child = work.seen(number)
            link = links_of(work, number, [{"number": parent, "role": "parent"}])
            work.put(replace(child, links=tuple(dict.fromkeys((*child.links, *link)))))
            text = f"{parent} {above.title}"
            work.note(number, text, public=True, about=parent)
            inform.announce(work, "ticket_changed", child, step="joined")

    commit(actor, env, f"{parent}: parent of {', '.join(listed)}", do, receipt)
    return current(env, parent)
