"""Tickets of a year: lists, filters, search, timelines and clocks, beside bare queries by index.

Both are asked in turn, in one run and on the same store. Ours is the whole answer as JSON, as the
API gives it; `store` is the store's part of it, and bare is one statement whose rows are fetched.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from api.tickets import timeline_rows
from benchmarks.measuring import Row, Table, no_collector, seconds
from benchmarks.ticket_estates import ACTOR, COMMON, NOW, RARE, TEAMS, USERS, fill, history
from cmdb.bootstrap import open_store
from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing.clockwork import tick_tickets
from cmdb.services.ticketing.finding import list_tickets, search_tickets, timeline
from cmdb.services.ticketing.viewing import view_tickets
from cmdb.settings import store_address
from cmdb.stores.sqlite import SQLiteStore
from cmdb.tickets.clocks import forecast
from cmdb.tickets.record import ticket_of
from cmdb.tickets.words import words as words_of
from tests.neo4j_server import Neo4jServer

SIZES = (100_000,)
ROUNDS, PAGE = 60, 50
BAR, CLOCKS_SECONDS = 5, 2.0
Ask = Callable[[int], Any]


def measure(size: int) -> Iterator[Table]:
    """Everything about one size."""
    rows: list[Row] = []
    clocks: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        env = Environment(SQLiteStore(Path(folder) / "cmdb.db"), Now())
        measured("embedded", env, size, rows, clocks, on_sqlite(env.store))
        env.store.close()
    with Neo4jServer() as server:
        address = f"{server.uri.replace('://', f'://{server.user}:{server.password}@')}/neo4j"
        env = Environment(open_store(store_address(address)), Now())
        measured("Neo4j", env, size, rows, clocks, on_neo4j(env.store))
        env.store.close()
    title = f"Pages of {PAGE} tickets, beside bare queries by index (bar: {BAR} times the 95th)"
    yield Table("tickets.answers", title, rows)
    yield Table("tickets.clocks", f"Clocks of service levels (bar: {CLOCKS_SECONDS} s)", clocks)


class Now:
    """A clock that is set."""

    now = NOW

    def __call__(self) -> float:
        """What it shows."""
        return self.now


def measured(
    name: str,
    env: Environment,
    size: int,
    rows: list[Row],
    clocks: list[Row],
    bare: dict[str, Ask],
) -> None:
    """One store."""
    filled = seconds(lambda: fill(env, size))
    history(env.store, "INC-1", 50)
    asks = ours(env)
    stores = only_stores(env)
    for subject, ask in asks.items():
        rows.append(
            {"store": name, "tickets": size, "subject": subject}
            | compared(ask, bare[subject], stores.get(subject))
        )
    clocks.append({"store": name, "tickets": size, "fill_s": filled, **ticking(env, size)})


def compared(ask: Ask, bare: Ask, store: Ask | None) -> Row:
    """Both in turn, question by question."""
    works = {"bare": bare, "ours": ask, **({"store": store} if store else {})}
    times: dict[str, list[float]] = {one: [] for one in works}
    for number in range(5):
        for work in works.values():
            work(number)
    with no_collector():
        for number in range(ROUNDS):
            for one, work in works.items():
                start = time.perf_counter()
                work(number)
                times[one].append(time.perf_counter() - start)
    shares = {one: np.percentile(spent, [50, 95]) * 1e3 for one, spent in times.items()}
    made: Row = {}
    for one, (p50, p95) in shares.items():
        made |= {f"{one}_p50_ms": float(p50), f"{one}_p95_ms": float(p95)}
    made.setdefault("store_p50_ms", None)
    made.setdefault("store_p95_ms", None)
    return {**made, "p95_to_bare": float(shares["ours"][1] / shares["bare"][1])}


def keys(env: Environment) -> list[str]:
    """CIs that have tickets."""
    found = env.store.tickets.find(TicketQuery(limit=ROUNDS))
    return [one.items[0].name for one in found]


QUERIES: dict[str, Callable[[int], TicketQuery]] = {
    "list": lambda n: TicketQuery(),
    "team": lambda n: TicketQuery(team=f"team{n % TEAMS}"),
    "assignee": lambda n: TicketQuery(assignee=f"u{n % USERS}"),
    "state": lambda n: TicketQuery(states=frozenset({"in_progress"})),
    "category": lambda n: TicketQuery(fields={"category": "network"}),
    "team, state, category": lambda n: TicketQuery(
        team=f"team{n % TEAMS}",
        states=frozenset({"in_progress"}),
        fields={"category": "network"},
    ),
}
WORDS = {
    "search, common": COMMON[0],
    "search, rare": RARE[0],
    "search, common Chinese": COMMON[1],
    "search, rare Chinese": RARE[1],
}


def paged(query: TicketQuery) -> TicketQuery:
    """A page, the last first."""
    return replace(query, sort="opened", descending=True, limit=PAGE)


def ours(env: Environment) -> dict[str, Ask]:
    """The whole answers as JSON."""
    known = keys(env)

    def listed(query: TicketQuery, item: str | None = None) -> bytes:
        found, _ = list_tickets(ACTOR, env, paged(query), item=item)
        return orjson.dumps(view_tickets(ACTOR, env, found))

    def searched(text: str) -> bytes:
        found = search_tickets(ACTOR, env, text, TicketQuery(limit=PAGE))
        return orjson.dumps(view_tickets(ACTOR, env, [one for _, one in found]))

    asks: dict[str, Ask] = {
        name: (lambda n, query=query: listed(query(n))) for name, query in QUERIES.items()
    }
    asks["of a CI"] = lambda n: listed(TicketQuery(), known[n % len(known)])
    asks |= {name: (lambda n, word=word: searched(word)) for name, word in WORDS.items()}
    asks["timeline"] = lambda n: orjson.dumps(timeline_rows(timeline(ACTOR, env, "INC-1")))
    return asks


def only_stores(env: Environment) -> dict[str, Ask]:
    """The part of the store."""
    store = env.store.tickets
    return {
        name: (lambda n, query=query: store.find(paged(query(n))))
        for name, query in QUERIES.items()
    }


def on_sqlite(store: Any) -> dict[str, Ask]:
    """Bare statements."""

    def rows(statement: str, *values: Any) -> list[Any]:
        return store._connections.reader().execute(statement, values).fetchall()

    page = f"SELECT * FROM ticket {{}} ORDER BY opened DESC, number DESC LIMIT {PAGE}"
    word = (
        "SELECT t.* FROM ticket_words w JOIN ticket t ON t.id = w.rowid"
        f" WHERE ticket_words MATCH ? ORDER BY rank LIMIT {PAGE}"
    )
    team = page.format("WHERE team = ? AND team <> ''")
    state = page.format("WHERE state = ?")
    item = (
        "SELECT t.* FROM ticket_item i JOIN ticket t ON t.number = i.ticket"
        f" WHERE i.key = ? ORDER BY t.opened DESC LIMIT {PAGE}"
    )
    log = (
        "SELECT * FROM log_entry WHERE subject = ? AND kind IN ('ticket', 'note')"
        " AND kind <> 'claim' ORDER BY seq LIMIT 200"
    )
    return bare_asks(
        store,
        lambda: rows(page.format("")),
        lambda value: rows(team, value),
        lambda value: rows(page.format("WHERE assignee = ? AND assignee <> ''"), value),
        lambda value: rows(state, value),
        lambda key: rows(item, key),
        lambda text: rows(word, text),
        lambda number: rows(log, number),
    )


def on_neo4j(store: Any) -> dict[str, Ask]:
    """Bare statements."""

    def rows(statement: str, **values: Any) -> list[Any]:
        return store._connection.rows(statement, **values)

    page = (
        "MATCH (t:Ticket) WHERE t.opened IS NOT NULL AND t.number IS NOT NULL"
        f" RETURN t ORDER BY t.opened DESC, t.number DESC LIMIT {PAGE}"
    )
    column = (
        "MATCH (t:Ticket {{{0}: $v}}) WHERE t.opened IS NOT NULL"
        f" RETURN t ORDER BY t.{{0}} DESC, t.opened DESC LIMIT {PAGE}"
    )
    word = (
        "CALL db.index.fulltext.queryNodes('ticket_texts', $v, {limit: " + str(PAGE) + "})"
        " YIELD node RETURN node"
    )
    item = f"MATCH (c:CI {{key: $v}})<--(t:Ticket) RETURN t ORDER BY t.opened DESC LIMIT {PAGE}"
    log = "MATCH (e:LogEntry {subject: $v}) RETURN e ORDER BY e.seq LIMIT 200"
    return bare_asks(
        store,
        lambda: rows(page),
        lambda value: rows(column.format("team"), v=value),
        lambda value: rows(column.format("assignee"), v=value),
        lambda value: rows(column.format("state"), v=value),
        lambda key: rows(item, v=key),
        lambda text: rows(word, v=text),
        lambda number: rows(log, v=number),
    )


def bare_asks(
    store: Any,
    page: Callable[[], Any],
    team: Callable[[str], Any],
    assignee: Callable[[str], Any],
    state: Callable[[str], Any],
    item: Callable[[str], Any],
    search: Callable[[str], Any],
    log: Callable[[str], Any],
) -> dict[str, Ask]:
    """The bare question beside each of ours; where no one index fits, that of a page."""
    known: list[str] = []

    def of_item(n: int) -> Any:
        if not known:
            known.extend(one.items[0].name for one in store.tickets.find(TicketQuery(limit=ROUNDS)))
        return item(known[n % len(known)])

    words = {name: (lambda n, word=word: search(words_of(word)[0])) for name, word in WORDS.items()}
    return {
        "list": lambda n: page(),
        "team": lambda n: team(f"team{n % TEAMS}"),
        "assignee": lambda n: assignee(f"u{n % USERS}"),
        "state": lambda n: state("in_progress"),
        "category": lambda n: page(),
        "team, state, category": lambda n: team(f"team{n % TEAMS}"),
        "of a CI": of_item,
        **words,
        "timeline": lambda n: log("INC-1"),
    }


def ticking(env: Environment, size: int) -> Row:
    """Looking for what is due, looking after what is, and when each clock will be breached."""
    for _ in range(size // 1_000 + 2):  # until all are aimed by the settings in force
        tick_tickets(env)
    made: Row = {"nothing_due_ms": min(seconds(lambda: tick_tickets(env)) for _ in range(5)) * 1e3}
    due = env.store.tickets.find(TicketQuery(sort="due", limit=1_000))
    env.clock.now = due[-1].due  # type: ignore[attr-defined]
    start = time.perf_counter()
    made["looked_after"] = tick_tickets(env)
    made["due_s"] = time.perf_counter() - start
    calendars = settings(env).working_times
    records = env.store.tickets.find(TicketQuery(open=True, limit=size // 2))
    clocks = [clock for one in records for clock in ticket_of(one).clocks.values()]
    clocks = (clocks * (size // len(clocks) + 1))[:size]
    forecast(clocks[:10], calendars)
    made["clocks"] = len(clocks)
    made["forecast_s"] = seconds(lambda: forecast(clocks, calendars))
    return made
