"""Saved snapshots under kills and under load: the old one or the new one, and never a wrong answer.

Run as a program (`python -m tests.faults.test_saved_snapshots FILE FOLDER`) it commits and saves
until it is killed, and prints the number of each commit whose snapshot was saved.
"""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.states import DOWN
from cmdb.services import following
from cmdb.services.environment import Environment
from cmdb.services.points import SavedPoints
from cmdb.services.ports import RelationQuery
from cmdb.services.replay import replayed
from cmdb.stores.archive import SnapshotFolder
from cmdb.stores.sqlite import SQLiteStore
from tests.contract.records import claim, commit, item, relation
from tests.unit.test_serialization import assert_same

ROOT = Path(__file__).resolve().parents[2]
CIS = 500


def opened(file, folder):
    return Environment(SQLiteStore(Path(file)), archive=SnapshotFolder(Path(folder), 3, 10**9))


def grow(store, number):
    """One commit: a CI, what it depends on, and another name for an older one."""
    if number == 0:
        new = [item(f"k{n}", number=-2 - n) for n in range(CIS)]
        new += [relation(f"k{n}", "depends_on", f"k{n // 3}", number=-2 - n) for n in range(CIS)]
        said = [claim("ci", "s", f"k{n}", -2 - n) for n in range(CIS)]
        return commit(
            store, *new, *said, *(claim("relation", "s", f"r{n}", -2 - n) for n in range(CIS))
        )
    key, new_key = f"k{number % CIS}", f"new-{number}"
    before = store.items([key])[key]
    return commit(
        store,
        item(new_key, number=-2),
        relation(new_key, "depends_on", key, number=-2),
        claim("ci", "s", new_key, -2, observed_at=50.0 + number, confirmed_at=50.0 + number),
        claim("relation", "s", new_key, -2, observed_at=50.0 + number, confirmed_at=50.0 + number),
        (before, item(key, name=f"name {number}", status="live" if number % 3 else "retired")),
        *(removed(store, f"new-{number - 2}") if number % 4 == 3 else ()),
    )


def removed(store, key):
    """What removes a CI with its relations."""
    relations = store.find_relations(RelationQuery(key=key))
    return [(one, None) for one in (*relations, store.items([key])[key])]


def main(file: str, folder: str) -> None:
    """Commit and save until killed."""
    env = opened(file, folder)
    kept = SavedPoints(env.store, SnapshotFolder(Path(folder), 3, 10**9))
    number = env.store.seq()
    print("ready", flush=True)
    while True:
        grow(env.store, number)
        snapshot = env.snapshot()
        kept.save(snapshot, kept.mark(snapshot))
        print(snapshot.seq, flush=True)
        number += 1


def save_and_kill(file, folder, saves):
    """The last commit whose snapshot was saved by a process that is killed after some saves."""
    saver = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.test_saved_snapshots", str(file), str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with saver:
        assert saver.stdout.readline() == "ready\n"
        last = 0
        for _ in range(saves):
            last = int(saver.stdout.readline())
        saver.kill()
        for line in saver.stdout:
            if line.endswith("\n"):
                last = int(line)
    return last


def rounds(tmp_path, count, caplog, monkeypatch):
    """After each kill the next start is whole, from a saved snapshot, and nothing is damaged."""
    chance = random.Random(count)
    file, folder = tmp_path / "cmdb.db", tmp_path / "snapshots"
    for _ in range(count):
        last = save_and_kill(file, folder, chance.randint(1, 12))
        env = opened(file, folder)
        points = SnapshotFolder(folder, 3, 10**9).seqs()
        assert max(points) >= last
        with monkeypatch.context() as patch:
            patch.setattr(env.store, "topology", None)  # the store need not be read
            snapshot = env.snapshot()
            past = [env.snapshot_at(seq) for seq in points]
        assert_same(snapshot, Environment(env.store).snapshot())
        for one in past:
            assert_same(one, replayed(env.store, one.seq))
        assert caplog.records == []
        env.close()


def test_kills_while_saving(tmp_path, caplog, monkeypatch):
    rounds(tmp_path, 3, caplog, monkeypatch)


@pytest.mark.nightly
def test_many_kills_while_saving(tmp_path, caplog, monkeypatch):
    rounds(tmp_path, 40, caplog, monkeypatch)


def answered(snapshot):
    return snapshot.seq, BlastRadius(snapshot, {snapshot.number("k0"): DOWN}, 0.0).answer()


def test_answers_while_all_goes_on(backend, tmp_path, monkeypatch):
    """Every answer is that of a snapshot built anew at its commit, and none is out of date.

    Readers ask while commits come, changes are compacted, snapshots are saved, and one reader reads
    the whole store again and again.
    """
    monkeypatch.setattr(following, "FEWEST_CHANGED", 8)
    monkeypatch.setattr(following, "MOST_CHANGED", 8)
    monkeypatch.setattr(following, "SLOW_SECONDS", -1.0)
    store = backend.open()
    env = Environment(store, archive=SnapshotFolder(tmp_path / "snapshots", 3, 10**9))
    acknowledged = [grow(store, 0).seq]
    done, answers, errors = threading.Event(), [], []

    def ask(anew):
        try:
            while not done.is_set():
                least = acknowledged[-1]
                asked = Environment(store) if anew else env
                answers.append(answered(asked.snapshot()))
                assert answers[-1][0] >= least
        except Exception as error:
            errors.append(error)

    readers = [threading.Thread(target=ask, args=(anew,)) for anew in (False, False, True)]
    for one in readers:
        one.start()
    for number in range(1, 80):
        acknowledged.append(grow(store, number).seq)
    done.set()
    for one in readers:
        one.join()
    assert errors == []
    by_seq = dict(answers)
    assert all(by_seq[seq] == answer for seq, answer in answers)
    for seq in random.Random(1).sample(sorted(by_seq), min(25, len(by_seq))):
        assert answered(replayed(store, seq))[1] == by_seq[seq]
    assert_same(env.snapshot(), Environment(store).snapshot())
    env.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
