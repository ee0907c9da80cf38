"""Many writers and readers at once: no gap, no number twice, no lost update, nothing half seen."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from cmdb.errors import Conflict
from tests.contract.records import claim, commit, estate, item, relation

ROOT = Path(__file__).resolve().parents[2]
THREADS, COMMITS = 4, 25


def in_threads(work):
    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(work, n) for n in range(THREADS)]]


def write(store, name, count):
    for number in range(count):
        a, b = f"{name}-{number}-a", f"{name}-{number}-b"
        yield commit(store, item(a), item(b), relation(a, "uses", b)).seq


def check(store, commits, seqs):
    assert sorted(seqs) == list(range(1, commits + 1))
    log = store.log(0)
    assert [one.seq for one in log] == list(range(1, commits + 1))
    assert {len(one.entries) for one in log} == {3}
    topology = store.topology()
    assert [one.number for one in topology.items] == list(range(2 * commits))
    assert [one.number for one in topology.relations] == list(range(commits))


def test_threads(store):
    seqs = in_threads(lambda n: list(write(store, n, COMMITS)))
    for own in seqs:
        assert own == sorted(own)
    check(store, THREADS * COMMITS, [seq for own in seqs for seq in own])


def test_processes(backend, store):
    count = 25
    command = [sys.executable, "-m", "tests.contract.committer", backend.spec()]
    writers = [
        subprocess.Popen(
            [*command, name, str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    seqs = list(write(store, "own", count))
    for writer in writers:
        seqs += map(int, writer.communicate(timeout=60)[0].split())
        assert writer.returncode == 0
    check(store, 3 * count, seqs)


def test_no_update_is_lost(store):
    estate(store, "counter", attributes={"n": 0})

    def count_up(_):
        for _ in range(10):
            while True:
                known = store.items(["counter"])["counter"]
                n = known.attributes["n"] + 1
                try:
                    commit(store, (known, replace(known, attributes={"n": n})))
                    break
                except Conflict:
                    continue

    in_threads(count_up)
    assert store.items(["counter"])["counter"].attributes == {"n": 10 * THREADS}
    assert store.seq() == 1 + 10 * THREADS


def test_one_of_many_that_create_the_same_wins(store):
    estate(store, "a", "b")

    def create(n):
        try:
            commit(store, relation("a", "uses", "b", strength="hard"), claim("ci", "s", "k", n % 2))
        except Conflict:
            return 0
        return 1

    assert sum(in_threads(create)) == 1
    assert store.seq() == 2
    assert [one.number for one in store.topology().relations] == [0]


def test_readers_see_commits_whole(store):
    done = threading.Event()
    per_commit = 60

    def writer():
        try:
            for number in range(20):
                keys = [f"{number}-{n}" for n in range(per_commit)]
                links = (relation(a, "uses", b) for a, b in pairwise(keys))
                commit(store, *map(item, keys), *links)
        finally:
            done.set()

    def follow(_):
        seen = 0
        while True:
            last = done.is_set()
            for one in store.log(seen):
                assert one.seq == seen + 1
                assert len(one.entries) == 2 * per_commit - 1
                seen = one.seq
            topology = store.topology()
            assert len(topology.items) >= topology.seq * per_commit
            assert len(topology.relations) >= topology.seq * (per_commit - 1)
            if last:
                return seen

    with ThreadPoolExecutor(3) as pool:
        following = [pool.submit(follow, n) for n in range(2)]
        pool.submit(writer).result()
        assert [one.result() for one in following] == [20, 20]


def test_several_open_a_new_database_at_once(backend):
    seqs = in_threads(lambda n: commit(backend.open(), item(f"k{n}")).seq)
    assert sorted(seqs) == [1, 2, 3, 4]
