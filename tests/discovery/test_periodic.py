"""Periodic jobs: done by the workers of no site, on one node and over a real queue."""

import signal
import threading
import time

import pytest

from cmdb.errors import CMDBError
from cmdb.identity.changes import ChangeSet
from cmdb.messages.message import Message
from cmdb.services.environment import Environment
from cmdb.services.outbox import queued, waiting
from cmdb.services.ports import Signature
from cmdb.stores.sqlite import SQLiteStore
from discovery.workers import local
from discovery.workers.local import LocalWorkers
from discovery.workers.periodic import PeriodicJob, periodic_jobs
from tests.discovery.test_queue import world  # noqa: F401 - a fixture
from tests.messages.servers import MailServer


@pytest.fixture
def env(tmp_path):
    made = Environment(SQLiteStore(tmp_path / "cmdb.db"))
    yield made
    made.close()


@pytest.fixture
def mail_server(monkeypatch):
    with MailServer() as server:
        monkeypatch.setenv("CMDB_SMTP", f"smtp+plain://127.0.0.1:{server.port}")
        monkeypatch.setenv("CMDB_SMTP_FROM", "cmdb@example.org")
        yield server


def queue(env, count):
    mails = [queued(env, Message("email", f"{n}@example.org", "test")) for n in range(count)]
    env.store.commit(ChangeSet(documents=mails), Signature("test", env.clock(), "test"))


@pytest.mark.parametrize(("seconds", "cron"), [(5, "* * * * * */5"), (300, "*/5 * * * *")])
def test_cron(seconds, cron):
    assert PeriodicJob("x", seconds, print).cron == cron


def test_all_jobs_have_their_own_names(env):
    names = [one.name for one in periodic_jobs(env, threading.Event())]
    assert len(set(names)) == len(names) > 0


def test_a_job_runs_again_and_again_whatever_goes_wrong(env, monkeypatch):
    ran, enough = [], threading.Event()

    def run():
        ran.append(1)
        if len(ran) == 3:
            enough.set()
        raise CMDBError(detail="not now")

    jobs = (PeriodicJob("one", 0.02, run),)
    monkeypatch.setattr(local, "periodic_jobs", lambda env, stop: jobs)
    workers = LocalWorkers(env)
    workers.start()
    assert enough.wait(30)
    workers.close()


def test_the_workers_of_a_site_leave_them_to_the_others(env, monkeypatch):
    monkeypatch.setattr(local, "periodic_jobs", lambda env, stop: pytest.fail("not here"))
    workers = LocalWorkers(env, "branch")
    workers.start()
    workers.close()


def test_mail_is_delivered_by_the_workers_of_a_node(env, mail_server):
    queue(env, 3)
    workers = LocalWorkers(env)
    workers.start()
    end = time.monotonic() + 30
    while waiting(env):
        assert time.monotonic() < end
    workers.close()
    assert len(mail_server.received) == 3


def test_three_workers_on_a_queue_send_each_mail_once(world, mail_server):  # noqa: F811
    queue(world.env, 20)
    for _ in range(3):
        world.add_worker()
    world.until(lambda: not waiting(world.env))
    sent = sorted(to for _, (to,), _ in mail_server.received)
    assert sent == sorted(f"{n}@example.org" for n in range(20))
    for process in world.workers.values():
        process.send_signal(signal.SIGTERM)
    for process in world.workers.values():
        assert process.wait(30) == 0
