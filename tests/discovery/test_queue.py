"""Three workers on a real queue: each tick once, one scan of a network at a time, none left."""

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.stores.sqlite import SQLiteStore
from discovery import readers
from discovery.jobs import pause_job, put_job
from discovery.runs import list_runs, read_shards
from tests.discovery.postgres_server import postgres
from tests.discovery.scripted import ScriptedAgent

ROOT = Actor("root", frozenset({"administrator"}))
PATIENCE = 90.0


class World:
    """A store, a queue, and three workers."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address
        self.store = folder / "cmdb.db"
        self.env = Environment(SQLiteStore(self.store))
        self.workers: dict[int, subprocess.Popen[bytes]] = {}

    def add_worker(self) -> None:
        words = [sys.executable, "-m", "tests.discovery.queue_worker", self.address]
        log = (self.folder / f"worker{len(self.workers)}").open("wb")
        process = subprocess.Popen(
            [*words, f"sqlite:///{self.store}", str(self.folder)], stdout=log, stderr=log
        )
        self.workers[process.pid] = process

    def job(self, name: str, *networks: str) -> None:
        values = {"name": name, "agent": "scripted", "networks": networks}
        put_job(ROOT, self.env, {**values, "schedule": {"every": 3600}})

    def log(self) -> list[list[str]]:
        path = self.folder / "log"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def until(self, true) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            alive = [one.poll() for one in self.workers.values()]
            assert time.monotonic() < end, self.said()
            assert None in alive, self.said()
            time.sleep(0.05)

    def said(self) -> str:
        logs = sorted(self.folder.glob("worker*"))
        return "\n".join(path.read_text()[-2000:] for path in logs)

    def ended(self, count: int) -> bool:
        runs = list_runs(ROOT, self.env)
        return len(runs) == count and all(one.state == "done" for one in runs)


@pytest.fixture
def world(tmp_path, monkeypatch):
    agent = ScriptedAgent()
    known = readers.agent
    monkeypatch.setattr(readers, "agent", lambda n: agent if n == "scripted" else known(n))
    (tmp_path / "postgres").mkdir()
    with postgres(tmp_path / "postgres") as address:
        made = World(tmp_path, address)
        try:
            yield made
        finally:
            for process in made.workers.values():
                if process.poll() is None:
                    process.kill()
                process.wait()
            made.env.close()


def test_three_workers_start_each_run_once_and_scan_a_network_one_at_a_time(world):
    for number in range(6):
        world.job(f"alone-{number}", *(f"10.{number}.{n}.0/30" for n in range(3)))
    shared = ("10.99.0.0/30", "10.99.1.0/30", "10.99.2.0/30")
    world.job("first", *shared)
    world.job("second", *shared[:2])
    for _ in range(3):
        world.add_worker()
    world.until(lambda: world.ended(8))
    begun = Counter(shard for what, shard, _ in world.log() if what == "begin")
    assert begun == {
        **{f"10.{number}.{n}.0/30": 1 for number in range(6) for n in range(3)},
        **dict.fromkeys(shared[:2], 2),
        shared[2]: 1,
    }
    open_shards: set[str] = set()
    for what, shard, _ in world.log():
        if shard in shared:
            (open_shards.add if what == "begin" else open_shards.discard)(shard)
            assert len(open_shards) <= 1
    assert len({pid for _, _, pid in world.log()}) > 1  # the work was shared


def test_what_a_killed_worker_had_is_finished_by_another(world):
    (world.folder / "hold").touch()
    world.job("lab", "10.0.0.0/30", "10.0.1.0/30")
    world.add_worker()
    world.until(lambda: len(world.log()) == 1)
    (victim,) = world.workers
    world.workers[victim].send_signal(signal.SIGKILL)
    for _ in range(2):
        world.add_worker()
    world.workers.pop(victim).wait()
    (world.folder / "hold").unlink()
    world.until(lambda: world.ended(1))
    begun = [(shard, int(pid)) for what, shard, pid in world.log() if what == "begin"]
    assert begun[0] == ("10.0.0.0/30", victim)
    assert sorted(shard for shard, pid in begun if pid != victim) == ["10.0.0.0/30", "10.0.1.0/30"]
    (run,) = list_runs(ROOT, world.env)
    assert [one.state for one in read_shards(world.env, run.id)] == ["done", "done"]
    items = world.env.store.items_by_number(range(1000)).values()
    assert sorted(item.key for item in items) == ["10.0.0.1", "10.0.0.2", "10.0.1.1", "10.0.1.2"]


def test_a_worker_ends_soon_when_told_and_leaves_the_rest(world):
    (world.folder / "hold").touch()
    world.job("lab", "10.0.0.0/30")
    world.add_worker()
    world.until(lambda: len(world.log()) == 1)
    pause_job(ROOT, world.env, "lab")
    (first,) = world.workers.values()
    first.send_signal(signal.SIGTERM)
    first.wait(10)
    (run,) = list_runs(ROOT, world.env)
    assert run.state == "running"
    assert [one.state for one in read_shards(world.env, run.id)] == ["waiting"]
    (world.folder / "hold").unlink()
    world.add_worker()
    world.until(lambda: world.ended(1))
