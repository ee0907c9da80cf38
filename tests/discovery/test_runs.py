"""Runs: shards are done once, failures are tried again, and what is found is kept."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cmdb.errors import CMDBError, Conflict, InvalidInput
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.items import get_item
from cmdb.services.runs import undo_run
from discovery import readers, runs, working
from discovery.jobs import pause_job, put_job
from discovery.runs import SILENT, NetworkBusy, cancel_run, list_runs, read_run, read_shards
from discovery.ticking import tick
from discovery.working import work
from tests.discovery.scripted import Gate, ScriptedAgent

ROOT = Actor("root", frozenset({"administrator"}))
DAY = 86_400.0
NETS = ("10.0.0.0/30", "10.0.0.8/30")
HOSTS = {NETS[0]: ["10.0.0.1", "10.0.0.2"], NETS[1]: ["10.0.0.9"]}


class World:
    """A store, a clock, and an agent that does what the test says."""

    def __init__(self, store, agent):
        self.now, self.agent = 1000 * DAY, agent
        self.env = Environment(store, lambda: self.now)

    def job(self, **more):
        values = {"name": "lab", "agent": "scripted", "networks": list(NETS), "site": "lab"}
        return put_job(ROOT, self.env, values | more)

    def start(self, name="lab"):
        return runs.start_run(ROOT, self.env, name, "by hand").id

    def run(self, name="lab", after=0.0):
        self.now += after
        return work(ROOT, self.env, self.start(name))

    def keys(self):
        return sorted(item.key for item in self.env.store.items_by_number(range(1000)).values())

    def status(self, key):
        return get_item(ROOT, self.env, key).item.status


@pytest.fixture
def world(store, monkeypatch):
    agent = ScriptedAgent(dict(HOSTS))
    known = readers.agent
    monkeypatch.setattr(readers, "agent", lambda name: agent if name == "scripted" else known(name))
    monkeypatch.setattr(working, "LOOK", 0.02)
    return World(store, agent)


def test_a_run_finds_what_is_there_and_says_what_it_did(world):
    world.job()
    run = world.run()
    assert (run.state, run.missing, run.frozen) == ("done", 0, False)
    assert world.keys() == ["10.0.0.1", "10.0.0.2", "10.0.0.9"]
    first, second = read_shards(world.env, run.id)
    assert (first.state, first.done, first.packets) == ("done", 1.0, 1)
    assert first.counts["items"] == {"created": 2}
    assert (first.commands, second.commands) == ((f"look at {NETS[0]}",), (f"look at {NETS[1]}",))
    reasons = [commit.reason for commit in world.env.store.log(0)]
    assert f"ran a command in shard {NETS[0]} of {run.id}" in reasons
    again = world.run(after=60)
    assert read_shards(world.env, again.id)[0].counts["items"] == {"unchanged": 2}
    undo_run(ROOT, world.env, again.id)
    undo_run(ROOT, world.env, run.id)
    assert world.keys() == []


def test_what_was_denied_is_not_even_planned(world):
    world.job(deny=["10.0.0.2/32", "10.0.0.8/30"])
    run = world.run()
    assert [one.id for one in read_shards(world.env, run.id)] == ["10.0.0.0/31", "10.0.0.3/32"]


def test_a_failed_shard_is_tried_again_and_then_given_up(world):
    def fail(shard, context):
        raise ValueError("broken") if shard.id == NETS[0] else InvalidInput(place="x", detail="y")

    world.agent.before = fail
    world.job(retries=2)
    run = world.run()
    assert run.state == "failed"
    first, second = read_shards(world.env, run.id)
    assert (first.state, first.attempts, first.error_count) == ("failed", 3, 3)
    assert first.errors[0] == "CMDBError: ValueError: broken"
    assert second.errors[0] == "InvalidInput: x: y"


def test_one_failed_shard_does_not_fail_the_run(world):
    world.agent.before = lambda shard, context: 1 / (shard.id != NETS[0])
    world.job(retries=0)
    run = world.run()
    assert run.state == "done"
    assert world.keys() == ["10.0.0.9"]


def test_cancelling_keeps_what_is_found_and_ends_at_once(world):
    gate = Gate()

    def hold(shard, context):
        if shard.id == NETS[1]:
            gate(shard, context)

    world.agent.before = hold
    world.job()
    run = world.start()
    with ThreadPoolExecutor() as pool:
        done = pool.submit(work, ROOT, world.env, run)
        assert gate.reached.wait(10)
        cancel_run(ROOT, world.env, run)
        assert done.result(10).state == "cancelled"
    assert [one.state for one in read_shards(world.env, run)] == ["done", "cancelled"]
    assert world.keys() == ["10.0.0.1", "10.0.0.2"]
    assert cancel_run(ROOT, world.env, run).state == "cancelled"


def test_a_worker_that_stops_leaves_the_rest_to_another(world):
    gate, stop = Gate(), threading.Event()
    world.agent.before = gate
    world.job()
    run = world.start()
    with ThreadPoolExecutor() as pool:
        left = pool.submit(work, ROOT, world.env, run, stop)
        assert gate.reached.wait(10)
        stop.set()
        assert left.result(10).state == "running"
    world.agent.before = lambda shard, context: None
    assert work(ROOT, world.env, run).state == "done"
    assert world.keys() == ["10.0.0.1", "10.0.0.2", "10.0.0.9"]


def test_the_shard_of_a_dead_worker_is_taken_up_and_done_once(world):
    world.job()
    run = world.start()
    taken = runs.take_shard(world.env, ROOT, run, "dead")
    assert work(ROOT, world.env, run).state == "running"  # the other shard is done meanwhile
    assert [one.state for one in read_shards(world.env, run)] == ["running", "done"]
    world.now += SILENT + 1
    assert work(ROOT, world.env, run).state == "done"
    assert world.agent.ran == [NETS[1], NETS[0]]
    with pytest.raises(Conflict):
        runs.change_shard(world.env, ROOT, run, taken, taken, "is late with")


def test_many_workers_do_each_shard_once(world):
    networks = [f"10.1.{n}.0/30" for n in range(12)]
    world.agent.hosts = {net: [net.replace("0/30", "1")] for net in networks}
    world.job(networks=networks)
    run = world.start()
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, ROOT, world.env, run) for _ in range(4)]:
            done.result(60)
    assert work(ROOT, world.env, run).state == "done"
    assert sorted(world.agent.ran) == sorted(networks)
    assert len(world.keys()) == 12


def test_one_run_at_a_time_on_a_network(world):
    world.job()
    world.job(name="other", networks=["10.0.0.0/28"])
    world.job(name="elsewhere", networks=["10.0.0.0/28"], site="another")
    run = world.start()
    for name in ("lab", "other"):
        with pytest.raises(NetworkBusy, match=run):
            world.start(name)
    assert world.start("elsewhere")
    work(ROOT, world.env, run)
    assert world.start("other")


def test_ticks_start_what_is_due_once(world):
    world.job(schedule={"every": 3600})
    with ThreadPoolExecutor(4) as pool:
        ticks = [pool.submit(tick, ROOT, world.env) for _ in range(4)]
        assert all(one.result(30)[1] == [] for one in ticks)
    (run,) = list_runs(ROOT, world.env)
    assert [one.id for one in tick(ROOT, world.env)[0]] == [run.id]  # it has work
    work(ROOT, world.env, run.id)
    assert tick(ROOT, world.env) == ([], [])
    world.now += 3600
    assert len(tick(ROOT, world.env)[0]) == 1
    assert len(list_runs(ROOT, world.env)) == 2


def test_a_paused_job_and_a_closed_window_start_nothing(world):
    world.job(schedule={"every": 60})
    pause_job(ROOT, world.env, "lab")
    assert tick(ROOT, world.env) == ([], [])
    pause_job(ROOT, world.env, "lab", paused=False)
    window = {"start": "22:00", "end": "06:00"}
    world.job(schedule={"every": 60}, windows=[window])
    world.now = 1000 * DAY + 12 * 3600
    assert tick(ROOT, world.env) == ([], [])
    world.now += 11 * 3600
    assert len(tick(ROOT, world.env)[0]) == 1


def test_a_window_that_closes_pauses_the_run(world):
    gate = Gate()
    world.agent.before = gate
    world.now = 1000 * DAY + 23 * 3600
    world.job(windows=[{"start": "22:00", "end": "06:00"}], deadline=7 * 86_400)
    run = world.start()
    with ThreadPoolExecutor() as pool:
        done = pool.submit(work, ROOT, world.env, run)
        assert gate.reached.wait(10)
        world.now += 8 * 3600
        assert done.result(10).state == "running"
    assert [one.state for one in read_shards(world.env, run)] == ["waiting", "waiting"]
    assert work(ROOT, world.env, run).state == "running"
    assert tick(ROOT, world.env) == ([], [])
    world.now += 16 * 3600
    world.agent.before = lambda shard, context: None
    assert [one.id for one in tick(ROOT, world.env)[0]] == [run]
    assert work(ROOT, world.env, run).state == "done"


def test_the_deadline_ends_a_run(world):
    world.job(deadline=60)
    run = world.start()
    world.now += 61
    assert work(ROOT, world.env, run).state == "cancelled"
    assert world.agent.ran == []


def test_misses_make_it_missing_then_retired_and_seeing_it_again_live(world):
    world.job(networks=[NETS[0]])
    world.run()
    world.agent.hosts = {NETS[0]: ["10.0.0.1"]}
    for _ in range(3):
        assert world.run(after=DAY).missing == 0
    assert world.status("10.0.0.2") == "live"
    assert world.run(after=DAY).missing == 1
    assert (world.status("10.0.0.2"), world.status("10.0.0.1")) == ("missing", "live")
    world.run(after=80 * DAY)
    assert world.status("10.0.0.2") == "retired"
    world.agent.hosts = dict(HOSTS)
    assert world.run(after=DAY).missing == 0
    assert world.status("10.0.0.2") == "live"


def test_what_another_source_sees_is_not_missing(world):
    world.job(networks=[NETS[0]])
    world.job(name="other", networks=["10.0.0.0/29"], source="other")
    world.agent.hosts["10.0.0.0/29"] = ["10.0.0.2"]
    world.run()
    world.agent.hosts[NETS[0]] = ["10.0.0.1"]
    for _ in range(5):
        world.run(after=DAY)
        world.run("other", after=60)
    assert world.status("10.0.0.2") == "live"


def test_a_shard_that_was_not_whole_and_another_method_miss_nothing(world):
    world.job(networks=[NETS[0]])
    world.run()
    world.agent.hosts = {}
    world.job(networks=[NETS[0]], profile="other")
    for _ in range(5):
        world.run(after=DAY)
    world.job(networks=[NETS[0]], retries=0)

    def fail(shard, context):
        raise CMDBError(detail="x")

    world.agent.before = fail
    for _ in range(5):
        world.run(after=DAY)
    assert world.status("10.0.0.1") == world.status("10.0.0.2") == "live"


def test_too_much_that_vanishes_at_once_freezes(world):
    hosts = [f"10.2.0.{n}" for n in range(1, 31)]
    world.agent.hosts = {"10.2.0.0/24": hosts}
    world.job(networks=["10.2.0.0/24"])
    world.run()
    world.agent.hosts = {"10.2.0.0/24": hosts[:20]}
    for _ in range(5):
        assert world.run(after=DAY).frozen
    assert {world.status(one) for one in hosts} == {"live"}
    world.agent.hosts = {"10.2.0.0/24": hosts[:26]}
    for _ in range(4):
        assert not world.run(after=DAY).frozen
    assert [world.status(one) for one in hosts[24:28]] == ["live", "live", "missing", "missing"]


def test_old_runs_go_and_their_log_stays(world, monkeypatch):
    monkeypatch.setattr(runs, "KEPT", 3)
    world.job(networks=[NETS[0]])
    made = [world.run(after=60).id for _ in range(5)]
    kept = [one.id for one in list_runs(ROOT, world.env, "lab")]
    assert kept == made[:1:-1]
    assert read_shards(world.env, made[0]) == []
    assert read_run(world.env, made[-1]).state == "done"
