"""Incidents that come again: a problem is opened for them, which people analyse or cancel."""

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from functools import partial

from cmdb.identity.changes import Document
from cmdb.schema.records import Tie
from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing import inform
from cmdb.services.ticketing.facts import is_open
from cmdb.services.ticketing.making import BY_ITSELF, made
from cmdb.services.ticketing.work import NOBODY, Work, commit
from cmdb.services.times import iso
from cmdb.tickets.configuration.recurrence import DAY, Occurrence, ProblemRule, recurring
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket

MARK = "recurrence"
"""Documents that say which problem was opened for what came again."""

MOST_COUNTED = 10_000


def propose_problems(env: Environment) -> int:
    """Open a problem for what came too often, or add to the one that is open; how many opened."""
    opened = 0
    for rule in settings(env).problem_rules.values():
        found = _recurring(env, rule) if rule.active else {}
        if found:
            keep = partial(_keep, rule=rule, found=found)
            opened += commit(NOBODY, env, "recurring incidents", keep)
    return opened


def _recurring(env: Environment, rule: ProblemRule) -> dict[tuple[str, ...], list[str]]:
    now = env.clock()
    query = TicketQuery(
        kinds=frozenset(rule.kinds), opened=(now - rule.days * DAY, now), limit=MOST_COUNTED
    )
    tickets = [ticket_of(one) for one in env.store.tickets.find(query)]
    return recurring(rule, _occurrences(env, tickets), now)


def _occurrences(env: Environment, tickets: list[Ticket]) -> list[Occurrence]:
    catalog = env.catalog()
    keys = {key for one in tickets for key in one.tied("affected", "cause")}
    items = env.store.items(keys)
    made_ = []
    for one in tickets:
        known = [items[key] for key in one.tied("affected", "cause") if key in items]
        services = [item.key for item in known if "service" in catalog.ancestors[item.type]]
        made_.append(
            Occurrence(
                one.number,
                one.kind,
                one.opened,
                str(one.fields.get("category", "")),
                [item.key for item in known],
                {item.type for item in known},
                services,
            )
        )
    return made_


def _keep(work: Work, rule: ProblemRule, found: dict[tuple[str, ...], list[str]]) -> int:
    opened = 0
    for subject, numbers in sorted(found.items()):
        name = hashlib.sha256("\0".join([rule.name, *subject]).encode()).hexdigest()[:24]
        mark = work.document(MARK, name)
        told = set(mark.body["incidents"]) if mark else set()
        fresh = [number for number in numbers if number not in told]
        known = work.load([mark.body["problem"]]) if mark else {}
        problem = next(iter(known.values()), None)
        if problem is not None and is_open(work, problem):
            _add(work, problem, fresh)
        elif len(fresh) >= rule.count:
            problem = _opened(work, rule, subject, fresh)
            opened += 1
        else:
            continue
        if fresh:
            body = {"problem": problem.number, "incidents": sorted(told.union(numbers))}
            work.keep(Document(MARK, name, body))
    return opened


def _add(work: Work, problem: Ticket, numbers: list[str]) -> None:
    links = (*problem.links, *(Tie("related_to", number) for number in numbers))
    work.put(replace(problem, links=tuple(dict.fromkeys(links))))


def _opened(work: Work, rule: ProblemRule, subject: tuple[str, ...], numbers: list[str]) -> Ticket:
    """The problem of incidents that have something in common, with the CIs of all of them."""
    incidents = work.load(numbers).values()
    what = ", ".join(subject)
    text = f"{len(numbers)} incidents within {rule.days} days: {', '.join(numbers)}\n"
    text += _trend(incidents)
    keys = dict.fromkeys(key for one in incidents for key in one.tied("affected", "cause"))
    shared = [key for key in keys if key in subject] or list(keys)
    problem = made(
        work,
        "problem",
        {"title": f"Recurring incidents: {what}"[:500], "description": text},
        BY_ITSELF,
        items=tuple(Tie("affected", key) for key in shared[:100]),
        links=tuple(Tie("related_to", number) for number in numbers),
    )
    managers = [one.name for one in work.people.values() if "problem_manager" in one.roles]
    inform.tell(work, "problem_proposed", problem, managers, text=text)
    inform.announce(work, "problem_proposed", problem, text=text)
    return problem


def _trend(incidents: Collection[Ticket]) -> str:
    """How many there were on each day, a line each."""
    days = Counter(iso(one.opened)[:10] for one in incidents)
    return "\n".join(f"{day}: {count}" for day, count in sorted(days.items()))
