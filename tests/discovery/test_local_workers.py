"""Workers of one node: what is due is done by threads, and what was left is gone on with."""

import threading

import pytest

from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.stores.sqlite import SQLiteStore
from discovery import readers, working
from discovery.jobs import put_job
from discovery.runs import list_runs, read_run, start_run
from discovery.workers import local
from discovery.workers.local import LocalWorkers
from tests.discovery.scripted import Gate, ScriptedAgent

ROOT = Actor("root", frozenset({"administrator"}))


@pytest.fixture
def agent(monkeypatch):
    made, known = ScriptedAgent(), readers.agent
    monkeypatch.setattr(readers, "agent", lambda n: made if n == "scripted" else known(n))
    monkeypatch.setattr(working, "LOOK", 0.02)
    monkeypatch.setattr(local, "TICK_SECONDS", 0.05)
    return made


@pytest.fixture
def env(tmp_path):
    made = Environment(SQLiteStore(tmp_path / "cmdb.db"))
    yield made
    made.close()


def job(env, name="lab", **more):
    values = {"name": name, "agent": "scripted", "networks": ["10.0.0.0/30"]}
    put_job(ROOT, env, values | more)


def test_what_is_due_is_done(env, agent):
    done = threading.Event()
    agent.before = lambda shard, context: done.set()
    job(env, schedule={"every": 3600})
    workers = LocalWorkers(env)
    workers.start()
    assert done.wait(30)
    workers.close()
    (run,) = list_runs(ROOT, env)
    assert (run.why, agent.ran) == ("schedule", ["10.0.0.0/30"])


def test_closing_ends_what_is_under_way_and_the_next_goes_on_with_it(env, agent):
    gate = Gate()
    agent.before = gate
    job(env)
    run = start_run(ROOT, env, "lab", "by hand").id
    workers = LocalWorkers(env)
    workers.start()
    assert gate.reached.wait(30)
    workers.close()
    assert read_run(env, run).state == "running"
    gate.reached.clear()
    again = LocalWorkers(env)
    again.start()
    assert gate.reached.wait(30)
    gate.opened.set()
    again.close()
    assert agent.ran == ["10.0.0.0/30"] * 2


def test_a_site_s_workers_do_its_jobs_and_no_others(env, agent):
    looked = threading.Event()
    agent.before = lambda shard, context: looked.set()
    job(env, "here", schedule={"every": 3600}, networks=["10.0.0.0/30"])
    job(env, "there", schedule={"every": 3600}, networks=["10.1.0.0/30"], worker_site="branch")
    workers = LocalWorkers(env, "branch")
    workers.start()
    assert looked.wait(30)
    workers.close()
    assert agent.ran == ["10.1.0.0/30"]
