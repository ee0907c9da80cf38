"""The importing process is killed with SIGKILL, again and again: nothing acknowledged is lost."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.reports import export_estate
from discovery.agents.estate import parse
from tests.faults.importer import SIZE, estate

ROOT = Path(__file__).parents[2]
ADMINISTRATOR = Actor("test", frozenset({"administrator"}))


def import_and_kill(backend, round_number, commits_before_kill):
    """The acknowledged commits of one import that is killed after some of them."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.importer", backend.spec(), str(round_number)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    acknowledged = []
    with writer:
        assert writer.stdout.readline() == "ready\n"
        while len(acknowledged) < commits_before_kill:
            line = writer.stdout.readline()
            if not line:
                break
            acknowledged.append(int(line))
        writer.kill()
        acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]
    return acknowledged


def whole_log(store):
    commits = []
    while page := store.log(commits[-1].seq if commits else 0):
        commits += page
    return commits


def assert_log_is_the_store(store):
    """No gap in the log, and the store holds just what the log says: no commit is half there."""
    commits = whole_log(store)
    assert [c.seq for c in commits] == list(range(1, store.seq() + 1))
    items, relations = {}, {}
    for entry in (entry for commit in commits for entry in commit.entries):
        if entry.kind == "ci":
            items[entry.subject] = entry.after
        elif entry.kind == "relation":
            relations[int(entry.subject)] = entry.after
    relations = {number: after for number, after in relations.items() if after is not None}
    held = store.items(items)
    assert {k: {**i.content(), "number": i.number} for k, i in held.items()} == items
    known = store.relations_by_number(relations)
    assert {n: {**r.content(), "number": r.number} for n, r in known.items()} == relations
    topology = store.topology()
    assert len(list(topology.items)) == len(items)
    assert len(list(topology.relations)) == len(relations)
    claims = store.claims_about("ci", [item.number for item in held.values()])
    assert all(claims[item.number] for item in held.values())


def rounds(backend, count):
    chance = random.Random(count)
    for number in range(count):
        acknowledged = import_and_kill(backend, number, chance.randint(0, 12))
        store = backend.open()
        assert store.seq() >= max(acknowledged, default=0)
        if number % 10 == count % 10 or number == count - 1:
            assert_log_is_the_store(store)
        store.close()
    store = backend.open()
    env = Environment(store)
    report = ingest(
        ADMINISTRATOR,
        env,
        parse(estate(999)),
        source="estate",
        reason="after",
        complete=True,
        vanish=True,
    )
    assert report.errors == []
    exported = export_estate(ADMINISTRATOR, env)
    assert {ci["attributes"]["description"] for ci in exported["cis"]} == {"999"}
    assert (len(exported["cis"]), len(exported["relations"])) == (SIZE, SIZE - 1)
    assert_log_is_the_store(store)


def test_killed_imports(backend):
    rounds(backend, 5)


@pytest.mark.nightly
def test_killed_imports_for_long(backend):
    rounds(backend, 50)
