"""Tickets of a year on a generated estate, in English and Chinese, written by change sets."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import numpy as np

from benchmarks.estates import layered
from cmdb.identity.changes import Change, ChangeSet
from cmdb.schema.records import ConfigurationItem, TicketRecord, Tie
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ports import GraphStore, Signature
from cmdb.services.ticket_configuration import settings
from cmdb.services.users import create_user
from cmdb.tickets.clocks import Clock
from cmdb.tickets.configuration.in_force import TicketSettings
from cmdb.tickets.record import record_of
from cmdb.tickets.ticket import Ticket

ACTOR = Actor("benchmark", frozenset({"administrator"}))
NOW = 1_800_014_400.0
YEAR = 365 * 86_400.0
BATCH, OPEN = 5_000, 0.2
USERS, TEAMS, SITES = 50, 20, 40
CATEGORIES = ("hardware", "software", "network", "database", "access", "security")
ENGLISH = (
    "server",
    "disk",
    "mail",
    "login",
    "slow",
    "printer",
    "backup",
    "cable",
    "update",
    "full",
)
CHINESE = ("服务器", "网络", "数据库", "无法登录", "响应缓慢", "磁盘已满", "打印机", "备份失败")
RARE = ("zeppelin", "主板烧毁")
"""Words of one ticket in 5,000."""

COMMON = ("server", "网络")
One = TypeVar("One")


def batches(ones: Iterable[One], size: int = BATCH) -> Iterator[list[One]]:
    """The ones, so many at a time."""
    rest = iter(ones)
    while batch := list(islice(rest, size)):
        yield batch


def fill(env: Environment, size: int) -> None:
    """So many CIs, people, and as many tickets."""
    store, signed = env.store, Signature("benchmark", NOW, "benchmark")
    data = layered(size).data()
    items = (
        ConfigurationItem(
            one["key"], one["type"], one["key"], attributes={"site": f"s{n % SITES}"}, number=-1 - n
        )
        for n, one in enumerate(data["cis"])
    )
    for batch in batches(items):
        store.commit(ChangeSet(items=[Change(None, one) for one in batch]), signed)
    for n in range(USERS):
        values = {"name": f"u{n}", "roles": ["fulfiller"], "teams": [f"team{n % TEAMS}"]}
        create_user(ACTOR, env, {**values, "email": f"u{n}@example.org"})
    keys = [one["key"] for one in data["cis"]]
    for records in batches(tickets(settings(env), keys, size)):
        store.commit(ChangeSet(tickets=[Change(None, one) for one in records]), signed)


def tickets(in_force: TicketSettings, keys: list[str], size: int) -> Iterator[TicketRecord]:
    """Incidents of a year, the last of them open, with nothing due yet."""
    chance, process = np.random.default_rng(5), in_force.processes["incident"]
    days, calendars = in_force.days, in_force.working_times
    ended = int(size * (1 - OPEN))
    for n in range(size):
        age = YEAR * (size - n) / size if n < ended else 1500.0 * (size - n) / (size - ended)
        opened = NOW - age
        priority = 3 if n >= ended else int(chance.integers(1, 4))
        words = [str(one) for one in chance.choice(ENGLISH if n % 2 else CHINESE, 3, replace=False)]
        if n % 5_000 < 2:
            words.append(RARE[n % 5_000])
        text = (" " if n % 2 else "").join(words)
        user = int(chance.integers(USERS))
        fields = {
            **{"title": text, "description": f"{text}. {text} since this morning."},
            **{"priority": priority, "impact": priority, "urgency": priority},
            **{"team": f"team{user % TEAMS}", "assignee": f"u{user}", "requester": f"u{n % USERS}"},
            "category": CATEGORIES[int(chance.integers(len(CATEGORIES)))],
        }
        levels = in_force.levels_for("incident", priority)
        clocks = {
            name: Clock(level.target(days[level.calendar]), opened, ((opened + 60, opened + 90),))
            for name, level in levels.items()
        }
        state = "in_progress"
        if n < ended:
            state, fields["solution"] = "closed", "restarted"
            clocks = {name: clock.stop(opened + 600) for name, clock in clocks.items()}
        ties = tuple(Tie("affected", keys[int(k)]) for k in chance.integers(0, len(keys), 2))
        ticket = Ticket(f"INC-{n + 1}", "incident", 1, state, opened, opened, fields, clocks, ties)
        yield record_of(process, ticket, opened, calendars)


def history(store: GraphStore, number: str, count: int) -> None:
    """Many changes of one ticket."""
    signed = Signature("benchmark", NOW, "benchmark")
    for n in range(count):
        known = store.tickets.tickets([number])[number]
        body = {**known.body, "fields": {**known.body["fields"], "line": n}}
        after = TicketRecord(
            **{**{name: getattr(known, name) for name in TicketRecord.__slots__}, "body": body}
        )
        store.commit(ChangeSet(tickets=[Change(known, after)]), signed)
