"""Scans under way on the command line: workers, the service, and how each is stopped."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.cli.commands import serve
from discovery import agents
from discovery.workers.local import LocalWorkers
from tests.cli import with_agents
from tests.cli.conftest import Cmdb, Write
from tests.cli.discovery import PATIENCE, Process, Scan, running

SERVING = r"serving (http://\S+)"
TOKEN = r"token.*: (cmdb_\S+)"


@pytest.fixture(autouse=True)
def _no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CMDB_QUEUE", raising=False)


@pytest.fixture
def scan(tmp_path: Path) -> Iterator[Scan]:
    made = Scan(tmp_path / "fifo")
    yield made
    made.close()


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch, cmdb: Cmdb, file: Write, scan: Scan) -> None:
    """A job of the agent that never ends, which this process knows for the test."""
    monkeypatch.setattr(agents, "__path__", [*agents.__path__, with_agents.ACTING])
    values = {"name": "long", "agent": "endless", "address": str(scan.path)}
    assert cmdb("discover", "job", "set", file(values, "job.json")).code == 0


@pytest.fixture
def waiting(cmdb: Cmdb, job: None) -> str:
    """A run that waits for a worker."""
    return cmdb("discover", "run", "long", "--detached").err.split()[1]


def keys(cmdb: Cmdb) -> list[str]:
    return [one["key"] for one in cmdb("export").json["cis"]]


def state(cmdb: Cmdb, run: str) -> tuple[str, str]:
    shown = cmdb("discover", "show", run, "--format", "json").json
    return shown["state"], shown["shards"][0]["state"]


def test_a_worker_stops_a_scan_at_once_and_another_goes_on(
    cmdb: Cmdb, scan: Scan, waiting: str
) -> None:
    for _ in range(2):
        with running("worker") as worker:
            assert worker.told(r"working for (.*); Ctrl-C stops it")
            scan.begun()
            worker.process.send_signal(signal.SIGTERM)
            assert scan.gone()
            assert worker.end() == (0, "", "")
        assert state(cmdb, waiting) == ("running", "waiting")
        assert keys(cmdb) == ["10.0.0.1"]
    assert cmdb("discover", "cancel", waiting).code == 0


def test_a_run_in_the_foreground_is_cancelled_by_ctrl_c(cmdb: Cmdb, scan: Scan, job: None) -> None:
    with running("discover", "run", "long") as command:
        run = command.told("run (.*) has started")
        scan.begun()
        command.process.send_signal(signal.SIGINT)
        assert scan.gone()
        assert command.end() == (130, "", "")
    assert state(cmdb, run) == ("cancelled", "cancelled")
    assert keys(cmdb) == ["10.0.0.1"]


def test_a_run_in_the_foreground_can_be_cancelled_from_elsewhere(
    cmdb: Cmdb, scan: Scan, job: None
) -> None:
    with running("discover", "run", "long") as command:
        run = command.told("run (.*) has started")
        scan.begun()
        assert cmdb("discover", "cancel", run).code == 0
        assert scan.gone()
        code, out, err = command.end()
    assert (code, err) == (0, "")
    assert f"run {run}: cancelled" in out
    assert keys(cmdb) == ["10.0.0.1"]


class Asking:
    """What an administrator asks of a service."""

    def __init__(self, server: Process) -> None:
        self.token = server.told(TOKEN)
        self.url = server.told(SERVING)

    def __call__(self, method: str, path: str, **rest: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.url}/api/v1/discovery{path}"
        got = httpx.request(method, url, headers=headers, timeout=PATIENCE, **rest)
        assert got.status_code < 300
        return got


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_service_works_and_stops_at_once(cmdb: Cmdb, scan: Scan, workers: str) -> None:
    with running("serve", "--port", "0", "--workers", workers) as server:
        ask = Asking(server)
        ask("PUT", "/jobs/long", json={"agent": "endless", "address": str(scan.path)})
        first = ask("POST", "/jobs/long/runs").json()["id"]
        scan.begun()
        assert scan.parent == server.process.pid
        (shard,) = ask("GET", f"/runs/{first}").json()["shards"]
        assert shard["state"] == "running"
        ask("POST", f"/runs/{first}/cancel")
        assert scan.gone()
        until = {"state": "running"}
        while until["state"] == "running":
            until = ask("GET", f"/runs/{first}").json()
        second = ask("POST", "/jobs/long/runs").json()["id"]
        scan.begun()
        server.process.send_signal(signal.SIGTERM)
        assert scan.gone(5)
        assert server.end() == (0, "", "")
    assert state(cmdb, first) == ("cancelled", "cancelled")
    assert state(cmdb, second) == ("running", "waiting")
    assert keys(cmdb) == ["10.0.0.1"]


@pytest.mark.parametrize(
    ("options", "queue", "works"),
    [
        ((), None, True),
        (("--workers", "3"), None, True),
        (("--no-discovery",), None, False),
        ((), "postgresql://nobody@127.0.0.1:1/none", False),
        (("--workers", "3"), "postgresql://nobody@127.0.0.1:1/none", False),
    ],
)
def test_who_works(
    cmdb: Cmdb,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    queue: str | None,
    works: bool,
) -> None:
    if queue is not None:
        monkeypatch.setenv("CMDB_QUEUE", queue)
    order: list[str] = []
    monkeypatch.setattr(LocalWorkers, "start", lambda self: order.append("start"))
    monkeypatch.setattr(LocalWorkers, "close", lambda self: order.append("close"))
    for name in ("_server", "_supervisor"):
        monkeypatch.setattr(serve, name, lambda *arguments: lambda: order.append("serve"))
    assert cmdb("serve", "--port", "0", *options).code == 0
    assert order == (["start", "serve", "close"] if works else ["serve"])


def test_a_queue_that_is_none(cmdb: Cmdb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMDB_QUEUE", "redis://localhost")
    for command in ("serve", "worker"):
        done = cmdb(command)
        assert (done.code, done.out) == (2, "")
        assert done.err == "error: CMDB_QUEUE: write postgresql://user@host/database\n"
