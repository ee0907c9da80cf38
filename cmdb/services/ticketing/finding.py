"""Finding tickets: one, lists, by text, those of a CI, what is about to be late, what happened."""

from dataclasses import replace

from cmdb.errors import NotFound, UnknownName
from cmdb.history.log import Commit, LogEntry
from cmdb.identity.identifiers import aliases
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.items import seer
from cmdb.services.ports import TICKET_SORTS, TicketQuery
from cmdb.services.references import resolve_one
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing.access import may_see, within, works_on_tickets
from cmdb.services.ticketing.sight import sight
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket
from cmdb.tickets.words import words

MOST_FOUND = 200
Position = tuple[float | int | str, str]
"""A sort value, and the number of the ticket that has it."""


def current(env: Environment, number: str) -> Ticket:
    """A ticket as it stands, whoever asks; NotFound."""
    found = env.store.tickets.tickets([number]).get(number)
    if found is None:
        raise NotFound(kind="ticket", name=number)
    return ticket_of(found)


def opened_by(commit: Commit) -> str:
    """The number of the ticket that a commit opened."""
    opened = (e for e in commit.entries if e.kind == "ticket" and e.before is None)
    return next(opened).subject


@authorised(Permission.FOLLOW)
def get_ticket(actor: Actor, env: Environment, number: str) -> Ticket:
    """One ticket; NotFound also where the actor may not see it."""
    ticket = current(env, number)
    if not may_see(actor, env, ticket):
        raise NotFound(kind="ticket", name=number)
    return ticket


@authorised(Permission.FOLLOW)
def list_tickets(
    actor: Actor, env: Environment, query: TicketQuery, *, item: str | None = None
) -> tuple[list[Ticket], Position | None]:
    """One page of the tickets that the actor may see, and after what the next one begins, if any.

    `item` is a reference to a CI. Its tickets are those of all keys that it is known by, as it may
    have been merged.
    """
    if query.sort not in TICKET_SORTS:
        raise UnknownName(place="filter", kind="sort field", name=query.sort, known=TICKET_SORTS)
    if item is not None:
        query = replace(query, items=frozenset(keys_of_item(actor, env, item)))
    more = replace(within(actor, env, query), limit=query.limit + 1)
    found = env.store.tickets.find(more)
    page = found[: query.limit]
    following = None
    if len(found) > len(page):
        following = (getattr(page[-1], query.sort), page[-1].number)
    return [ticket_of(one) for one in page], following


@authorised(Permission.FOLLOW)
def count_tickets(actor: Actor, env: Environment, query: TicketQuery) -> int:
    """How many tickets a query is about, of those that the actor may see."""
    return env.store.tickets.count(within(actor, env, query))


@authorised(Permission.FOLLOW)
def search_tickets(
    actor: Actor, env: Environment, text: str, query: TicketQuery, *, every: bool = True
) -> list[tuple[float, Ticket]]:
    """Tickets by text, best first, each with its score: every word is in them, or some are.

    In fields and comments; by work notes they are found by who works on tickets.
    """
    wanted = list(dict.fromkeys(words(text)))[:64]
    query = within(actor, env, replace(query, limit=min(query.limit, MOST_FOUND)))
    found = env.store.tickets.search(wanted, query, every, notes=works_on_tickets(actor))
    return [(score, ticket_of(one)) for score, one in found]


@authorised(Permission.FOLLOW)
def timeline(
    actor: Actor, env: Environment, number: str, *, after: int = 0, limit: int = 200
) -> list[Commit]:
    """What happened to a ticket, from the log, as far as the actor may see.

    Without work notes for who does no work on it, and without what is kept from him in it.
    """
    ticket = get_ticket(actor, env, number)
    commits = env.store.tickets.timeline(number, after, limit)
    if len(commits) > 1 and sum(len(one.entries) for one in commits) >= limit:
        commits.pop()  # perhaps not the whole of it; the next page begins with it
    process = settings(env).versions[ticket.kind, ticket.version]
    entries = [entry for one in commits for entry in one.entries if entry.kind == "ticket"]
    contents = [one for entry in entries for one in (entry.before, entry.after) if one]
    kept = sight(actor, env, [(process, one) for one in contents])
    notes = works_on_tickets(actor)

    def shown(entry: LogEntry) -> LogEntry:
        if entry.kind != "ticket":
            return entry
        before, after = (one and kept.of(process, one) for one in (entry.before, entry.after))
        return LogEntry(entry.kind, entry.subject, before, after)

    return [
        replace(one, entries=tuple(shown(e) for e in one.entries if notes or _public(e)))
        for one in commits
    ]


def _public(entry: LogEntry) -> bool:
    return entry.kind != "note" or bool(entry.after and entry.after.get("public"))


def keys_of_item(actor: Actor, env: Environment, reference: str) -> set[str]:
    """All keys by which a CI is or was known: its own, and those of its sources."""
    key = resolve_one(env.store, reference, "configuration item", seer(env, actor))
    item = env.store.items([key])[key]
    claims = env.store.claims_about("ci", [item.number]).get(item.number, [])
    named = {name for claim in claims for _, name in aliases(claim.body or {})}
    founded = {claim.founded for claim in claims if claim.founded}
    return {key, *named, *founded, *(claim.key for claim in claims)}


@authorised(Permission.TICKETS)
def forecast(
    actor: Actor, env: Environment, *, until: float, limit: int = 200
) -> list[tuple[float, Ticket]]:
    """The open tickets whose service level is, or will be, missed by a moment; the next first."""
    query = TicketQuery(open=True, breach_by=until, sort="breach", limit=limit)
    found = env.store.tickets.find(within(actor, env, query))
    return [(one.breach, ticket_of(one)) for one in found]
