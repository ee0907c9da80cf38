"""Workers that look after tickets are killed at random: each warning is told once, none is lost."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from cmdb.services.environment import Environment
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing.clockwork import tick_tickets
from cmdb.services.ticketing.opening import Opening, open_ticket
from cmdb.services.ticketing.steps import take_step
from tests.contract.ticket_world import Clock, actor, peopled

ROOT = Path(__file__).parents[2]
TICKETS, WORKERS = 60, 3
MINUTE, DAY = 60.0, 86_400.0
MOMENTS = [n * 10 * MINUTE for n in range(1, 28)]
"""Past all shares of the targets, of 30 minutes and 4 hours."""


class Workers:
    """Some processes; one that is killed is started again."""

    def __init__(self, backend, clock):
        self.words = [sys.executable, "-m", "tests.faults.ticker", backend.spec(), str(clock)]
        self.running = [self._start() for _ in range(WORKERS)]
        for one in self.running:
            assert one.stdout.readline() == "ready\n"

    def _start(self):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            self.words, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment
        )

    def kill(self, one):
        one.kill()
        one.wait()
        one.stdout.close()

    def replace(self, index):
        self.kill(self.running[index])
        self.running[index] = self._start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.running:
            self.kill(one)


def opened(env, clock):
    """Incidents of the first priority in hand, every third of them resolved."""
    values = {"title": "it is down", "impact": 1, "urgency": 1, "category": "network"}
    numbers, resolved = [], []
    for position in range(TICKETS):
        opening = Opening("incident", {**values, "team": "network", "requester": "bob"})
        number = open_ticket(actor("ann"), env, opening).number
        numbers.append(number)
        if position % 3 == 0:
            clock.now += 1
            take_step(actor("ann"), env, number, "accept", {"assignee": "fay"})
            take_step(actor("fay"), env, number, "resolve", {"solution": "restarted"})
            resolved.append(number)
    return numbers, resolved


def growth(store, number):
    """What was told of a ticket by which commit: (clock, share) for each, and of its end."""
    told, ended = [], 0
    for commit in store.tickets.timeline(number, 0, 10_000):
        for entry in commit.entries:
            before = (entry.before or {}).get("clocks", {})
            for name, clock in entry.after["clocks"].items():
                known = before.get(name, {}).get("told", [])
                told.append([(name, share) for share in clock.get("told", [])[len(known) :]])
            ended += entry.before is not None and entry.before["state"] != entry.after["state"] == (
                "closed"
            )
    return [one for one in told if one], ended


def test_workers_that_are_killed_tell_everything_once(backend, tmp_path):
    chance, clock, path = random.Random(7), Clock(), tmp_path / "clock"
    env = peopled(backend.open(), clock)
    numbers, resolved = opened(env, clock)
    start = clock.now

    def set_clock(now):
        clock.now = now
        (tmp_path / "next").write_text(str(now))
        (tmp_path / "next").replace(path)

    set_clock(start)
    with Workers(backend, path) as workers:
        for moment in MOMENTS:
            set_clock(start + moment)
            time.sleep(chance.uniform(0, 0.3))
            if chance.random() < 0.4:
                workers.replace(chance.randrange(WORKERS))
        set_clock(start + 4 * DAY)
        deadline = time.monotonic() + 30
        while env.store.tickets.find(TicketQuery(due_by=clock.now)):
            assert time.monotonic() < deadline, "the workers do nothing"
            time.sleep(0.02)
    assert tick_tickets(Environment(backend.open(), clock)) == 0
    messages = Counter(
        (
            body["parameters"]["number"],
            body["parameters"]["clock"],
            body["parameters"]["share"],
            body["recipient"],
        )
        for body in (one.body for one in env.store.documents("outbox"))
        if body["template"].startswith("sla_")
    )
    assert set(messages.values()) == {1}
    said = {one[:3] for one in messages}
    wanted = set()
    for number in numbers:
        told, ended = growth(env.store, number)
        shares = Counter(one for commit in told for one in commit)
        assert set(shares.values()) <= {1}
        if number in resolved:
            assert (shares, ended) == (Counter(), 1)
        else:
            assert len(shares) == 8
            assert not ended
        wanted |= {(number, one[-1][0], f"{one[-1][1]:.0%}") for one in told}
    assert said == wanted
