"""What a store has acknowledged survives SIGKILL, and nothing of a commit is there by half."""

import random
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.contract.backends import Backend
from tests.contract.records import commit, item
from tests.faults.writer import ENTRIES, ITEMS
from tests.neo4j_server import Neo4jServer

ROOT = Path(__file__).resolve().parents[2]


class Writer:
    """The process of writer.py, and what it was told is done: pairs of seq and batch."""

    def __init__(self, backend: Backend, name: str) -> None:
        self.acknowledged: list[tuple[int, int]] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.writer", backend.spec(), name],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            if line.endswith("\n"):
                seq, number = line.split()
                self.acknowledged.append((int(seq), int(number)))

    def await_more(self, count: int) -> None:
        """Wait until so many more commits are acknowledged."""
        wanted, deadline = len(self.acknowledged) + count, time.monotonic() + 120
        while len(self.acknowledged) < wanted:
            assert self.process.poll() is None, self.process.stderr.read()
            assert time.monotonic() < deadline, "the writer does not get on"
            time.sleep(0.005)

    def kill(self) -> list[tuple[int, int]]:
        """Kill the process; what was acknowledged."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.acknowledged


def check_log(store, start: int, name: str) -> int:
    """The commits since `start` are those of the writer `name`, in order, whole; the last seq."""
    store.topology()  # takes the commit lock: waits for what the killed writer left on the way
    seq = store.seq()
    log = store.log(start, 10**6)
    assert [one.seq for one in log] == list(range(start + 1, seq + 1))
    for number, one in enumerate(log):
        assert len(one.entries) == ENTRIES
        keys = [f"{name}-{number}-{n}" for n in range(ITEMS)]
        assert [entry.subject for entry in one.entries[:ITEMS]] == keys
        found = store.items(keys)
        assert len(found) == ITEMS
        assert {item.seq for item in found.values()} == {one.seq}
        assert len(store.claims("ci", "s", keys)) == ITEMS
        assert len(store.claims("relation", "s", keys)) == ITEMS - 1
    if log:
        last = store.document("batch", "last").body
        assert last == {"key": f"{name}-{len(log) - 1}-0"}
    return seq


def check_whole(store, batches: int, others: int) -> None:
    """There is nothing but whole batches, numbered without a gap."""
    topology = store.topology()
    count = batches * ITEMS + others
    assert [one.number for one in topology.items] == list(range(count))
    assert [one.number for one in topology.relations] == list(range(batches * (ITEMS - 1)))
    number_of = {one.key: one.number for one in topology.items}
    assert len(number_of) == count
    keys = {one.number: one.key for one in topology.items}
    for one in topology.relations:
        name, number, position = keys[one.from_number].rsplit("-", 2)
        assert keys[one.to_number] == f"{name}-{number}-{int(position) + 1}"


def rounds(backend: Backend, count: int) -> None:
    chance = random.Random(20260301)
    start = batches = 0
    for one in range(count):
        writer = Writer(backend, f"w{one}")
        try:
            writer.await_more(chance.randint(1, 5))
            time.sleep(chance.random() * 0.1)
        finally:
            acknowledged = writer.kill()
        store = backend.open()
        seq = check_log(store, start, f"w{one}")
        assert acknowledged == [(start + 1 + n, n) for n in range(len(acknowledged))]
        assert seq - start - len(acknowledged) in (0, 1)
        batches += seq - start
        check_whole(store, batches, one)
        assert commit(store, item(f"after-{one}")).seq == seq + 1
        start = seq + 1
        store.close()


def test_kills_of_the_writer(backend):
    rounds(backend, 5)


@pytest.mark.nightly
def test_many_kills_of_the_writer(backend):
    rounds(backend, 50)


def server_kills(count: int) -> None:
    chance = random.Random(20260302)
    with Neo4jServer() as server:
        access = {"uri": server.uri, "user": server.user, "password": server.password}
        with Backend("neo4j", **access) as backend:
            backend.open().close()
            writer = Writer(backend, "w")
            try:
                for _ in range(count):
                    writer.await_more(chance.randint(5, 20))
                    time.sleep(chance.random() * 0.1)
                    server.kill()
                    server.start()
                writer.await_more(5)
            finally:
                acknowledged = writer.kill()
            store = backend.open(retry_seconds=60.0)
            seq = check_log(store, 0, "w")
            assert all(a[0] + 1 == b[0] and a[1] + 1 == b[1] for a, b in pairwise(acknowledged))
            assert acknowledged[0] == (1, 0)
            assert seq - len(acknowledged) in (0, 1)
            check_whole(store, seq, 0)
            assert commit(store, item("after")).seq == seq + 1


@pytest.mark.xdist_group("neo4j")
def test_a_kill_of_the_server():
    """The writer goes on when the server is back, and does nothing twice."""
    server_kills(1)


@pytest.mark.nightly
@pytest.mark.xdist_group("neo4j")
def test_many_kills_of_the_server():
    server_kills(10)
