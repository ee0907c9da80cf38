"""Many who work on the same tickets at the same time: each step is refused, or done once."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from cmdb.errors import CMDBError
from cmdb.services.environment import Environment
from cmdb.services.ticketing.editing import edit_ticket
from cmdb.services.ticketing.notes import write_note
from cmdb.services.ticketing.opening import Opening, open_ticket
from cmdb.services.ticketing.steps import take_step
from cmdb.tickets.defaults import default_processes
from tests.contract.ticket_world import Clock, actor, peopled

PROCESS = default_processes()["incident"]
VALUES = {
    **{"category": "network", "impact": 2, "urgency": 2, "team": "network", "assignee": "fay"},
    **{"reason": "x", "solution": "x", "waiting_for": "x", "line": 2},
}
STEPS = [
    one
    for one in PROCESS.steps
    if "service_desk" in one.roles and one.name not in ("convert", "merge")
]
THREADS, ROUNDS = 4, 30


def worker(env, seed, numbers):
    """Try steps, edits and notes at random; the reasons of what was done."""
    chance, ann, done = random.Random(seed), actor("ann"), Counter()
    for _ in range(ROUNDS):
        number, step = chance.choice(numbers), chance.choice(STEPS)
        acts = {
            step.name: lambda n=number, s=step: take_step(
                ann, env, n, s.name, {name: VALUES[name] for name in s.requires}
            ),
            "edited": lambda n=number: edit_ticket(
                ann, env, n, {"description": str(chance.random())}
            ),
            "note": lambda n=number: write_note(ann, env, n, "hello"),
        }
        name = chance.choice([step.name, step.name, step.name, "edited", "note"])
        try:
            acts[name]()
        except CMDBError as error:
            assert "cannot be done while" in str(error) or "closed" in str(error)  # noqa: PT017
        else:
            done[f"{number}: {name}"] += 1
        if chance.random() < 0.1:
            opened = open_ticket(ann, env, Opening("incident", {"title": "another"}))
            done["opened incident", opened.number] += 1
    return done


def test_each_step_is_refused_or_done_once(backend):
    clock = Clock()
    envs = [peopled(backend.open(), clock), Environment(backend.open(), clock)]
    env, store = envs[0], envs[0].store
    numbers = [
        open_ticket(actor("ann"), env, Opening("incident", {"title": "it is down"})).number
        for _ in range(3)
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        jobs = [pool.submit(worker, envs[n % 2], n, numbers) for n in range(THREADS)]
        done = sum((job.result() for job in jobs), Counter())
    opened = {one[1] for one in done if isinstance(one, tuple)}
    assert {*numbers, *opened} == {f"INC-{n}" for n in range(1, len(numbers) + len(opened) + 1)}
    arcs = {(source, one.target, one.name) for one in PROCESS.steps for source in one.sources}
    logged = Counter()
    for number in numbers:
        last, record = None, store.tickets.tickets([number])[number]
        for commit in store.tickets.timeline(number, 0, 10_000):
            for entry in commit.entries:
                logged[commit.reason] += 1
                if entry.kind != "ticket":
                    continue
                assert entry.before == last
                step = commit.reason.partition(": ")[2]
                if last is not None and step != "edited":
                    after = {
                        target for a, target, name in arcs if (a, name) == (last["state"], step)
                    }
                    assert after
                    assert entry.after["state"] in after | {"assigned"}  # dispatched by itself
                last = entry.after
        assert last == record.content()
    assert logged.pop("opened incident") == 3
    assert logged == {one: count for one, count in done.items() if isinstance(one, str)}
